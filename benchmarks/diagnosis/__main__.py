"""`python -m benchmarks.diagnosis [--seed 1] [--methods ours,oracle] [--sizes 30,120] [--sweeps 20] [--nulls 40]`.

Prints the whole comparison as Markdown (see `tables`): how often a cause is found, by number of trials and by kind; how
often one is invented, in sweeps with a cause and in sweeps without; and in which rows a peer is ahead. Peers that take
long see the first `--slow` sweeps of each kind and size, and a method that passes `--limit` seconds on a sweep is
stopped there; both are counted in the tables. Peers that are not installed are left out, with a line
(`uv sync --group peers`).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.diagnosis.methods import METHODS, SLOW, installed
from benchmarks.diagnosis.score import score
from benchmarks.diagnosis.sweeps import KINDS, NULL, make
from benchmarks.diagnosis.tables import tables

SIZES = (12, 30, 60, 120, 500, 5000)
LARGE = 5000

Job = tuple[str, int, int, tuple[str, ...], float]


class OverTheLimitError(Exception):
    """A method has taken as long on one sweep as it may."""


def one(job: Job) -> list[dict[str, Any]]:
    """The methods on one sweep, a row each."""
    kind, n, seed, methods, limit = job
    made = make(kind, n, seed)
    rows = []
    for method in methods:
        start, error = time.perf_counter(), ""
        try:
            with contextlib.redirect_stdout(io.StringIO()), _at_most(limit):
                claims = METHODS[method](made)
        except OverTheLimitError:
            claims, error = [], "over the limit"
        except Exception as problem:  # noqa: BLE001 - a method that cannot take a sweep claims nothing
            claims, error = [], repr(problem)[:300]
        seconds = time.perf_counter() - start
        row = _oracle(made, claims) if method == "oracle" else score(made, claims)
        rows.append({"method": method, "kind": kind, "n": n, "seed": seed, "seconds": seconds, "error": error, **row})
    return rows


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise OverTheLimitError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _oracle(made: Any, claims: list[dict[str, Any]]) -> dict[str, float]:
    total = sum(len(causes) for causes in made.truth.causes.values())
    share = len(claims) / total if total else float("nan")
    return {"claims": len(claims), "invented": 0, "invents": 0.0, "found": share, "named": share, "clean": share}


def jobs(options: argparse.Namespace, methods: tuple[str, ...]) -> Iterator[Job]:
    """Every sweep with the methods that see it."""
    fast = tuple(method for method in methods if method not in SLOW)
    for n in map(int, options.sizes.split(",")):
        for kind in options.kinds.split(","):
            number = options.nulls if kind in NULL else options.sweeps
            number = min(number, options.large) if n >= LARGE else number
            for i in range(number):
                yield kind, n, options.seed * 1_000_000 + i, methods if i < options.slow else fast, options.limit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--methods", default=",".join(method for method in METHODS if method != "command"))
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--sweeps", type=int, default=20, help="with a cause, of each kind and size")
    parser.add_argument("--nulls", type=int, default=40, help="without a cause, of each kind and size")
    parser.add_argument("--large", type=int, default=3, help=f"of each kind from {LARGE} trials on")
    parser.add_argument("--slow", type=int, default=2, help=f"of each kind and size for {', '.join(SLOW)}")
    parser.add_argument("--limit", type=float, default=60, help="seconds for one method on one sweep")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--save", type=Path, help="write one line of JSON a sweep and method")
    parser.add_argument("--load", type=Path, nargs="*", default=[], help="print the tables of saved lines as well")
    options = parser.parse_args()
    wanted = [method for method in options.methods.split(",") if method]
    for method in wanted:
        if not installed(method):
            print(f"{method}: not installed, left out")
    methods = tuple(method for method in wanted if installed(method))
    planned = list(jobs(options, methods)) if methods else []
    rows: list[dict[str, Any]] = []
    with multiprocessing.Pool(options.processes) as pool:
        for number, found in enumerate(pool.imap_unordered(one, planned, chunksize=2)):
            rows += found
            if sys.stderr.isatty():
                print(f"\r{number + 1}/{len(planned)}", end="", file=sys.stderr)
    if options.save:
        options.save.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for path in options.load:
        rows += [json.loads(line) for line in path.read_text().splitlines()]
    if rows:
        print(tables(pd.DataFrame(rows)))


if __name__ == "__main__":
    main()
