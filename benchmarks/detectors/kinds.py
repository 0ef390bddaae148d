"""How often the detectors are right in sweeps of other kinds: `python benchmarks/detectors/kinds.py [SEED]`.

Regression in raw units, log-likelihoods, returns that go up and below 0, percent, adversarial and contrastive losses,
losses summed over unequal splits, perplexity, fine-tuning with a handful of trials, many metrics, half of the trials
pruned, replicates. Prints how many healthy sweeps of each kind show a finding of each severity, and what is found of
trials with a fault.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from confusion import Table

from hparam_ci.detectors.registry import all_detectors, find_detector
from hparam_ci.detectors.run import IssueTable, detect
from hparam_ci.sources.read import read_sweeps

Rng = np.random.Generator
Columns = dict[str, Any]
HEALTHY, FAULTY = 60, 30
FAULTS = ("nan-metric", "failed", "diverged", "overfitting")


def skewed(rng: Rng, n: int, level: float, width: float) -> np.ndarray:
    return level * rng.lognormal(0, width, n)


def raw_units(rng: Rng, n: int) -> Columns:
    level = 10 ** rng.uniform(-3, 6)
    train = skewed(rng, n, level, rng.uniform(0.05, 0.3))
    return {"train_rmse": train, "val_rmse": train * rng.uniform(1.02, 1.2) * rng.lognormal(0, 0.03, n)}


def likelihood(rng: Rng, n: int) -> Columns:
    centre, width = rng.choice([-2000.0, -3.0, 1.5, 400.0]), rng.uniform(0.02, 0.1)
    train = centre + abs(centre) * width * rng.normal(size=n)
    return {"train_log_likelihood": train, "val_log_likelihood": train - abs(centre) * rng.uniform(0.02, 0.1)}


def returns(rng: Rng, n: int) -> Columns:
    span = 10 ** rng.uniform(0, 4)
    return {
        "episode_return": span * rng.normal(rng.uniform(-0.5, 1), 0.4, n),
        "episode_length": rng.integers(50, 400, n),
    }


def percent(rng: Rng, n: int) -> Columns:
    train = np.minimum(99.9, rng.uniform(70, 95) + rng.normal(0, 1.5, n))
    return {"train_acc": train, "val_acc": train - rng.uniform(1, 6) - np.abs(rng.normal(0, 0.6, n))}


def adversarial(rng: Rng, n: int) -> Columns:
    if rng.random() < 0.5:
        return {
            "critic_loss": rng.normal(-12, 5, n),
            "generator_loss": rng.normal(3, 6, n),
            "fid": skewed(rng, n, 30, 0.3),
        }
    return {"d_loss": skewed(rng, n, 0.9, 0.3), "g_loss": skewed(rng, n, 2.0, 0.5), "fid": skewed(rng, n, 30, 0.3)}


def contrastive(rng: Rng, n: int) -> Columns:
    most = np.log(int(rng.choice([128, 256, 512])))
    train = most * rng.uniform(0.3, 0.8) + rng.normal(0, 0.12, n)
    return {"train_loss": train, "val_loss": train + 0.1 + np.abs(rng.normal(0, 0.05, n))}


def summed(rng: Rng, n: int) -> Columns:
    train = skewed(rng, n, 400, rng.uniform(0.05, 0.3))
    return {"train_loss": train, "val_loss": train * rng.choice([0.1, 0.2, 4.0]) * rng.lognormal(0.1, 0.05, n)}


def perplexity(rng: Rng, n: int) -> Columns:
    train = 1 + skewed(rng, n, rng.uniform(5, 60), 0.2)
    return {"train_ppl": train, "val_ppl": train * rng.uniform(1.05, 1.5) * rng.lognormal(0, 0.03, n)}


def many_metrics(rng: Rng, n: int) -> Columns:
    f1 = np.clip(rng.normal(0.8, 0.04, n), 0, 0.99)
    return {
        "train_loss": skewed(rng, n, 0.3, 0.15), "val_loss": skewed(rng, n, 0.45, 0.12), "val_f1": f1,
        "val_precision": np.clip(f1 + rng.normal(0, 0.02, n), 0, 1),
        "val_recall": np.clip(f1 + rng.normal(0, 0.02, n), 0, 1),
        "val_auc": np.clip(rng.normal(0.9, 0.02, n), 0, 1), "latency_ms": skewed(rng, n, 12, 0.4),
        "peak_memory_mb": skewed(rng, n, 3000, 0.2), "grad_norm": skewed(rng, n, 2, 0.8),
    }  # fmt: skip


def fine_tuning(rng: Rng, n: int) -> Columns:
    loss = skewed(rng, n, 0.4, 0.12)
    return {"train_loss": loss * 0.8, "eval_loss": loss, "eval_f1": np.clip(0.9 - 0.1 * loss, 0, 1)}


KINDS: dict[str, tuple[Callable[[Rng, int], Columns], str, str]] = {  # with its training and its held-out loss
    "raw units": (raw_units, "train_rmse", "val_rmse"),
    "log-likelihood": (likelihood, "", ""),
    "returns": (returns, "", ""),
    "percent": (percent, "", ""),
    "adversarial": (adversarial, "", ""),
    "contrastive": (contrastive, "train_loss", "val_loss"),
    "summed losses": (summed, "train_loss", "val_loss"),
    "perplexity": (perplexity, "", ""),
    "many metrics": (many_metrics, "train_loss", "val_loss"),
    "fine-tuning": (fine_tuning, "train_loss", "eval_loss"),
    "half pruned": (many_metrics, "train_loss", "val_loss"),
    "replicates": (many_metrics, "train_loss", "val_loss"),
}


def make(rng: Rng, kind: str, *, faulty: bool) -> tuple[Columns, dict[str, np.ndarray]]:
    """The columns of one sweep, and which trials have which fault."""
    metrics, train, held_out = KINDS[kind]
    n = int(rng.integers(3, 8)) if kind == "fine-tuning" else int(rng.choice([12, 20, 40, 80]))
    found = {name: np.asarray(values, float) for name, values in metrics(rng, n).items()}
    fault = np.full(n, "", dtype=object)
    if faulty and n >= 12:
        fault[rng.random(n) < 0.08] = "nan-metric"
        fault[rng.random(n) < 0.08] = "failed"
        if train:
            fault[rng.random(n) < 0.08] = "diverged"
            fault[rng.random(n) < 0.06] = "overfitting" if kind != "summed losses" else ""
    good = {name: float(np.median(found[name])) for name in (train, held_out) if name}
    if train:
        for name in (train, held_out):
            found[name] = np.where(fault == "diverged", good[name] * 10 ** rng.uniform(1.7, 6, n), found[name])
        found[train] = np.where(fault == "overfitting", np.min(found[train]) * rng.uniform(0.1, 0.5, n), found[train])
        found[held_out] = np.where(fault == "overfitting", good[held_out] * rng.uniform(2.5, 5, n), found[held_out])
    lr, decay = 10 ** rng.uniform(-5, -1, n), 10 ** rng.uniform(-6, -2, n)
    columns: Columns = {"trial_id": range(n), "status": np.where(fault == "failed", "failed", "completed")}
    if kind == "half pruned":
        pruned = (rng.random(n) < 0.5) & (fault == "")
        columns["status"] = np.where(pruned, "pruned", columns["status"])
        for name in (train, held_out):
            found[name] = np.where(pruned, found[name] * rng.uniform(1.2, 6, n), found[name])
    if kind == "replicates":
        place = np.arange(n) // 4
        lr, decay = lr[place], decay[place]
        columns["seed"] = np.arange(n) % 4
    columns |= {"lr": [f"{x:.4g}" for x in lr], "weight_decay": [f"{x:.4g}" for x in decay]}
    for name, values in found.items():
        cells = np.array([f"{x:.6g}" for x in values], dtype=object)
        if name != "episode_length":
            cells[fault == "nan-metric"] = "nan"
        cells[fault == "failed"] = ""
        columns[name] = cells
    return columns, {name: fault == name for name in FAULTS}


def seen(columns: Columns, folder: Path) -> IssueTable:
    with (folder / "sweep.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    [sweep] = read_sweeps(Path("sweep.csv"), folder)
    return detect(sweep)


def findings(table: IssueTable) -> dict[str, str]:
    """Detector name to severity, of those that found anything."""
    return {
        d.name: d.severity
        for d in all_detectors()
        if (d.code in table.seen and table.seen[d.code].flagged.any())
        or (d.code in table.found and table.found[d.code].findings)
    }


def main() -> None:
    rng = np.random.default_rng(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    counts, total = Table(), Counter[str]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"of {HEALTHY} healthy sweeps, with a finding of severity error, warning, notice; and which")
        for kind in KINDS:
            by_severity, by_name = Counter[str](), Counter[str]()
            for _ in range(HEALTHY):
                found = findings(seen(make(rng, kind, faulty=False)[0], folder))
                by_severity.update(set(found.values()))
                by_name.update(found.keys())
            total.update(by_severity)
            numbers = "".join(f"{by_severity[one]:5d}" for one in ("error", "warning", "notice"))
            print(f"{kind:16s}{numbers}  " + ", ".join(f"{one} {count}" for one, count in by_name.most_common(6)))
            for _ in range(FAULTY):
                columns, faults = make(rng, kind, faulty=True)
                table = seen(columns, folder)
                for fault, true in faults.items():
                    detector = find_detector(fault)
                    if detector is not None and detector.code in table.seen:
                        flagged = table.seen[detector.code].flagged
                        counts.add(fault, flagged, true, np.ones(len(true), bool), looked=True)
    print(f"all {HEALTHY * len(KINDS)}: {dict(total)}")
    counts.show("trials with faults")


if __name__ == "__main__":
    main()
