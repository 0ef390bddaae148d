"""Labels for sweeps that a generator script made: `python benchmarks/detectors/label.py DATA > labels.json`.

DATA holds the files and, in `gen/`, the trainer `minitrain` that they were made with. Each configuration is trained
again with its seed, which shows what its row in the file does not: the loss before training, every epoch, and the loss
of a constant guess. From these, and not from the sweep's other trials, follows what was wrong with the trial. Two of
the files were made with torch, which must be installed beside scikit-learn to label them; it is needed for no more.
"""

from __future__ import annotations

import ast
import csv
import json
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

Row = dict[str, str]
Config = dict[str, Any]
Run = dict[str, Any]
"""What one configuration does: its curve, the loss before training, the loss and the accuracy of a constant guess."""
config = dict  # of the same shape as in the scripts


def plain(rows: list[Row]) -> Iterator[tuple[str, Config]]:
    draw = random.Random(101)
    for row in rows:
        c = config(dataset="digits", n_train=150, hidden=96, n_layers=2, drop_last=True, optimizer="sgd",
                 lr=10 ** draw.uniform(-5, 1), batch_size=draw.choice([2, 8, 32, 64, 128, 256]),
                 weight_decay=draw.choice([0, 0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0]),
                 epochs=draw.choice([1, 3, 10, 30, 100, 400]), seed=draw.randrange(10**6))  # fmt: skip
        assert f"{c['lr']:.9g}" == f"{float(row['lr']):.9g}", "the generator has changed"
        if row["status"] == "completed":
            yield row["trial_id"], c


def history(rows: list[Row]) -> Iterator[tuple[str, Config]]:
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


def optuna(rows: list[Row]) -> Iterator[tuple[str, Config]]:
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


def mlflow(rows: list[Row]) -> Iterator[tuple[str, Config]]:
    for row in rows:
        if row["status"] != "FINISHED":
            continue
        c: Config = {"dataset": "wine", "drop_last": row["params.drop_last"] == "True", "scale": row["params.scale"]}
        c |= {"optimizer": row["params.optimizer"]}
        c |= {name: float(row[f"params.{name}"]) for name in ("lr", "weight_decay")}
        c |= {name: int(float(row[f"params.{name}"])) for name in ("seed", "epochs", "hidden", "batch_size", "n_train")}
        yield row["run_id"], c


def healthy(rows: list[Row]) -> Iterator[tuple[str, Config]]:
    draw = random.Random(909)
    for i in range(100):
        yield str(i), config(dataset="digits", lr=10 ** draw.uniform(-2.3, -1.3), batch_size=draw.choice([32, 64]),
                           weight_decay=10 ** draw.uniform(-5, -3), epochs=draw.choice([25, 30, 40]), hidden=64,
                           seed=i)  # fmt: skip


def ray(rows: list[Row]) -> Iterator[tuple[str, Config]]:
    for row in rows:
        c: Config = {"dataset": "digits", "n_train": 200, "n_layers": 2, "schedule": "cosine"}
        c |= {"optimizer": row["config/optim/name"], "epochs": int(row["config/max_epochs"])}
        c |= {name: float(row[f"config/optim/{name}"]) for name in ("lr", "weight_decay")}
        c |= {"dropout": float(row["config/model/dropout"]), "warmup_frac": float(row["config/warmup_frac"])}
        c |= {name: int(row[f"config/model/{name}"]) for name in ("hidden", "groups")}
        c |= {name: int(row[f"config/{name}"]) for name in ("batch_size", "seed")}
        yield row["trial_id"], c


Configs = Callable[[list[Row]], Iterator[tuple[str, Config]]]


def trained_by(configs: Configs) -> Callable[[list[Row], Any], Iterator[tuple[str, Run]]]:
    """The runs of a file that was made with `minitrain`."""

    def runs(rows: list[Row], minitrain: Any) -> Iterator[tuple[str, Run]]:
        for trial, c in configs(rows):
            if (run := again(minitrain, c)) is not None:
                yield trial, run

    return runs


