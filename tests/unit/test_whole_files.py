"""Files appear whole or not at all."""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from hparam_ci.files import append, whole

TraceFunction = Callable[[FrameType, str, Any], Any]


def test_a_file_stands_there_once_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with whole(path, 0o640) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
        [part] = set(tmp_path.iterdir()) - {path}
        assert part.name.startswith(".")
        assert part.name.endswith(".part")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError("full"), KeyboardInterrupt(), SystemExit(143)])
def test_whatever_ends_it_leaves_what_was_there(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")

    def broken() -> None:
        with whole(path) as file:
            file.write(b"half")
            raise error

    with pytest.raises(type(error)):
        broken()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_end_in_the_moment_of_its_making_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = os.open

    def ended(*arguments: object) -> int:
        made(*arguments)  # type: ignore[arg-type]
        raise SystemExit(143)

    monkeypatch.setattr("os.open", ended)
    with pytest.raises(SystemExit), whole(tmp_path / "a.txt"):
        pass
    assert list(tmp_path.iterdir()) == []


class Ended(BaseException):
    """What a signal's handler raises."""


def ended_at(step: int, path: Path) -> bool:
    """Write a file and end that before its step-th instruction, of all that Python runs; False where it has fewer."""

    def trace(frame: FrameType, event: str, _: object) -> TraceFunction:
        nonlocal step
        frame.f_trace_opcodes = True
        step -= event == "opcode"
        if not step:
            raise Ended
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with whole(path) as file:
            file.write(b"all of it")
    except Ended:
        return True
    finally:
        sys.settrace(before)
    return False


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a file that is cut off is not closed
def test_an_end_before_any_instruction_leaves_nothing_half_made(tmp_path: Path) -> None:
    step, path = 1, tmp_path / "a.txt"
    while ended_at(step, path):
        assert set(tmp_path.iterdir()) <= {path}, step
        assert not path.exists() or path.read_bytes() == b"all of it"
        path.unlink(missing_ok=True)
        step += 1
    assert step > 100
    assert path.read_bytes() == b"all of it"


def test_without_a_mode_a_file_is_as_any_other(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    with whole(tmp_path / "made") as file:
        file.write(b"x")
    assert (tmp_path / "made").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"untouched")
    (tmp_path / "link").symlink_to("target")
    with whole(tmp_path / "link") as file:
        file.write(b"x")
    assert (tmp_path / "target").read_bytes() == b"untouched"
    assert not (tmp_path / "link").is_symlink()


def test_what_is_added_is_there_in_full(tmp_path: Path) -> None:
    path = tmp_path / "output"
    for _ in range(2):
        append(path, b"x" * 3_000_000)
    assert path.stat().st_size == 6_000_000


def test_what_cannot_be_added_in_full_is_not_added_at_all(tmp_path: Path) -> None:
    path = tmp_path / "output"
    path.write_bytes(b"before")
    code = (
        "import resource, signal, sys; from hparam_ci.files import append;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100));"
        "append(sys.argv[1], b'x' * 1_000)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
    assert "File too large" in done.stderr
    assert path.read_bytes() == b"before"


def test_what_was_added_of_it_is_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "output"
    path.write_bytes(b"before")
    _, hard = before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            append(path, b"x" * 1_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == b"before"


def test_a_device_that_takes_nothing_says_so() -> None:
    with pytest.raises(OSError, match="No space left"):
        append("/dev/full", b"x")


def test_a_pipe_takes_what_is_added(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        append(tmp_path / "pipe", b"hello")
        assert os.read(reader, 10) == b"hello"
    finally:
        os.close(reader)
