"""Reading and typing a CSV of a million trials and thirty columns, against pandas with pyarrow on the same file.

Also a history of ten million rows. Both use all cores, so the runs take turns, each in a process of its own after its
imports and a warm-up, and the best of several counts: what else runs on the machine only ever adds time. The CPU time
of all threads is printed beside it, which other processes hardly touch, and the peak memory.

`python benchmarks/reading.py [--python PYTHON]`: pandas with pyarrow may live in an environment of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
RUNS = 5
TRIALS = 1_000_000
STEPS = 100

MEASURE = """
import json, resource, sys, time
{imports}
start, cpu = time.perf_counter(), time.process_time()
{work}
seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
print(json.dumps([seconds, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""

OURS = MEASURE.format(
    imports="from pathlib import Path\nfrom hparam_ci.sources.read import read_sweeps",
    work="path = Path(sys.argv[1]); sweeps = read_sweeps(path, path.parent)",
)
PANDAS = MEASURE.format(
    imports="import pandas as pd\npd.read_csv(__import__('io').BytesIO(b'a\\n1\\n'), engine='pyarrow')",
    work="pd.read_csv(sys.argv[1], engine='pyarrow')",
)


def wide(path: Path) -> None:
    """A million trials: twenty settings, six metrics, id, status, epochs and runtime."""
    rng = np.random.default_rng(0)
    columns: dict[str, object] = {"trial_id": np.arange(TRIALS)}
    for number in range(20):
        if number % 3:
            columns[f"hp{number}"] = np.round(10 ** rng.uniform(-5, -1, TRIALS), 8)
        else:
            columns[f"hp{number}"] = rng.choice(["adam", "sgd", "lamb"] if number % 2 else [16, 32, 64], TRIALS)
    columns["status"] = rng.choice(["completed", "failed"], TRIALS, p=[0.95, 0.05])
    for metric in ("train_loss", "val_loss", "train_acc", "val_acc", "f1", "auc"):
        columns[metric] = np.round(rng.uniform(0, 2, TRIALS), 6)
    columns["epochs"] = rng.integers(1, 50, TRIALS)
    columns["runtime_sec"] = np.round(rng.uniform(1, 500, TRIALS), 2)
    pd.DataFrame(columns).to_csv(path, index=False)


def long(path: Path) -> None:
    """Ten million rows: a hundred thousand trials of a hundred epochs."""
    rng = np.random.default_rng(0)
    trials = TRIALS // 10
    history = {
        "run_id": np.repeat(np.arange(trials), STEPS),
        "epoch": np.tile(np.arange(1, STEPS + 1), trials),
        "lr": np.repeat(np.round(10 ** rng.uniform(-5, 0, trials), 7), STEPS),
        "train_loss": np.round(rng.random(trials * STEPS), 5),
        "val_loss": np.round(rng.random(trials * STEPS), 5),
    }
    pd.DataFrame(history).to_csv(path, index=False)


def measured(python: str, program: str, path: Path) -> tuple[float, float, float]:
    """Seconds, CPU seconds and peak memory in MB of a program on a file."""
    done = subprocess.run([python, "-c", program, str(path)], capture_output=True, text=True, check=True, cwd=ROOT)
    seconds, cpu, memory = json.loads(done.stdout)
    return seconds, cpu, memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="a Python with pandas and pyarrow")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        table, history = Path(name) / "wide.csv", Path(name) / "long.csv"
        wide(table)
        long(history)
        runs = {"pandas, pyarrow": (options.python, PANDAS, table), "read and typed": (sys.executable, OURS, table)}
        results: dict[str, list[tuple[float, float, float]]] = {label: [] for label in runs}
        for _ in range(RUNS):
            for label, arguments in runs.items():
                results[label].append(measured(*arguments))
        results["history of 10 million rows"] = [measured(sys.executable, OURS, history)]
    base = [min(values) for values in zip(*results["pandas, pyarrow"], strict=True)]
    print(f"{'':28s}" + "".join(f"{name:>8s} {'ratio':>6s}" for name in ("seconds", "CPU s", "MB")))
    for label, values in results.items():
        best = [min(each) for each in zip(*values, strict=True)]
        cells = [f"{value:8.2f} {value / of:6.2f}" for value, of in zip(best, base, strict=True)]
        print(f"{label:28s}" + "".join(cells))


if __name__ == "__main__":
    main()
