"""Packages that add a detector, made in a folder: noisy ones, slow ones."""

from __future__ import annotations

import os
import time
from pathlib import Path

import anyio

DETECTOR = """
import os, signal, subprocess, sys, time
from hparam_ci.detectors.api import *

{at_import}

def look(sweep, options, earlier=None):
    {at_work}
    return CouldNotLook("only made for a test")

DETECTOR = Detector(
    code="TST101", name="test-rule", title="Test", trials="tests", severity="notice", rate="", summary="Does nothing.",
    why="A test.", advice="None.", source="None.", look=look, options=(), scope="sweep",
)
"""
NOISE = (
    "print('NOISE', flush=True); os.write(1, b'NOISE\\n'); subprocess.run(['echo', 'NOISE']); sys.__stdout__.flush()"
)


def install(folder: Path, at_import: str = "", at_work: str = "pass") -> dict[str, str]:
    """Put the package into a folder; what a process needs in its environment to have it."""
    info = folder / "house_rules-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: house-rules\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[hparam_ci.detectors]\ntest-rule = house_rules:DETECTOR\n")
    (folder / "house_rules.py").write_text(DETECTOR.format(at_import=at_import, at_work=at_work))
    return {"PYTHONPATH": str(folder)}


def slow(folder: Path, first: str = "pass") -> tuple[dict[str, str], Path]:
    """A detector that takes ten minutes, and the file in which it leaves its process id when it begins."""
    note = folder / "pid"
    begin = (
        f"open({str(note)!r} + '.new', 'w').write(str(os.getpid())); os.rename({str(note)!r} + '.new', {str(note)!r})"
    )
    return install(folder, at_work=f"{first}; {begin}; time.sleep(600)"), note


async def started(note: Path) -> int:
    """The process id, once it is there."""
    with anyio.fail_after(60):
        while not note.exists():
            await anyio.sleep(0.05)
    return int(note.read_text())


def gone(pid: int, seconds: float = 20) -> bool:
    """Whether a process ends within some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not _runs(pid):
            return True
        time.sleep(0.05)
    return False


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
