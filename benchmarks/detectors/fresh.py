"""How often the detectors are right in sweeps that nobody has looked at: `python benchmarks/detectors/fresh.py DATA
SEED`; each trial that is missed or falsely named with `-v`.

DATA holds, in `gen/`, the trainer `minitrain`. Draws random searches of several kinds over it (data set, network,
optimiser, ranges), trains each trial, writes the file that a logger would have written, with or without curves, and
labels every trial from its own run as `label.py` does, which sees more than the file holds.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from confusion import Table, counted
from label import Config, Run, again, faults_of, good_of

from hparam_ci.detectors.registry import all_detectors
from hparam_ci.detectors.run import detect
from hparam_ci.sources.read import read_sweeps

Rng = np.random.Generator
SWEEPS, TRIALS = 3, 60
NAMES = ("nan-metric", "inf-metric", "failed", "diverged", "no-learning", "overfitting", "short-run")
LOGGED = ("train_loss", "val_loss", "train_acc", "val_acc")


def digits(rng: Rng) -> Config:
    return {"dataset": "digits", "n_train": 150, "hidden": 96, "n_layers": 2, "drop_last": True,
            "lr": 10 ** rng.uniform(-5, 1), "batch_size": int(rng.choice([8, 32, 64, 128, 256])),
            "weight_decay": float(rng.choice([0, 1e-5, 1e-3, 1e-1, 1.0])), "epochs": 30}  # fmt: skip


def blobs(rng: Rng) -> Config:
    return {"dataset": "blobs20", "n_train": int(rng.choice([60, 900])), "lr": 10 ** rng.uniform(-4.5, 0.8),
            "batch_size": int(rng.choice([8, 32, 128])), "weight_decay": float(rng.choice([0.0, 1e-4, 1e-2, 0.3])),
            "hidden": int(rng.choice([16, 64])), "dropout": float(rng.choice([0, 0.2, 0.5])), "n_layers": 2,
            "schedule": str(rng.choice(["constant", "cosine", "step"])), "epochs": 25}  # fmt: skip


def wine(rng: Rng) -> Config:
    return {"dataset": "wine", "n_train": int(rng.choice([20, 110])), "lr": 10 ** rng.uniform(-5, 1.2),
            "batch_size": int(rng.choice([4, 16, 64])), "optimizer": str(rng.choice(["sgd", "adam"])),
            "scale": str(rng.choice(["standard", "minmax", "none"])), "hidden": int(rng.choice([8, 32])),
            "drop_last": True, "epochs": 40}  # fmt: skip


def cancer(rng: Rng) -> Config:
    return {"dataset": "cancer", "n_train": 80, "optimizer": str(rng.choice(["sgd", "adam", "rmsprop"])),
            "lr": 10 ** rng.uniform(-5, 1), "batch_size": int(rng.choice([4, 16, 64])), "drop_last": True,
            "hidden": int(rng.choice([8, 64])), "n_layers": int(rng.integers(1, 5)), "epochs": 30,
            "activation": str(rng.choice(["relu", "tanh", "sigmoid"])), "dropout": rng.uniform(0, 0.7)}  # fmt: skip


def noisy(rng: Rng) -> Config:
    return {"dataset": "hastie", "n_train": int(rng.choice([100, 1000])), "lr": 10 ** rng.uniform(-3, -0.5),
            "label_noise": float(rng.choice([0.0, 0.3])), "hidden": int(rng.choice([32, 128])), "epochs": 40,
            "optimizer": str(rng.choice(["sgd", "adam"])), "weight_decay": 10 ** rng.uniform(-6, -2)}  # fmt: skip


def friedman(rng: Rng) -> Config:
    return {"dataset": "friedman", "n_train": int(rng.choice([40, 900])), "lr": 10 ** rng.uniform(-5, 0.5),
            "hidden": int(rng.choice([32, 128])), "epochs": 30, "batch_size": int(rng.choice([8, 64]))}  # fmt: skip


KINDS = (digits, blobs, wine, cancer, noisy, friedman)


def regression(minitrain: Any, c: Config) -> Run | None:
    """As `again`, with R² in the place of the accuracy: the mean explains nothing, and its loss is the variance."""
    try:
        start = next(iter(minitrain.epochs_of({**c, "lr": 0.0, "epochs": 1})))
        curve = [[m[name] for name in ("train_loss", "val_loss", "train_r2", "val_r2")] for m in minitrain.epochs_of(c)]
    except Exception:  # noqa: BLE001 - whatever a configuration raises, it failed
        return None
    y = minitrain.load(c["dataset"])[3]
    return {"curve": np.array(curve), "start": start["train_loss"], "blind": float(np.var(y)), "share": 0.0}


def write(path: Path, configs: list[Config], runs: list[Run | None], rng: Rng, *, short: np.ndarray) -> None:
    """A row a trial, or a row an epoch; without accuracies now and then."""
    long = bool(rng.random() < 0.5)
    is_regression = configs[0]["dataset"] == "friedman"
    shown = LOGGED[:2] if is_regression or rng.random() < 0.25 else LOGGED
    head = ["trial_id", *([] if long else ["status"]), "epoch", *configs[0], *shown]
    head.remove("epochs")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, head, extrasaction="ignore")
        writer.writeheader()
        for trial, (c, run) in enumerate(zip(configs, runs, strict=True)):
            about = {"trial_id": f"t{trial}", "status": "completed" if run else "failed", **c}
            if run is None:
                if not long:
                    writer.writerow(about)
                continue
            curve = run["curve"][: max(1, c["epochs"] // 6)] if short[trial] else run["curve"]
            for epoch in range(len(curve)) if long else [len(curve) - 1]:
                numbers = dict(zip(LOGGED, (f"{x:.6g}" for x in curve[epoch]), strict=True))
                writer.writerow({**about, "epoch": epoch + 1, **numbers})


def main() -> None:
    data, rng = Path(sys.argv[1]), np.random.default_rng(int(sys.argv[2]))
    sys.path.insert(0, str(data / "gen"))
    import minitrain  # type: ignore[import-not-found]

    counts, either = Table(), Counter[str]()
    by_kind = {kind.__name__: Table() for kind in KINDS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in KINDS * SWEEPS:
            configs = [{**kind(rng), "seed": int(rng.integers(1000))} for _ in range(TRIALS)]
            runs = [(regression if kind is friedman else again)(minitrain, c) for c in configs]
            short = (rng.random(TRIALS) < 0.08) & (rng.random() < 0.5)
            write(folder / "sweep.csv", configs, runs, rng, short=short)
            [sweep] = read_sweeps(Path("sweep.csv"), folder)
            table = detect(sweep)
            good = good_of({str(i): run for i, run in enumerate(runs) if run and not short[i]})
            of = {f"t{i}": ["failed"] if run is None else faults_of(run, good) for i, run in enumerate(runs)}
            for i in np.flatnonzero(short & np.array([run is not None for run in runs])):
                length = "?short-run" if "nan-metric" in of[f"t{i}"] else "short-run"
                of[f"t{i}"] = [length, *(f"?{x}" for x in NAMES[:-1])]
            labels = [of[trial] for trial in sweep.trial_ids]
            if not sweep.metrics(kinds=("accuracy",)) and sweep.table.history is None:
                labels = [[*one, "?no-learning"] for one in labels]  # of final losses alone nobody can tell
            for fault in NAMES:
                flagged, sure, looked = counted(table, fault)
                if looked or fault == "no-learning":
                    sure &= np.array([f"?{fault}" not in one for one in labels])
                    true = np.array([fault in one for one in labels])
                    for one in (counts, by_kind[kind.__name__]):
                        one.add(fault, flagged, true, sure, looked=looked)
                    if "-v" in sys.argv:
                        explain(kind.__name__, fault, table, flagged & sure, true & sure, labels)
            grey = np.array(["diverged|no-learning" in one for one in labels])
            called = counted(table, "diverged")[0] | counted(table, "no-learning")[0]
            either.update(trials=int(grey.sum()), called=int((called & grey).sum()))
    for kind_name, one in by_kind.items():
        one.show(kind_name)
    counts.show("all, really trained")
    print(f"  diverged or not learning, by either name: {either['called']} of {either['trials']} found")


def explain(kind: str, fault: str, table: Any, flagged: np.ndarray, true: np.ndarray, labels: list[list[str]]) -> None:
    """Each trial that is missed, or falsely called so, with its numbers."""
    sweep = table.sweep
    for row in np.flatnonzero(flagged != true):
        others = [d.name for d in all_detectors() if d.code in table.seen and table.seen[d.code].flagged[row]]
        numbers = {column.name: column.show(int(row)) for column, _ in sweep.metrics()}
        what = "false" if flagged[row] else "missed"
        curves = "with curves" if sweep.table.history is not None else ""
        print(f"{what} {fault} in {kind} {curves}: {sweep.trial_ids[row]} {labels[row]} called {others} {numbers}")


if __name__ == "__main__":
    main()
