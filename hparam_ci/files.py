"""Files that appear whole or not at all, whatever ends the run: a full disk, a signal, an error."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole(path: Path, mode: int | None = None) -> Iterator[BinaryIO]:
    """A file to write, which stands at `path` once it is complete; until then, what was there stays there.

    A link at `path` is replaced and not followed.

    Args:
        path: where it shall stand.
        mode: its permissions; None for those that any new file gets.

    Raises:
        OSError: it cannot be written.
    """
    part = path.with_name(f".{os.urandom(8).hex()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:  # from before it is there: a signal may end the run in the moment of its making
        descriptor = os.open(part, flags, 0o666 if mode is None else mode)
        with os.fdopen(descriptor, "wb") as file:
            if mode is not None:
                os.fchmod(descriptor, mode)
            yield file
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def append(path: str | os.PathLike[str], content: bytes) -> None:
    """Add to the end of a file, all of it or nothing.

    Raises:
        OSError: it cannot be written.
    """
    with Path(path).open("ab", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        rest = memoryview(content)
        try:
            while rest:
                rest = rest[file.write(rest) :]
        except BaseException:
            with suppress(OSError):  # a pipe has no length
                file.truncate(size)
            raise
