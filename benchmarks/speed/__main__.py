"""`python -m benchmarks.speed [--peers PYTHON] [--trials N ...]`: the whole command against bare reading and its peers.

Sweeps of 20 hyperparameters in which a learning rate makes NaN and a batch size makes failures. Every figure is of a
whole process, start-up and all: CPU seconds of all threads, wall seconds and peak memory, each the least of several
runs in turn. Ratios are to `pandas.read_csv` of the same file in the same environment as the command.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd

from .peers import PEERS

ROOT = Path(__file__).resolve().parents[2]
SIZES = (300, 10_000, 100_000, 1_000_000)
LONGEST = 300.0
"""Seconds after which a peer is given up."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one process: CPU and wall seconds, and MB at its peak."""

    cpu: float
    wall: float
    memory: float


def write(n: int, path: Path) -> None:
    """A sweep of `n` trials as a CSV file."""
    rng = np.random.default_rng(n)
    columns: dict[str, object] = {"trial_id": np.arange(n)}
    columns |= {f"hp_lr_{i}": np.round(10 ** rng.uniform(-5, 0, n), 8) for i in range(16)}
    columns |= {f"hp_optimizer_{i}": rng.choice(["adam", "sgd", "lion", "lamb"], n) for i in range(4)}
    frame = pd.DataFrame(columns)
    frame["status"] = np.where((frame["hp_optimizer_0"] == "lion") & (rng.random(n) < 0.5), "failed", "completed")
    for name, middle in (("train_loss", 0.3), ("val_loss", 0.35)):
        loss = np.round(rng.normal(middle, 0.03, n), 5)
        frame[name] = np.where((frame["hp_lr_0"] > 0.1) & (rng.random(n) < 0.8), "nan", loss.astype(str))
        frame.loc[frame["status"] == "failed", name] = ""
    frame["epochs"] = 30
    frame["runtime_sec"] = np.round(rng.lognormal(6, 0.15, n), 1)
    frame.to_csv(path, index=False)


def cost(command: list[str], longest: float) -> Cost | None:
    """What a command takes; None if it fails or takes longer than so many seconds."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        wall = time.perf_counter() - start
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            fine = child.returncode in (0, 1 if "hparam_ci.cli" in command else 0)  # 1 is the gate's
            return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024) if fine else None
        if wall > longest:
            child.kill()
            os.wait4(child.pid, 0)
            return None
        time.sleep(0.002)


def least(costs: list[Cost]) -> Cost:
    """The least of each figure: what else runs on the machine only adds."""
    return Cost(*(min(getattr(each, name) for each in costs) for name in ("cpu", "wall", "memory")))


def commands(path: Path, peers: str | None) -> dict[str, list[str]]:
    """By label, in the order of the table."""
    script = str(Path(__file__).with_name("peers.py"))
    ours = [
        sys.executable,
        "-m",
        "hparam_ci.cli",
        "inspect",
        str(path),
        "--format",
        "json",
        "--max-file-size-mb",
        "2000",
    ]
    found = {"pandas.read_csv": [sys.executable, script, "read_csv", str(path)], "hparam-ci inspect": ours}
    return found | ({name: [peers, script, name, str(path)] for name in PEERS} if peers else {})


def exponent(costs: dict[int, Cost]) -> float | None:
    """The power of n with which CPU time grows from 10,000 trials on."""
    sizes = [n for n in costs if n >= SIZES[1]]
    if len(sizes) < 2:
        return None
    return float(np.polyfit(np.log(sizes), np.log([costs[n].cpu for n in sizes]), 1)[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", help="a Python with benchmarks/speed/requirements.txt")
    parser.add_argument("--trials", type=int, nargs="+", default=SIZES)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--longest", type=float, default=LONGEST, help="seconds after which a peer is given up")
    options = parser.parse_args()
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(ROOT / "hparam_ci")], check=True)
    subprocess.run([sys.executable, "-m", "hparam_ci.report.compiled"], check=True, cwd=ROOT)
    costs: dict[str, dict[int, Cost]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for n in options.trials:
            path = Path(folder) / f"sweep_{n}.csv"
            with ProcessPoolExecutor(1, mp_context=get_context("fork")) as aside:  # a child's peak includes its parent
                aside.submit(write, n, path).result()
            taken: dict[str, list[Cost]] = {}
            for turn in range(options.runs):
                for label, command in commands(path, options.peers).items():
                    if turn and (label not in taken or taken[label][0].wall > options.longest / 5):
                        continue
                    if found := cost(command, options.longest):
                        taken.setdefault(label, []).append(found)
            costs |= {label: costs.get(label, {}) | {n: least(each)} for label, each in taken.items()}
            _print(n, costs, options.peers is not None)
    for label in ("pandas.read_csv", "hparam-ci inspect"):
        power = exponent(costs[label])
        if power is not None:
            print(f"CPU time of {label} grows with the power {power:.2f} of the trials")


def _print(n: int, costs: dict[str, dict[int, Cost]], peers: bool) -> None:
    base = costs["pandas.read_csv"][n]
    print(f"{f'{n:,} trials':22} {'CPU s':>8} {'ratio':>7} {'wall s':>8} {'ratio':>7} {'MB':>7} {'ratio':>7}")
    for label in ("pandas.read_csv", "hparam-ci inspect", *(PEERS if peers else ())):
        found = costs.get(label, {}).get(n)
        if found:
            cells = [(found.cpu, base.cpu, 2), (found.wall, base.wall, 2), (found.memory, base.memory, 0)]
            print(f"{label:22}" + "".join(f" {value:8.{digits}f} {value / of:7.2f}" for value, of, digits in cells))
        else:
            print(f"{label:22} not within the time, or an error")
    print(flush=True)


if __name__ == "__main__":
    main()
