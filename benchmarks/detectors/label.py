"""Labels for sweeps that a generator script made: `python benchmarks/detectors/label.py DATA > labels.json`.

DATA holds the files and, in `gen/`, the trainer `minitrain` that they were made with. Each configuration is trained
again with its seed, which shows what its row in the file does not: the loss before training, every epoch, and the loss
of a constant guess. From these, and not from the sweep's other trials, follows what was wrong with the trial.
"""

from __future__ import annotations

import csv
import json
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

Config = dict[str, Any]
config = dict  # of the same shape as in the scripts


def plain(rows: list[dict[str, str]]) -> Iterator[tuple[str, Config]]:
    draw = random.Random(101)
    for row in rows:
        c = config(dataset="digits", n_train=150, hidden=96, n_layers=2, drop_last=True, optimizer="sgd",
                 lr=10 ** draw.uniform(-5, 1), batch_size=draw.choice([2, 8, 32, 64, 128, 256]),
                 weight_decay=draw.choice([0, 0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0]),
                 epochs=draw.choice([1, 3, 10, 30, 100, 400]), seed=draw.randrange(10**6))  # fmt: skip
        assert f"{c['lr']:.9g}" == f"{float(row['lr']):.9g}", "the generator has changed"
        if row["status"] == "completed":
            yield row["trial_id"], c


def history(rows: list[dict[str, str]]) -> Iterator[tuple[str, Config]]:
    draw = random.Random(303)
    for i in range(130):
        c = config(dataset="blobs20", n_train=draw.choice([60, 900]), lr=10 ** draw.uniform(-4.5, 0.8),
                 batch_size=draw.choice([8, 32, 128]), weight_decay=draw.choice([0.0, 1e-4, 1e-2, 0.3]),
                 hidden=draw.choice([16, 64, 256]), dropout=draw.choice([0, 0.2, 0.5]),
                 schedule=draw.choice(["constant", "cosine", "step"]), epochs=draw.choice([4, 15, 40]), n_layers=2,
                 seed=i)  # fmt: skip
        draw.choice([0, 2, 4])
        if i % 17 != 5:  # those were interrupted
            yield f"run-{i:03d}", c


def optuna(rows: list[dict[str, str]]) -> Iterator[tuple[str, Config]]:
    for row in rows:
        if row["state"] != "COMPLETE":
            continue
        c: Config = {"dataset": "cancer", "n_train": 80, "drop_last": True, "seed": int(row["number"])}
        names = ("batch_size", "hidden", "n_layers", "epochs")
        c |= {name: int(float(row[f"params_{name}"])) for name in names}
        c |= {name: float(row[f"params_{name}"]) for name in ("lr", "weight_decay", "dropout")}
        c |= {"optimizer": row["params_optimizer"], "activation": row["params_activation"]}
        c |= {"groups": int(float(row["params_norm_groups"]))}
        if row["params_momentum"]:
            c["momentum"] = float(row["params_momentum"])
        yield row["number"], c


def mlflow(rows: list[dict[str, str]]) -> Iterator[tuple[str, Config]]:
    for row in rows:
        if row["status"] != "FINISHED":
            continue
        c: Config = {"dataset": "wine", "drop_last": row["params.drop_last"] == "True", "scale": row["params.scale"]}
        c |= {"optimizer": row["params.optimizer"]}
        c |= {name: float(row[f"params.{name}"]) for name in ("lr", "weight_decay")}
        c |= {name: int(float(row[f"params.{name}"])) for name in ("seed", "epochs", "hidden", "batch_size", "n_train")}
        yield row["run_id"], c


def healthy(rows: list[dict[str, str]]) -> Iterator[tuple[str, Config]]:
    draw = random.Random(909)
    for i in range(100):
        yield str(i), config(dataset="digits", lr=10 ** draw.uniform(-2.3, -1.3), batch_size=draw.choice([32, 64]),
                           weight_decay=10 ** draw.uniform(-5, -3), epochs=draw.choice([25, 30, 40]), hidden=64,
                           seed=i)  # fmt: skip


Configs = Callable[[list[dict[str, str]]], Iterator[tuple[str, Config]]]
FILES: dict[str, Configs] = {
    "d01_plain_seed_schema.csv": plain,
    "d02_optuna_trials_dataframe.csv": optuna,
    "d04_mlflow_search_runs.csv": mlflow,
    "d07_history_long.csv": history,
    "d09_healthy.csv": healthy,
}


def again(minitrain: Any, c: Config) -> dict[str, Any] | None:
    """What one configuration does: its curve, the loss before training, the loss of a constant guess."""
    try:
        start = next(iter(minitrain.epochs_of({**c, "lr": 0.0, "epochs": 1})))
        curve = [
            (m["train_loss"], m["val_loss"], m.get("train_acc", np.nan), m.get("val_acc", np.nan))
            for m in minitrain.epochs_of(c)
        ]
    except Exception:  # noqa: BLE001 - whatever a configuration raises, it failed
        return None
    labels = minitrain.load(c["dataset"], c.get("data_seed", 0), c.get("scale", "standard"))[1]
    share = np.bincount(labels) / len(labels)
    blind = float(-(share[share > 0] * np.log(share[share > 0])).sum())
    return {"curve": np.array(curve), "start": start["train_loss"], "blind": blind, "share": float(share.max())}


def faults_of(run: dict[str, Any], good: dict[str, float]) -> list[str]:
    """What was wrong, and with `?` in front what might be."""
    train, held_out, accuracy, held_out_accuracy = run["curve"].T
    if not np.isfinite([train[-1], held_out[-1]]).all():
        return ["nan-metric"]
    worst = max(run["start"], run["blind"])
    if train[-1] > 3 * worst:
        return ["diverged"]
    found = []
    if held_out[-1] > 3 * worst:
        found.append("?diverged")
    learnt = 1 - np.min(train) / run["blind"]
    chance = accuracy[-1] <= run["share"] + 0.05
    if chance and 1 - train[-1] / run["blind"] < 0.03 and held_out_accuracy[-1] <= run["share"] + 0.08:
        found.append("no-learning" if learnt < 0.1 else "?no-learning")
    elif chance or 1 - train[-1] / run["blind"] < 0.1:
        found.append("?no-learning")
    fits = accuracy[-1] >= 0.9
    if fits and held_out_accuracy[-1] <= good["accuracy"] - 0.15 and held_out[-1] >= 2 * good["loss"]:
        found.append("overfitting")
    elif accuracy[-1] - held_out_accuracy[-1] > 0.08 or held_out[-1] > 1.5 * good["loss"]:
        found.append("?overfitting")
    return found


def main() -> None:
    data = Path(sys.argv[1])
    sys.path.insert(0, str(data / "gen"))
    import minitrain  # type: ignore[import-not-found]

    labels: dict[str, dict[str, list[str]]] = {}
    for name, configs in FILES.items():
        with (data / name).open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        runs = {trial: run for trial, c in configs(rows) if (run := again(minitrain, c)) is not None}
        finals = np.array([run["curve"][-1] for run in runs.values()])
        finals = finals[np.isfinite(finals).all(axis=1)]
        good = {"loss": float(np.quantile(finals[:, 1], 0.125)), "accuracy": float(np.quantile(finals[:, 3], 0.875))}
        labels[name] = {trial: found for trial, run in runs.items() if (found := faults_of(run, good))}
        labels[name]["*"] = sorted(set(runs) - set(labels[name]))
        print(f"{name}: {len(runs)} trained again", file=sys.stderr)
    json.dump(labels, sys.stdout, indent=0)


if __name__ == "__main__":
    main()
