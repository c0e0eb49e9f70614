"""What can be chosen about how a run computes; each choice with what it means. Imports no torch."""

from __future__ import annotations

PRECISIONS = {
    "fp32": "Single precision throughout.",
    "bf16": "bfloat16 where it is safe (autocast); on processors and GPUs that compute it natively.",
    "fp16": "float16 where it is safe, with loss scaling; GPUs only.",
}
