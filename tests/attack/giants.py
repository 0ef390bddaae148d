"""Files at full size, too large for every test run: `python -m tests.attack.giants [FOLDER]` (6 GB of disk).

Prints for each the exit code, the seconds, the peak memory and the one line that is said of it.
"""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

GOOD = "trial,lr,loss\n" + "".join(f"{n},{0.1 * n},{1 / n}\n" for n in range(1, 30))


def large_table() -> Iterator[bytes]:
    """2 GB: 40,000,000 rows of three numbers."""
    yield b"trial,lr,loss\n"
    block = b"".join(b"%09d,0.%09d,%d.%016d\n" % (n, n * 7, n % 9, n * 13) for n in range(100_000))
    for _ in range(450):
        yield block


def long_line() -> Iterator[bytes]:
    """1 GB in one cell."""
    yield b"trial,lr,loss\n1,2,"
    for _ in range(1_000):
        yield b"x" * 1_000_000


def wide() -> Iterator[bytes]:
    """100,000 columns, 1,000 rows."""
    yield ",".join(f"c{n}" for n in range(100_000)).encode() + b"\n"
    row = b",".join([b"1"] * 100_000) + b"\n"
    for _ in range(1_000):
        yield row


def bomb() -> Iterator[bytes]:
    """A gzip archive of 10 MB that unpacks to 10 GB."""
    block = gzip.compress(b"1,2\n" * 25_000_000, 9)
    for _ in range(100):
        yield block


GIANTS: dict[str, Callable[[], Iterator[bytes]]] = {
    "large.csv": large_table,
    "line.csv": long_line,
    "wide.csv": wide,
    "bomb.csv.gz": bomb,
}


def main() -> None:
    with TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as name:
        folder = Path(name)
        (folder / "good.csv").write_text(GOOD)
        for giant, blocks in GIANTS.items():
            with (folder / giant).open("wb") as file:
                file.writelines(blocks())
            for most in ("50", "9999"):
                measure(folder, giant, most)
            (folder / giant).unlink()
        for number in range(50_000):
            (folder / f"z{number:05}.csv").write_text("lr,loss\n1,2\n")
        measure(folder, ".", "50")


def measure(folder: Path, what: str, most: str) -> None:
    arguments = ["inspect", "good.csv", what, "--max-file-size-mb", most]
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "hparam_ci.cli", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    out = process.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    said = " ".join(out.partition("not inspected")[2].split())[:150]
    seconds = time.monotonic() - started
    code = os.waitstatus_to_exitcode(status)
    print(f"{what} (limit {most} MB): exit {code}, {seconds:.1f} s, {usage.ru_maxrss / 1e6:.2f} GB: {said}", flush=True)


if __name__ == "__main__":
    main()
