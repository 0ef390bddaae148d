"""What a process of our own sets up before numpy loads."""

from __future__ import annotations

import os


def single_threaded_algebra() -> None:
    """Keep the linear algebra library to one thread: on matrices this small its threads cost more than they give."""
    for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
