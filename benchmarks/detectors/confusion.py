"""How often the detectors are right: `python benchmarks/detectors/confusion.py [SEED]`.

Prints precision and recall of each detector on made-up trials with known faults, recall by strength for overfitting,
and how many of 1,000 healthy sweeps show a finding of each severity. See `made.py` for how they are made.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from made import FAULTS, Made, make

from hparam_ci.detectors.detector import IssueTable, all_detectors, detect
from hparam_ci.sources.history import collapse
from hparam_ci.sources.roles import read_roles
from hparam_ci.sources.tabular import read_table

SIZES = (5, 8, 12, 20, 40, 80, 150, 300)
FAULTY, HEALTHY = 400, 1000
STRENGTHS = ((1.6, 2), (2, 3), (3, 5), (5, 10))


def seen(made: Made, folder: Path) -> IssueTable:
    path = folder / "sweep.csv"
    made.write(path)
    return detect(read_roles(collapse(read_table(Path(path.name), folder))))


def confusion(rng: np.random.Generator, folder: Path) -> None:
    counts = {name: Counter[str]() for name in FAULTS}
    by_strength = {limits: [0, 0] for limits in STRENGTHS}
    for _ in range(FAULTY):
        made = make(rng, int(rng.choice(SIZES[1:])), faulty=True)
        table = seen(made, folder)
        for detector in all_detectors():
            if detector.name not in FAULTS or detector.code not in table.seen:
                continue
            sure = ~made.unsure.get(detector.name, np.zeros(1, bool))
            flagged, true = table.seen[detector.code].flagged & sure, made.faults[detector.name] & sure
            counts[detector.name] += Counter(
                sweeps=1,
                tp=int((flagged & true).sum()),
                fp=int((flagged & ~true).sum()),
                fn=int((true & ~flagged).sum()),
            )
            if detector.name == "overfitting":
                for (low, high), found in by_strength.items():
                    strong = true & (made.strength >= low) & (made.strength < high)
                    found[0] += int((flagged & strong).sum())
                    found[1] += int(strong.sum())
    heads = ("sweeps", "true", "found", "missed", "false", "precision", "recall")
    print(f"{'detector':16s}" + "".join(f"{head:>10s}" for head in heads))
    for name, c in counts.items():
        numbers = (c["sweeps"], c["tp"] + c["fn"], c["tp"], c["fn"], c["fp"])
        shares = (c["tp"] / max(1, c["tp"] + c["fp"]), c["tp"] / max(1, c["tp"] + c["fn"]))
        print(f"{name:16s}" + "".join(f"{x:10d}" for x in numbers) + "".join(f"{x:10.3f}" for x in shares))
    for (low, high), (found, total) in by_strength.items():
        print(f"  overfitting, held-out loss {low} to {high} times a good one: {found} of {total} found")


def healthy(rng: np.random.Generator, folder: Path) -> None:
    sweeps: Counter[str] = Counter()
    trials: Counter[str] = Counter()
    for _ in range(HEALTHY):
        table = seen(make(rng, int(rng.choice(SIZES)), faulty=False), folder)
        found = {
            d.name: d.severity for d in all_detectors() if d.code in table.seen and table.seen[d.code].flagged.any()
        }
        sweeps.update(set(found.values()))
        trials.update(found.keys())
    print(f"\nof {HEALTHY} healthy sweeps, with a finding of severity", end=" ")
    print(", ".join(f"{severity}: {sweeps[severity]}" for severity in ("error", "warning", "notice")))
    print("by detector:", ", ".join(f"{name} {count}" for name, count in trials.most_common()) or "none")


def main() -> None:
    rng = np.random.default_rng(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    with tempfile.TemporaryDirectory() as name:
        confusion(rng, Path(name))
        healthy(rng, Path(name))


if __name__ == "__main__":
    main()
