"""Sweeps with planted causes of every form that a condition can take, inspected by the real pipeline."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from hparam_ci.inspection import Inspection
from hparam_ci.pipeline import inspect

ROOT = Path(__file__).resolve().parents[2]

Row = dict[str, float | str]
Rule = Callable[[Row], float]


def made(seed: int) -> Iterator[tuple[str, Inspection]]:
    """(name, inspection) of the example and of sweeps drawn from the seed."""
    yield "digits", inspect(["examples/digits_sweep.csv"], root=ROOT)
    yield "two", inspect(["examples/digits_sweep.csv", "examples/sample_results.csv"], root=ROOT)
    for number, make in enumerate((_vision, _language, _trees, _control)):
        rng = np.random.default_rng([seed, number])
        for trials in (160, 420):
            name = f"{make.__name__.strip('_')}-{trials}"
            yield name, _inspected(name, make(rng, trials))


def unseen() -> Iterator[tuple[str, Inspection]]:
    """(name, inspection) of sweeps of other kinds, about which sentences were written by hand only."""
    for number, make in enumerate((_finetune, _speech, _policy)):
        name = make.__name__.strip("_")
        yield name, _inspected(name, make(np.random.default_rng([77, number])))


def _inspected(name: str, rows: list[Row]) -> Inspection:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return inspect([path.name], root=folder)


def _vision(rng: np.random.Generator, trials: int) -> list[Row]:
    """NaN where lr is high, failures for one kernel, overfitting without weight decay."""
    return _rows(
        rng,
        trials,
        {
            "learning_rate": lambda: 10 ** rng.uniform(-5, 0),
            "weight_decay": lambda: float(rng.choice([0.0, 1e-5, 1e-4, 1e-3])),
            "backbone": lambda: str(rng.choice(["resnet18", "resnet50", "convnext", "vit_small"])),
            "kernel_size": lambda: int(rng.choice([3, 5, 7])),
        },
        nan=lambda row: 0.8 if float(row["learning_rate"]) > 0.2 else 0.01,
        failed=lambda row: 0.7 if row["backbone"] == "convnext" else 0.02,
        overfit=lambda row: 0.75 if row["weight_decay"] == 0.0 else 0.03,
    )


def _language(rng: np.random.Generator, trials: int) -> list[Row]:
    """Divergence for two settings together, failures where the context is long."""
    return _rows(
        rng,
        trials,
        {
            "lr": lambda: 10 ** rng.uniform(-5, -1),
            "warmup_ratio": lambda: round(float(rng.uniform(0, 0.3)), 4),
            "context_length": lambda: int(rng.choice([256, 512, 1024, 2048, 4096])),
            "precision": lambda: str(rng.choice(["fp32", "bf16", "fp16"])),
        },
        diverged=lambda row: 0.85 if row["precision"] == "fp16" and float(row["lr"]) > 0.01 else 0.01,
        failed=lambda row: 0.8 if int(row["context_length"]) > 2048 else 0.01,
        nan=lambda row: 0.5 if float(row["warmup_ratio"]) < 0.02 else 0.01,
    )


def _trees(rng: np.random.Generator, trials: int) -> list[Row]:
    """Overfitting with deep trees, failures outside an interval."""
    return _rows(
        rng,
        trials,
        {
            "max_depth": lambda: int(rng.integers(2, 20)),
            "subsample": lambda: round(float(rng.uniform(0.1, 1.0)), 3),
            "booster": lambda: str(rng.choice(["gbtree", "dart", "gblinear"])),
            "n_estimators": lambda: int(rng.choice([100, 200, 400, 800])),
        },
        overfit=lambda row: 0.8 if int(row["max_depth"]) > 13 else 0.03,
        failed=lambda row: 0.6 if row["booster"] == "dart" else 0.02,
        nan=lambda row: 0.55 if float(row["subsample"]) < 0.25 else 0.01,
    )


def _control(rng: np.random.Generator, trials: int) -> list[Row]:
    """Divergence where a setting is left blank, NaN in a band."""
    return _rows(
        rng,
        trials,
        {
            "gamma": lambda: round(float(rng.uniform(0.8, 0.9999)), 4),
            "clip_norm": lambda: str(rng.choice(["", "0.5", "1.0"])),
            "entropy_coef": lambda: 10 ** rng.uniform(-5, -1),
            "activation": lambda: str(rng.choice(["relu", "tanh", "gelu"])),
        },
        diverged=lambda row: 0.7 if row["clip_norm"] == "" else 0.02,
        nan=lambda row: 0.6 if 1e-4 < float(row["entropy_coef"]) < 1e-3 else 0.01,
        failed=lambda row: 0.5 if row["activation"] != "relu" else 0.03,
    )


def _finetune(rng: np.random.Generator) -> list[Row]:
    """NaN for a large rank without warm-up, failures for long sequences in one attention; the rate moves the loss."""
    return _rows(
        rng,
        260,
        {
            "learning_rate": lambda: 10 ** rng.uniform(-6, -2),
            "lora_rank": lambda: int(rng.choice([4, 8, 16, 32, 64])),
            "attention": lambda: str(rng.choice(["flash", "sdpa", "eager"])),
            "seq_len": lambda: int(rng.choice([512, 1024, 2048])),
            "warmup_steps": lambda: int(rng.integers(0, 500)),
        },
        nan=lambda row: 0.9 if int(row["lora_rank"]) >= 32 and int(row["warmup_steps"]) < 120 else 0.01,
        failed=lambda row: 0.75 if row["attention"] == "eager" and int(row["seq_len"]) == 2048 else 0.02,
        loss=lambda row: 0.2 + 0.25 * abs(np.log10(float(row["learning_rate"])) + 4),
    )


def _speech(rng: np.random.Generator) -> list[Row]:
    """Divergence above a rate, overfitting without dropout; too few failures to tell their cause."""
    return _rows(
        rng,
        190,
        {
            "peak_lr": lambda: 10 ** rng.uniform(-4, -0.5),
            "dropout": lambda: float(rng.choice([0.0, 0.1, 0.2, 0.3])),
            "encoder": lambda: str(rng.choice(["conformer", "transformer", "squeezeformer"])),
            "n_layers": lambda: int(rng.integers(4, 19)),
        },
        diverged=lambda row: 0.75 if float(row["peak_lr"]) > 0.05 else 0.01,
        overfit=lambda row: 0.7 if float(row["dropout"]) == 0.0 else 0.02,
        failed=lambda row: 0.02,
        loss=lambda row: 0.3 + 0.02 * abs(int(row["n_layers"]) - 12),
    )


def _policy(rng: np.random.Generator) -> list[Row]:
    """Divergence without clipping, failures on one environment, a weak link of NaN with the batch."""
    return _rows(
        rng,
        230,
        {
            "gamma": lambda: round(float(rng.uniform(0.9, 0.9999)), 4),
            "max_grad_norm": lambda: str(rng.choice(["", "0.5", "1.0", "5.0"])),
            "env": lambda: str(rng.choice(["hopper", "walker2d", "ant", "humanoid"])),
            "minibatch": lambda: int(rng.choice([32, 64, 128, 256, 512])),
        },
        diverged=lambda row: 0.65 if row["max_grad_norm"] == "" else 0.02,
        failed=lambda row: 0.8 if row["env"] in ("ant", "humanoid") and int(row["minibatch"]) >= 256 else 0.02,
        nan=lambda row: 0.22 if int(row["minibatch"]) <= 32 else 0.04,
        loss=lambda row: 0.3 + 8.0 * (1 - float(row["gamma"])),
    )


def _never(row: Row) -> float:
    return 0.0


def _rows(
    rng: np.random.Generator,
    trials: int,
    params: dict[str, Callable[[], float | str]],
    *,
    nan: Rule = _never,
    failed: Rule = _never,
    diverged: Rule = _never,
    overfit: Rule = _never,
    loss: Rule | None = None,
) -> list[Row]:
    rows = []
    for number in range(trials):
        row: Row = {"trial": number, **{name: draw() for name, draw in params.items()}}
        train = float(loss(row) + rng.uniform(0, 0.05)) if loss else float(rng.uniform(0.2, 0.5))
        held_out = train + float(rng.uniform(0.02, 0.1))
        status = "completed"
        if rng.random() < failed(row):
            status = "failed"
        elif rng.random() < nan(row):
            train = held_out = float("nan")
        elif rng.random() < diverged(row):
            train, held_out = (float(x) for x in rng.uniform(1e4, 1e6, 2))
        elif rng.random() < overfit(row):
            train, held_out = 0.02, float(rng.uniform(1.5, 3.0))
        losses: dict[str, float | str] = (
            {"train_loss": "", "val_loss": ""} if status == "failed" else {"train_loss": train, "val_loss": held_out}
        )
        rows.append({**row, "status": status, **losses, "duration_s": round(float(rng.uniform(60, 900)), 1)})
    return rows
