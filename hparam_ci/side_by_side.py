"""Files inspected side by side in processes, and numbered one after the other, so that the result is the same.

What takes long (reading, detecting, attributing) is done in a process a file; the evidence ids of a file begin where
those of the file before it end, so each process waits for its turn before it gives them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Source = TypeVar("Source")
Outcome = TypeVar("Outcome")
Ids = Counter[str]
Finish = Callable[[Ids], tuple[list[Outcome], Ids]]

LEAST_BYTES = 20_000
"""Fewer in all are read before a process would have begun."""

MOST_BYTES = 64_000_000
"""A larger file is read by all cores anyway, and two of them could be too much for the memory."""


def pays(root: Path, files: Sequence[Path]) -> bool:
    """Whether these files gain from processes of their own."""
    if len(files) < 2 or (os.cpu_count() or 1) < 2 or not hasattr(os, "fork"):
        return False
    sizes = [(root / file).stat().st_size for file in files if (root / file).is_file()]
    return sum(sizes) >= LEAST_BYTES and max(sizes) <= MOST_BYTES


def inspected(
    sources: Sequence[Source], begin: Callable[[Source], Finish[Outcome]], ids: Ids
) -> Iterator[list[Outcome] | None]:
    """The outcomes of each source in order; None where its process was killed, as for want of memory.

    Args:
        sources: what to inspect, one process each, as many at a time as there are cores.
        begin: the long part; gives what finishes it once the ids so far are known.
        ids: the ids given so far.
    """
    import multiprocessing

    context = multiprocessing.get_context("fork")
    running: list[tuple[BaseProcess, Connection]] = []
    waiting = iter(sources)

    def start() -> None:
        for source in waiting:
            here, there = context.Pipe()
            process = context.Process(target=_work, args=(begin, source, there), daemon=True)
            process.start()
            there.close()
            running.append((process, here))
            return

    try:
        for _ in range(os.cpu_count() or 1):
            start()
        while running:
            process, pipe = running.pop(0)
            outcomes: list[Outcome] | None
            outcomes, ids = _turn(pipe, ids)
            process.join()
            start()
            yield outcomes
    finally:
        for process, _ in running:
            process.kill()


def inspected_here(
    sources: Sequence[Source], begin: Callable[[Source], Finish[Outcome]], ids: Ids
) -> Iterator[list[Outcome] | None]:
    """The same one after the other, in this process."""
    for source in sources:
        outcomes, ids = begin(source)(ids)
        yield outcomes


def _turn(pipe: Connection, ids: Ids) -> tuple[list[Outcome] | None, Ids]:
    try:
        with pipe:
            pipe.send(ids)
            found: tuple[list[Outcome], Ids] = pipe.recv()
            return found
    except (EOFError, OSError):
        return None, ids


def _work(begin: Callable[[Source], Finish[Outcome]], source: Source, pipe: Connection) -> None:
    finish = begin(source)
    with pipe:
        pipe.send(finish(pipe.recv()))
