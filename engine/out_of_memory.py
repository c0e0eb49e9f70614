"""What errors say when memory runs out, on any device, and what to say of them."""

import re

_MEMORY = re.compile(r"OutOfMemoryError|CUDA out of memory|CUDA error: out of memory|CUBLAS_STATUS_ALLOC_FAILED|"
                     r"MPS backend out of memory|can't allocate memory|MemoryError|Cannot allocate memory|"
                     r"std::bad_alloc")
_GPU_MEMORY = re.compile(r"(torch|cuda)\.OutOfMemoryError|CUDA out of memory|CUDA error: out of memory|"
                         r"CUBLAS_STATUS_ALLOC_FAILED|MPS backend out of memory")


def tells_of_memory(error: str) -> bool:
    """Whether an error's type and message are those of memory that ran out, on any device."""
    return bool(_MEMORY.search(error))


def memory_sentence(error: str, batch_size: int) -> str:
    """What to say of a run that ran out of memory with this error, and the way out."""
    where = "GPU memory" if _GPU_MEMORY.search(error) else "memory"
    return f"out of {where} at batch {batch_size}" + (f": try {batch_size // 2}" if batch_size > 1 else "")
