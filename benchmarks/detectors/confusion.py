"""How often the detectors are right: `python benchmarks/detectors/confusion.py [SEED] [DATA]`.

Prints precision and recall of each detector on made-up trials with known faults (`made.py`), on trials that were really
trained (`trained.py`, with curves), and, where DATA is given, on the sweeps there that `labels.json` labels (see
`label.py`); and how many of 1,000 healthy sweeps show a finding of each severity. Of a trial that a graver detector
has, the milder one says nothing; such trials are counted for neither.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from made import FAULTS, Made, make
from trained import CURVE_FAULTS, train

from hparam_ci.detectors.detector import Detector
from hparam_ci.detectors.registry import all_detectors, find_detector
from hparam_ci.detectors.run import IssueTable, detect
from hparam_ci.sources.read import read_sweeps

SIZES = (5, 8, 12, 20, 40, 80, 150, 300)
FAULTY, TRAINED, HEALTHY, HEALTHY_CURVES = 400, 100, 900, 100
STRENGTHS = ((1.6, 2), (2, 3), (3, 5), (5, 10))
LABELS = Path(__file__).with_name("labels.json")
VOID = ("nan-metric", "inf-metric", "missing-result", "diverged", "no-learning", "overfitting")
"""Faults that are counted whatever graver detectors say, but for those named in GRAVER."""
GRAVER = {"no-learning": ("HP103", "HP201"), "overfitting": ("HP201",)}


def seen(made: Made, folder: Path) -> IssueTable:
    path = folder / "sweep.csv"
    made.write(path)
    [sweep] = read_sweeps(Path(path.name), folder)
    return detect(sweep)


def named(name: str) -> Detector:
    detector = find_detector(name)
    assert detector is not None
    return detector


class Table:
    """Counts of trials, detector by detector."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = {}

    def add(self, name: str, flagged: np.ndarray, true: np.ndarray, sure: np.ndarray, *, looked: bool) -> None:
        flagged, true = flagged & sure, true & sure
        self.counts.setdefault(name, Counter()).update(
            sweeps=int(looked),
            tp=int((flagged & true).sum()),
            fp=int((flagged & ~true).sum()),
            fn=int((true & ~flagged).sum()),
        )

    def show(self, title: str) -> None:
        heads = ("looked at", "true", "found", "missed", "false", "precision", "recall")
        print(f"\n{title:24s}" + "".join(f"{head:>10s}" for head in heads))
        for name, c in self.counts.items():
            numbers = (c["sweeps"], c["tp"] + c["fn"], c["tp"], c["fn"], c["fp"])
            shares = (c["tp"] / max(1, c["tp"] + c["fp"]), c["tp"] / max(1, c["tp"] + c["fn"]))
            print(f"{name:24s}" + "".join(f"{x:10d}" for x in numbers) + "".join(f"{x:10.3f}" for x in shares))


def counted(table: IssueTable, name: str) -> tuple[np.ndarray, np.ndarray, bool]:
    """(n,) flagged, (n,) not flagged by a graver detector, and whether it looked."""
    code, n = named(name).code, len(table.sweep)
    flagged = table.seen[code].flagged if code in table.seen else np.zeros(n, bool)
    graver = GRAVER.get(name, () if name in VOID else [c for c in table.seen if "HP200" < c < code])
    sure = np.ones(n, bool)
    for one in graver:
        if one in table.seen:
            sure &= ~table.seen[one].flagged
    return flagged, sure, code in table.seen


def confusion(sweeps: Iterable[Made], names: tuple[str, ...], folder: Path, title: str) -> None:
    counts = Table()
    by_strength = {limits: [0, 0] for limits in STRENGTHS}
    for made in sweeps:
        table = seen(made, folder)
        for name in names:
            flagged, sure, looked = counted(table, name)
            if not looked and name != "no-learning":  # the file does not record it
                continue
            if name in FAULTS and name not in CURVE_FAULTS:
                sure = np.ones_like(sure)
            sure &= ~made.unsure.get(name, np.zeros_like(sure))
            true = made.faults[name]
            counts.add(name, flagged, true, sure, looked=looked)
            if name == "overfitting" and len(made.strength):
                for (low, high), found in by_strength.items():
                    strong = true & (made.strength >= low) & (made.strength < high)
                    found[0] += int((flagged & strong).sum())
                    found[1] += int(strong.sum())
    counts.show(title)
    for (low, high), (found, total) in by_strength.items():
        if total:
            print(f"  overfitting, held-out loss {low} to {high} times a good one: {found} of {total} found")


def labelled(data: Path) -> None:
    """The sweeps in a folder that are labelled; what is labelled with `?` is not counted. Of trials that are one thing
    or the other, it is counted how many are called either."""
    pooled = Table()
    either: Counter[str] = Counter()
    for file, faults in json.loads(LABELS.read_text(encoding="utf-8")).items():
        [sweep] = read_sweeps(Path(file), data)
        table, counts = detect(sweep), Table()
        known = {trial: faults.get(trial, []) for trial in (*faults, *faults["*"]) if trial != "*"}
        of = [known.get(trial) for trial in sweep.trial_ids]
        for name in (*VOID, "failed", "short-run"):
            flagged, sure, looked = counted(table, name)
            if not looked and name != "no-learning":
                continue
            sure &= np.array([one is not None and f"?{name}" not in one for one in of])
            true = np.array([one is not None and name in one for one in of])
            for shown in (counts, pooled):
                shown.add(name, flagged, true, sure, looked=looked)
        counts.show(file[:24])
        grey = [one is not None and "diverged|no-learning" in one for one in of]
        called = counted(table, "diverged")[0] | counted(table, "no-learning")[0]
        either.update(trials=int(np.sum(grey)), called=int(np.sum(called & grey)))
    pooled.show("all labelled sweeps")
    print(f"  diverged or not learning, by either name: {either['called']} of {either['trials']} found")


def healthy(rng: np.random.Generator, folder: Path, n: int, make_one: Callable[[], Made], title: str) -> None:
    sweeps: Counter[str] = Counter()
    trials: Counter[str] = Counter()
    for _ in range(n):
        table = seen(make_one(), folder)
        found = {
            d.name: d.severity
            for d in all_detectors()
            if (d.code in table.seen and table.seen[d.code].flagged.any())
            or (d.code in table.found and table.found[d.code].findings)
        }
        sweeps.update({*found.values(), *(["any"] if found else [])})
        trials.update(found.keys())
    print(f"\nof {n} healthy sweeps {title}, with a finding of severity", end=" ")
    print(", ".join(f"{severity}: {sweeps[severity]}" for severity in ("error", "warning", "notice", "any")))
    print("by detector:", ", ".join(f"{name} {count}" for name, count in trials.most_common()) or "none")


def main() -> None:
    rng = np.random.default_rng(int(sys.argv[1]) if len(sys.argv) > 1 else 1)

    def size(most: int) -> int:
        return int(rng.choice([n for n in SIZES if n <= most]))

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        confusion((make(rng, max(8, size(300)), faulty=True) for _ in range(FAULTY)), FAULTS, folder, "made up")
        sweeps = (train(rng, max(12, size(80)), faulty=True) for _ in range(TRAINED))
        confusion(sweeps, CURVE_FAULTS, folder, "really trained")
        healthy(rng, folder, HEALTHY, lambda: make(rng, size(300), faulty=False), "made up")
        healthy(rng, folder, HEALTHY_CURVES, lambda: train(rng, size(40), faulty=False), "really trained")
    if len(sys.argv) > 2:
        labelled(Path(sys.argv[2]))


if __name__ == "__main__":
    main()