def scheduled(rows: list[Row], minitrain: Any) -> Iterator[tuple[str, Run]]:
    """Runs that a scheduler stopped, in a file that leaves a cell empty where the loss was NaN."""
    by_trial = {row["trial_id"]: row for row in rows}
    for trial, run in trained_by(ray)(rows, minitrain):
        row = by_trial[trial]
        ran, planned = int(row["training_iteration"]), int(row["config/max_epochs"])
        curve = run["curve"][:ran]
        if row["loss"]:  # what explodes is not the same again to the last digit
            curve[-1] = [float(row[name]) for name in ("train_loss", "loss", "train_accuracy", "accuracy")]
        yield trial, {**run, "curve": curve, "stopped": ran < planned, "blank": not row["loss"]}


def again(minitrain: Any, c: Config) -> Run | None:
    try:
        start = next(iter(minitrain.epochs_of({**c, "lr": 0.0, "epochs": 1})))
        curve = [
            (m["train_loss"], m["val_loss"], m.get("train_acc", np.nan), m.get("val_acc", np.nan))
            for m in minitrain.epochs_of(c)
        ]
    except Exception:  # noqa: BLE001 - whatever a configuration raises, it failed
        return None
    labels = minitrain.load(c["dataset"], c.get("data_seed", 0), c.get("scale", "standard"))[1]
    return {"curve": np.array(curve), "start": start["train_loss"], **guess(labels)}


def guess(labels: np.ndarray) -> dict[str, float]:
    """The loss of the best constant guess, and its accuracy."""
    share = np.bincount(labels) / len(labels)
    return {"blind": float(-(share[share > 0] * np.log(share[share > 0])).sum()), "share": float(share.max())}


