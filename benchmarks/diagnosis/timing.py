"""`python -m benchmarks.diagnosis.timing [TRIALS ...]`: CPU seconds of the search beside those of `pandas.read_csv`.

20 hyperparameters and 8 issues, of which half have a cause. CPU time of one process with one thread for algebra, the
best of three, so that it depends little on what else the machine does.
"""

from __future__ import annotations

import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from hparam_ci.causes.attribution import attribute
from hparam_ci.detectors.detector import Detection
from hparam_ci.detectors.registry import all_detectors
from hparam_ci.detectors.run import IssueTable
from hparam_ci.sources.read import read_sweeps

ISSUES = 8


def table(n: int, rng: np.random.Generator) -> pd.DataFrame:
    columns = {f"lr_{i}": 10 ** rng.uniform(-5, 0, n) for i in range(16)}
    columns |= {f"optimizer_{i}": rng.choice(["adam", "sgd", "lion", "lamb"], n) for i in range(4)}
    return pd.DataFrame({"trial": np.arange(n), **columns, "val_loss": rng.random(n).round(4)})


def issues_of(path: Path, data: pd.DataFrame, rng: np.random.Generator) -> IssueTable:
    [sweep] = read_sweeps(Path(path.name), path.parent)
    table = IssueTable(sweep)
    everywhere = np.ones(len(data), bool)
    for number, detector in enumerate(all_detectors()[:ISSUES]):
        sick_inside = 0.5 if number % 2 else 0.05
        hits = rng.random(len(data)) < np.where(data[f"lr_{number}"] > 0.01, sick_inside, 0.05)
        table.seen[detector.code] = Detection(hits, everywhere, lambda row: None)  # type: ignore[arg-type, return-value]
    return table


def seconds(run: Callable[[], object], repeats: int = 3) -> float:
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    print(f"{'trials':>10} {'read_csv':>10} {'causes':>10} {'ratio':>7} {'peak MB':>9} {'told':>5} issues")
    for n in map(int, sys.argv[1:] or (300, 10_000, 100_000, 1_000_000)):
        rng = np.random.default_rng(0)
        data = table(n, rng)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sweep.csv"
            data.to_csv(path, index=False)
            read = seconds(lambda path=path: pd.read_csv(path))
            issues = issues_of(path, data, rng)
        spent = seconds(lambda issues=issues: attribute(issues))
        tracemalloc.start()
        found = attribute(issues)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        told = sum(cause.asserted for cause in found.causes)
        print(f"{n:10,} {read:10.3f} {spent:10.3f} {spent / read:7.2f} {peak:9.1f} {told:5} {len(issues.seen)}")


if __name__ == "__main__":
    main()
