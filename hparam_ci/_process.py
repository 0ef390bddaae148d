"""What a process of our own sets up before it loads a table."""

from __future__ import annotations

import ctypes
import os

_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8  # of mallopt, in malloc.h


def single_threaded_algebra() -> None:
    """Keep the linear algebra library to one thread: on matrices this small its threads cost more than they give."""
    for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(variable, "1")


def reused_memory() -> None:
    """Take large arrays from memory that was freed before; the kernel clears each page that it gives anew.

    For the C library of GNU, which else maps and unmaps each of them. Other libraries are left as they are.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(_MMAP_MAX, 0)
    mallopt(_TRIM_THRESHOLD, 2**31 - 1)
    mallopt(_ARENA_MAX, 1)
