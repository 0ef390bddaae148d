"""What a process of our own sets up before it loads a table."""

from __future__ import annotations

import atexit
import ctypes
import gc
import os

_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8  # of mallopt, in malloc.h


def set_up() -> None:
    """All of it; for programs that inspect and end."""
    single_threaded_algebra()
    reused_memory()
    rare_collections()


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


def rare_collections() -> None:
    """Look for cycles of garbage seldom, and not at the end: a short process leaves few, and its end frees them all."""
    gc.set_threshold(50_000, 20, 100)
    atexit.register(gc.freeze)
