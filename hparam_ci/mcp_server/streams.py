"""The standard streams of a process whose standard output belongs to a protocol."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO


def private_output() -> BinaryIO:
    """What was standard output, for the protocol alone: whoever writes to descriptor 1 from now on, in this process or
    below it, reaches standard error."""
    private = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return os.fdopen(private, "wb")


def private_input() -> BinaryIO:
    """What was standard input, for the protocol alone: others find it at its end."""
    private = os.dup(0)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    return os.fdopen(private, "rb")
