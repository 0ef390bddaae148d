"""Mutation tests: of all mutants or, as all would take a day, of a sample of them drawn from a seed.

`python -m tests.mutants [--sample N] [--seed S] [PATTERN ...]` with patterns such as `hparam_ci.causes.*`. Prints the
survivors as diffs and exits 0: whether one is a gap of the tests or means the same as the original is for people.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path

MUTMUT = Path(sys.executable).with_name("mutmut")
FOLDER = Path("mutants")


def main() -> int:
    """Make the mutants, run those asked for, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("patterns", nargs="*", default=["*"])
    parser.add_argument("--sample", type=int, help="how many; all of them without it")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    subprocess.run([MUTMUT, "run", "--max-children", "1", "no.such.mutant"], capture_output=True, check=False)
    names = sorted(name for name in results() if any(fnmatchcase(name, pattern) for pattern in asked.patterns))
    if not names:  # which mutmut would take for all of them
        parser.error(f"no mutant is called like {' or '.join(asked.patterns)}")
    if asked.sample is not None:
        names = random.Random(asked.seed).sample(names, min(asked.sample, len(names)))
    subprocess.run([MUTMUT, "run", "--max-children", "1", *names], stdout=subprocess.DEVNULL, check=False)
    found = results()
    fates = Counter(fate(found[name]) for name in names)
    print(f"{len(names)} mutants: " + ", ".join(f"{number} {word}" for word, number in fates.most_common()))
    for name in names:
        if fate(found[name]) == "survived":
            shown = subprocess.run([MUTMUT, "show", name], capture_output=True, text=True, check=False)
            print(shown.stdout)
    return 0


def results() -> dict[str, int | None]:
    """Name of each mutant to the exit code of its tests; None where they did not run."""
    found: dict[str, int | None] = {}
    for meta in FOLDER.rglob("*.meta"):
        found |= json.loads(meta.read_text())["exit_code_by_key"]
    return found


def fate(code: int | None) -> str:
    """What the exit code of a mutant's tests says."""
    from mutmut.stats import status_by_exit_code

    return str(status_by_exit_code[code])


if __name__ == "__main__":
    sys.exit(main())
