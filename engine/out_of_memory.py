"""Recognising out-of-memory errors of any device, and their message to the user."""

import re

_MEMORY = re.compile(r"OutOfMemoryError|CUDA out of memory|CUDA error: out of memory|CUBLAS_STATUS_ALLOC_FAILED|"
                     r"MPS backend out of memory|can't allocate memory|MemoryError|Cannot allocate memory|"
                     r"std::bad_alloc")
_GPU_MEMORY = re.compile(r"(torch|cuda)\.OutOfMemoryError|CUDA out of memory|CUDA error: out of memory|"
                         r"CUBLAS_STATUS_ALLOC_FAILED|MPS backend out of memory")


def is_memory_message(error: str) -> bool:
    """Whether an error's type and message mean that memory ran out."""
    return bool(_MEMORY.search(error))


def memory_message(error: str, batch_size: int) -> str:
    """Return the message of a run that ran out of memory, with a suggestion."""
    where = "GPU memory" if _GPU_MEMORY.search(error) else "memory"
    return f"out of {where} at batch {batch_size}" + (f": try {batch_size // 2}" if batch_size > 1 else "")
