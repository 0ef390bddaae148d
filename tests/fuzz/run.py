"""Fuzz one target, or all of them one after the other: `python -m tests.fuzz.run [TARGET ...] --seconds 60`.

Each runs in a process of its own, guided by the coverage of `hparam_ci`. New inputs go to `build/fuzz/TARGET`; an input
that crashes or takes longer than 30 seconds is kept in `build/fuzz/crashes`, and belongs into `tests/fuzz/corpus` once
it is mended.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build" / "fuzz"
NAMES = sorted(folder.name for folder in (HERE / "corpus").iterdir())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", default=NAMES, help=f"which ({', '.join(NAMES)})")
    parser.add_argument("--seconds", type=int, default=60, help="for each")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.here:
        fuzz(asked.targets[0], asked.seconds)
    failed = []
    for name in asked.targets:
        print(f"--- {name}", flush=True)
        command = [sys.executable, "-m", "tests.fuzz.run", name, "--seconds", str(asked.seconds), "--here"]
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    print(f"crashes: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def fuzz(name: str, seconds: int) -> None:
    """Fuzz in this process; never returns."""
    import atheris

    with atheris.instrument_imports(include=["hparam_ci"]):
        from tests.fuzz.targets import TARGETS, WORDS
    found, crashes = BUILD / name, BUILD / "crashes"
    for folder in (found, crashes):
        folder.mkdir(parents=True, exist_ok=True)
    words = BUILD / f"{name}.words"
    quoted = (word.replace('"', '\\"') for word in WORDS.get(name, (name,)))
    words.write_text("".join(f'"{word}"\n' for word in quoted), encoding="utf-8")
    atheris.Setup(
        [
            sys.argv[0],
            str(found),
            str(HERE / "corpus" / name),
            f"-max_total_time={seconds}",
            f"-artifact_prefix={crashes}/{name}-",
            f"-dict={words}",
            "-timeout=30",
            "-rss_limit_mb=4096",
            "-max_len=24000",
            "-print_final_stats=1",
            "-verbosity=1",
        ],
        TARGETS[name],
    )
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
