"""`python -m benchmarks.diagnosis [--seed 1] [--methods ours,oracle] [--sizes 30,120] [--sweeps 20] [--nulls 60]`.

Prints, for each method: how often a cause is found (the right hyperparameters and region on top), by kind and by number
of trials; how often one is invented, in sweeps with a cause and in sweeps without; and by how much thresholds miss.
Peers that are not installed are left out, with a line (`uv sync --group peers`).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import multiprocessing
import os
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.diagnosis.methods import METHODS, installed
from benchmarks.diagnosis.score import score
from benchmarks.diagnosis.sweeps import HARD, KINDS, NULL, PAIR, SINGLE, make

SIZES = (12, 30, 60, 120, 500, 5000)
FAST = ("ours", "oracle", "naive", "bucket_fisher", "tree", "tree_cv")
SLOW_FROM = 1000
"""Trials from which peers that take minutes are left out."""


def one(job: tuple[str, int, int, tuple[str, ...]]) -> list[dict[str, Any]]:
    kind, n, seed, methods = job
    made = make(kind, n, seed)
    rows = []
    for method in methods:
        if n > SLOW_FROM and method in ("pysubgroup", "divexplorer", "optuna"):
            continue
        start, error = time.perf_counter(), ""
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                claims = METHODS[method](made)
        except Exception as problem:  # noqa: BLE001 - a method that cannot take a sweep claims nothing
            claims, error = [], repr(problem)[:300]
        seconds = time.perf_counter() - start
        row = _oracle(made, claims) if method == "oracle" else score(made, claims)
        rows.append({"method": method, "kind": kind, "n": n, "seed": seed, "seconds": seconds, "error": error, **row})
    return rows


def _oracle(made: Any, claims: list[dict[str, Any]]) -> dict[str, float]:
    total = sum(len(causes) for causes in made.truth.causes.values())
    share = len(claims) / total if total else float("nan")
    return {"claims": len(claims), "invented": 0, "invents": 0.0, "found": share, "named": share, "clean": share}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--methods", default=",".join(FAST))
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--sweeps", type=int, default=20, help="with a cause, of each kind and size")
    parser.add_argument("--nulls", type=int, default=40, help="without a cause, of each kind and size")
    parser.add_argument("--large", type=int, default=3, help="of each kind at 5000 trials")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--save", type=Path, help="write one line of JSON a sweep and method")
    parser.add_argument("--load", type=Path, nargs="*", default=[], help="print the tables of saved lines as well")
    options = parser.parse_args()
    wanted = [method for method in options.methods.split(",") if method]
    for method in wanted:
        if not installed(method):
            print(f"{method}: not installed, left out")
    methods = tuple(method for method in wanted if installed(method))
    jobs = []
    for n in map(int, options.sizes.split(",")):
        for kind in options.kinds.split(","):
            number = options.nulls if kind in NULL else options.sweeps
            number = min(number, options.large) if n >= 5000 else number
            jobs += [(kind, n, options.seed * 1_000_000 + i, methods) for i in range(number)]
    rows = []
    with multiprocessing.Pool(options.processes) as pool:
        for number, found in enumerate(pool.imap_unordered(one, jobs, chunksize=2) if methods else []):
            rows += found
            if sys.stderr.isatty():
                print(f"\r{number + 1}/{len(jobs)}", end="", file=sys.stderr)
    if options.save:
        options.save.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for path in options.load:
        rows += [json.loads(line) for line in path.read_text().splitlines()]
    if rows:
        tables(pd.DataFrame(rows))


def tables(rows: pd.DataFrame) -> None:
    pd.set_option("display.width", 250, "display.max_columns", 60)
    null = rows[rows.kind.isin(NULL)]
    planted = rows[~rows.kind.isin(NULL)]
    groups = {"single": SINGLE, "pair": PAIR, "hard": HARD}
    summary = pd.DataFrame({name: _mean(planted[planted.kind.isin(kinds)], "found") for name, kinds in groups.items()})
    summary["named"] = _mean(planted, "named")
    summary["cut error"] = planted.groupby("method").cut_error.median() if "cut_error" in planted else float("nan")
    summary["invents"] = _mean(planted, "invents")
    summary["decoy invents"] = _mean(planted[planted.kind == "decoy"], "invents")
    summary["null alarm"] = _mean(null, "invents")
    summary["clean"] = _mean(planted, "clean")
    summary["seconds"] = _mean(rows, "seconds")
    summary["errors"] = rows.groupby("method").error.apply(lambda e: (e != "").sum())
    _show("summary over all sizes", summary)
    _show("found, by trials", _by(planted, "n", "found"))
    _show("found, single causes, by trials", _by(planted[planted.kind.isin(SINGLE)], "n", "found"))
    _show("found, pairs, by trials", _by(planted[planted.kind.isin(PAIR)], "n", "found"))
    _show("found, by kind (30 to 500 trials)", _by(planted[planted.n.between(30, 500)], "kind", "found"))
    _show("sweeps with a cause and an invention, by trials", _by(planted, "n", "invents"))
    _show("the same, by kind", _by(planted[planted.n.between(30, 500)], "kind", "invents"))
    _show("sweeps without a cause and with a claim, by trials", _by(null, "n", "invents"))
    _show("the same, by kind", _by(null, "kind", "invents"))


def _mean(rows: pd.DataFrame, column: str) -> pd.Series:
    return rows.groupby("method")[column].mean()


def _by(rows: pd.DataFrame, by: str, column: str) -> pd.DataFrame:
    return rows.pivot_table(index="method", columns=by, values=column) if len(rows) else pd.DataFrame()


def _show(title: str, table: pd.DataFrame) -> None:
    print(f"\n{title}\n{table.round(3).to_string()}")


if __name__ == "__main__":
    main()