def grid(rows: list[Row], minitrain: Any) -> Iterator[tuple[str, Run]]:
    """Means over the folds of a cross-validation; of a fit that stops itself there are the last numbers only."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import cross_validate
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = (part[:300] for part in load_digits(return_X_y=True))
    for place, row in enumerate(rows):
        settings = {**ast.literal_eval(row["params"])}
        c = {name.removeprefix("mlp__"): value for name, value in settings.items()}
        curve = []
        for changed in ({"learning_rate_init": 1e-12, "max_iter": 1}, {}):
            mlp = MLPClassifier(solver="sgd", momentum=0.9, random_state=0, **{**c, **changed})
            try:
                scores = cross_validate(
                    make_pipeline(StandardScaler(), mlp), x, y, cv=3, return_train_score=True, error_score="raise",
                    scoring={"accuracy": "accuracy", "loss": "neg_log_loss"},
                )  # fmt: skip
            except Exception:  # noqa: BLE001 - whatever a configuration raises, it failed
                break
            means = [
                float(scores[name].mean()) for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
            ]
            curve.append((-means[0], -means[1], means[2], means[3]))
        if len(curve) == 2:
            yield str(place), {"curve": np.array(curve[1:]), "start": curve[0][0], **guess(y)}


def wandb(rows: list[Row], minitrain: Any) -> Iterator[tuple[str, Run]]:
    import torch

    torch.set_num_threads(1)
    x, y, x_out, y_out, _ = minitrain.load("cancer")
    x, x_out = (torch.tensor(part, dtype=torch.float32) for part in (x[:60], x_out))
    y, y_out = torch.tensor(y[:60]), torch.tensor(y_out)
    nn, entropy = torch.nn, torch.nn.functional.cross_entropy
    for row in rows:
        if row["State"] != "finished":
            continue
        torch.manual_seed(int(row["seed"]))
        hidden = int(row["model.hidden"])
        net = nn.Sequential(
            nn.Linear(30, hidden), nn.GroupNorm(int(row["model.heads"]), hidden), nn.ReLU(),
            nn.Dropout(float(row["model.dropout"])), nn.Linear(hidden, 2),
        )  # fmt: skip
        rule = getattr(torch.optim, row["optimizer"])
        optimizer = rule(net.parameters(), lr=float(row["lr"]), weight_decay=float(row["weight_decay"]))
        curve = []
        for epoch in range(int(row["epochs"]) + 1):
            net.train()
            for batch in torch.randperm(60).split(int(row["batch_size"])) if epoch else ():
                optimizer.zero_grad()
                entropy(net(x[batch]), y[batch]).backward()
                optimizer.step()
            net.eval()
            with torch.no_grad():
                both = [(net(part), of) for part, of in ((x, y), (x_out, y_out))]
                curve.append(
                    [float(entropy(z, of)) for z, of in both]
                    + [float((z.argmax(1) == of).float().mean()) for z, of in both]
                )
        yield row["Name"], {"curve": np.array(curve[1:]), "start": curve[0][0], **guess(y_out.numpy())}


def lightning(rows: list[Row], minitrain: Any) -> Iterator[tuple[str, Run]]:
    """The file has the curves; what it has not is the loss before training, which follows from the seed."""
    import torch

    x, y, _, y_out, _ = minitrain.load("wine")
    versions: dict[str, list[Row]] = {}
    for row in rows:
        versions.setdefault(row["version"], []).append(row)
    for number, (name, of_it) in enumerate(versions.items()):
        torch.manual_seed(number)
        hidden, n = int(of_it[0]["hparams/hidden"]), int(of_it[0]["hparams/n_train"])
        net = torch.nn.Sequential(torch.nn.Linear(13, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 3))
        with torch.no_grad():
            logits = net(torch.tensor(x[:n], dtype=torch.float32))
            start = float(torch.nn.functional.cross_entropy(logits, torch.tensor(y[:n])))
        columns = [
            [float(row[column]) for row in of_it if row[column]]
            for column in ("train_loss_epoch", "val_loss", "train_acc", "val_acc")
        ]
        epochs = min(len(column) for column in columns)
        curve = np.array([column[len(column) - epochs :] for column in columns]).T
        yield name, {"curve": curve, "start": start, **guess(y_out)}


FILES: dict[str, Callable[[list[Row], Any], Iterator[tuple[str, Run]]]] = {
    "d01_plain_seed_schema.csv": trained_by(plain),
    "d02_optuna_trials_dataframe.csv": trained_by(optuna),
    "d03_ray_get_dataframe.csv": scheduled,
    "d04_mlflow_search_runs.csv": trained_by(mlflow),
    "d05_sklearn_grid_cv_results.csv": grid,
    "d06b_wandb_flat.csv": wandb,
    "d07_history_long.csv": trained_by(history),
    "d08_lightning_metrics.csv": lightning,
    "d09_healthy.csv": trained_by(healthy),
}


def told(name: str, rows: list[Row], runs: dict[str, Run]) -> dict[str, list[str]]:
    """Trials that failed or ran into a limit of time, as the script wrote down or training again shows."""
    if name == "d05_sklearn_grid_cv_results.csv":
        raised = {str(place): row for place, row in enumerate(rows) if str(place) not in runs}
        in_all_folds = {trial for trial, row in raised.items() if not row["split0_test_accuracy"]}
        return {trial: ["failed"] if trial in in_all_folds else ["missing-result", *UNSURE] for trial in raised}
    ids, state, bad = ENDS.get(name, ("", "", ()))
    return {row[ids]: ["failed", *UNSURE[:-1]] for row in rows if row.get(state) in bad}


UNSURE = ("?nan-metric", "?diverged", "?no-learning", "?overfitting", "?failed")
"""Of a trial that did not come to its end nothing else is sure; and where some folds raised, not that it failed."""


ENDS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "d01_plain_seed_schema.csv": ("trial_id", "status", ("failed", "timeout")),
    "d02_optuna_trials_dataframe.csv": ("number", "state", ("FAIL",)),
    "d04_mlflow_search_runs.csv": ("run_id", "status", ("FAILED", "KILLED")),
    "d06b_wandb_flat.csv": ("Name", "State", ("failed", "crashed", "killed")),
}


def faults_of(run: Run, good: dict[str, float]) -> list[str]:
    """What was wrong, with `?` in front what might be, and `diverged|no-learning` where it is one of the two.

    * Diverged: far above what the trial began with and what a constant guess costs. Where it tells the classes well all
      the same, or began that high itself, or lies where untrained networks do (see `GREY`), it may be called so.
    * No learning: no better than a constant guess by any metric on either split, and never was.
    * Overfitting: it fits its training set, and is no longer getting better on the rest; the splits are apart by
      accuracy (0.1, as AutoTrainer has it: Zhang et al., ICSE 2021) and by loss (a tenth, as SageMaker Debugger has
      it), and by 0.1 more than those of the sweep's good trials, whose held-out accuracy it misses by as much.
    """
    train, held_out, accuracy, held_out_accuracy = run["curve"].T
    if not np.isfinite([train[-1], held_out[-1]]).all():
        kind = "nan-metric" if np.isnan([train[-1], held_out[-1]]).any() else "inf-metric"
        return ["missing-result" if run.get("blank") else kind, "?diverged"]
    blind, share = run["blind"], run["share"]
    chance = accuracy[-1] <= share + 0.05 and held_out_accuracy[-1] <= share + 0.08
    tells = min(accuracy[-1], held_out_accuracy[-1]) >= (1 + share) / 2
    if train[-1] > 3 * max(run["start"], blind) and train[-1] > GREY * blind and not tells:
        return ["diverged"]
    if train[-1] > 3 * blind:
        return ["?diverged", "?no-learning", "?overfitting", *(["diverged|no-learning"] if chance else [])]
    found = ["?diverged"] if held_out[-1] > 3 * max(run["start"], blind) else []
    if run.get("stopped"):
        return [*found, "?no-learning", "?overfitting"]
    learnt = 1 - min(train[-1], held_out[-1]) / blind
    if chance and learnt < 0.03:
        found.append("no-learning" if 1 - np.min(train) / blind < 0.1 else "?no-learning")
    elif accuracy[-1] <= share + 0.05 or 1 - train[-1] / blind < 0.1:
        found.append("?no-learning")
    gap, missed = accuracy[-1] - held_out_accuracy[-1], good["accuracy"] - held_out_accuracy[-1]
    apart = gap >= max(0.1, good["gap"] + 0.1) and held_out[-1] >= 1.1 * train[-1]
    turned = np.argmin(held_out) < 0.9 * (len(held_out) - 1)
    if accuracy[-1] >= 0.85 and apart and turned and missed >= 0.1:
        found.append("overfitting")
    elif gap > max(0.08, good["gap"] + 0.05) or held_out[-1] > 1.5 * good["loss"]:
        found.append("?overfitting")
    return found


GREY = 5
"""Times a constant guess: below it there are networks that were never trained, too, with several layers for one."""


def good_of(runs: dict[str, Run]) -> dict[str, float]:
    """What the best quarter has by its held-out accuracy, of the trials that ran on and learnt anything."""
    finals = np.array([run["curve"][-1] for run in runs.values() if run["curve"][-1][2] > run["share"] + 0.1])
    finals = finals[np.isfinite(finals).all(axis=1)]
    best = finals[np.argsort(-finals[:, 3], kind="stable")][: max(2, len(finals) // 4)]
    loss, gap = np.median(best[:, 1]), np.median(best[:, 2] - best[:, 3])
    return {"loss": float(loss), "accuracy": float(np.median(best[:, 3])), "gap": float(gap)}


def main() -> None:
    data = Path(sys.argv[1])
    sys.path.insert(0, str(data / "gen"))
    import minitrain  # type: ignore[import-not-found]

    labels: dict[str, dict[str, list[str]]] = {}
    for name, trained in FILES.items():
        with (data / name).open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        runs = dict(trained(rows, minitrain))
        good = good_of(runs)
        labels[name] = {trial: found for trial, run in runs.items() if (found := faults_of(run, good))}
        labels[name] |= told(name, rows, runs)
        labels[name]["*"] = sorted(set(runs) - set(labels[name]))
        print(f"{name}: {len(runs)} trained again", file=sys.stderr)
    json.dump(labels, sys.stdout, indent=0)


if __name__ == "__main__":
    main()
