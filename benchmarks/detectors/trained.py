"""Sweeps that are really trained: a small network for each trial, all trials of a sweep side by side in numpy.

Nothing is scripted to look sick. A fault is a setting that causes it (a learning rate far too high or too low, dead
units, a few mislabelled rows, a schedule that jumps or ends early, strong weight decay); whether it came out is read
from the run itself, which knows what a file does not: the loss before training, and that of every step. A trial of
which that cannot be said either way is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from made import Made

Floats = np.ndarray
CURVE_FAULTS = (
    "nan-metric", "diverged", "no-learning", "underfitting", "late-divergence", "unstable-metric", "plateau",
    "slow-convergence", "overfitting", "overtraining",
)  # fmt: skip
CAUSES = ("far too high", "far too low", "dead", "decayed away", "jump", "tiny batches", "early end", "low", "by heart")
ROWS, HELD_OUT, BATCH, HIDDEN, STEPS = 1200, 300, 32, 16, 10


@dataclass
class _Plan:
    """What differs between the trials: (n,) each, and (n, epochs) for `schedule`."""

    cause: np.ndarray
    lr: Floats
    decay: Floats
    schedule: Floats
    batch: np.ndarray
    rows: np.ndarray
    noise: Floats
    hard: bool


@dataclass
class _Run:
    """(n, epochs) what was logged, and (n,) the training loss before the first step."""

    train_loss: Floats
    val_loss: Floats
    train_acc: Floats
    val_acc: Floats
    start: Floats
    rates: Floats


def train(rng: np.random.Generator, n: int, *, faulty: bool) -> Made:
    """One sweep of n trials with their curves, with faults in a third of them or with none."""
    epochs, classes = int(rng.choice([16, 24, 40])), int(rng.choice([2, 3, 5, 10]))
    plan = _plan(rng, n, epochs, faulty=faulty)
    run = _fit(rng, plan, epochs, classes)
    faults, unsure = _truth(plan, run, classes)
    return Made(_table(plan, run), faults, unsure)


def _plan(rng: np.random.Generator, n: int, epochs: int, *, faulty: bool) -> _Plan:
    cause = np.full(n, "", dtype=object)
    if faulty:
        for one in rng.choice(CAUSES, 3, replace=False):
            cause[rng.random(n) < 0.11] = one
    lr = 10 ** rng.uniform(-2.0, -1.1, n)
    lr = np.where(cause == "far too high", lr * 10 ** rng.uniform(1.5, 5, n), lr)
    lr = np.where(cause == "far too low", lr * 10 ** -rng.uniform(4, 7, n), lr)
    lr = np.where(cause == "low", lr / 10 ** rng.uniform(1.2, 1.8, n), lr)
    lr = np.where(cause == "tiny batches", lr * 10 ** rng.uniform(0.1, 0.4, n), lr)
    decay = np.where(cause == "decayed away", 10 ** rng.uniform(-0.9, -0.1, n), 10 ** rng.uniform(-6, -3.5, n))
    at = np.arange(epochs)[None, :] / epochs
    schedule = np.ones((n, epochs))
    if rng.random() < 0.5:
        schedule = 0.5 * (1 + np.cos(np.pi * at)) * schedule
    jump = at >= rng.uniform(0.6, 0.8, (n, 1))
    schedule = np.where((cause == "jump")[:, None] & jump, 10 ** rng.uniform(0.8, 2.0, (n, 1)), schedule)
    ended = at >= rng.uniform(0.03, 0.1, (n, 1))
    schedule = np.where((cause == "early end")[:, None] & ended, 1e-6, schedule)
    batch = np.where(cause == "tiny batches", 3, BATCH)
    rows = np.where(cause == "by heart", rng.integers(24, 48, n), ROWS)
    noise = np.where(cause == "by heart", rng.uniform(0.2, 0.5, n), 0.0)
    hard = faulty and rng.random() < 0.2  # few rows with many wrong labels for all: their trials turn sooner or later
    if hard:
        rows, noise = np.minimum(rows, 160), np.maximum(noise, 0.25)
    return _Plan(cause, lr, decay, schedule, batch, rows, noise, hard)


def _fit(rng: np.random.Generator, plan: _Plan, epochs: int, classes: int) -> _Run:
    """Gradient descent with momentum on the cross-entropy of one hidden layer."""
    n, width = len(plan.lr), 12
    means = rng.normal(0, rng.uniform(0.6, 1.2), (classes, width))
    labels, held_out = (rng.integers(0, classes, m) for m in (ROWS, HELD_OUT))
    x, x_out = (means[y] + rng.normal(size=(len(y), width)) for y in (labels, held_out))
    y = np.where(rng.random((n, ROWS)) < plan.noise[:, None], rng.integers(0, classes, (n, ROWS)), labels)
    weights = [
        rng.normal(0, np.sqrt(2 / width), (n, width, HIDDEN)), np.zeros((n, 1, HIDDEN)),
        rng.normal(0, np.sqrt(1 / HIDDEN), (n, HIDDEN, classes)), np.zeros((n, 1, classes)),
    ]  # fmt: skip
    weights[1][plan.cause == "dead"] = -60.0
    speeds = [np.zeros_like(w) for w in weights]
    y_out = np.broadcast_to(held_out, (n, HELD_OUT))
    logged: dict[str, list[Floats]] = {name: [] for name in ("train_loss", "val_loss", "train_acc", "val_acc")}
    used = np.arange(ROWS)[None, :] < plan.rows[:, None]
    with np.errstate(all="ignore"):
        start = _scores(weights, x, y, used)[0]
        for epoch in range(epochs):
            for _ in range(STEPS):
                rows = (rng.random((n, BATCH)) * plan.rows[:, None]).astype(int)
                counted = np.arange(BATCH)[None, :] < plan.batch[:, None]
                slopes = _slopes(weights, x[rows], np.take_along_axis(y, rows, 1), counted)
                for i, slope in enumerate(slopes):
                    decay = plan.decay[:, None, None] * weights[i] if i in (0, 2) else 0.0
                    speeds[i] = 0.9 * speeds[i] + slope + decay
                    weights[i] = weights[i] - (plan.lr * plan.schedule[:, epoch])[:, None, None] * speeds[i]
            for split, of in (("train", (x, y, used)), ("val", (x_out, y_out, np.ones((n, HELD_OUT), bool)))):
                loss, accuracy = _scores(weights, *of)
                logged[f"{split}_loss"].append(loss)
                logged[f"{split}_acc"].append(accuracy)
    curves = {name: np.array(values).T for name, values in logged.items()}
    return _Run(**curves, start=start, rates=plan.lr[:, None] * plan.schedule)


def _forward(weights: list[Floats], x: Floats) -> tuple[Floats, Floats]:
    hidden = np.maximum(x @ weights[0] + weights[1], 0)
    return hidden, hidden @ weights[2] + weights[3]


def _scores(weights: list[Floats], x: Floats, y: np.ndarray, counted: np.ndarray) -> tuple[Floats, Floats]:
    """(n,) mean cross-entropy and accuracy over the counted rows."""
    logits = _forward(weights, x)[1]
    top = logits.max(axis=2, keepdims=True)
    losses = np.log(np.exp(logits - top).sum(2)) - np.take_along_axis(logits - top, y[:, :, None], 2)[:, :, 0]
    hits = logits.argmax(2) == y
    m = counted.sum(1)
    return np.where(counted, losses, 0).sum(1) / m, np.where(counted, hits, 0).sum(1) / m


def _slopes(weights: list[Floats], x: Floats, y: np.ndarray, counted: np.ndarray) -> list[Floats]:
    hidden, logits = _forward(weights, x)
    p = np.exp(logits - logits.max(axis=2, keepdims=True))
    p /= p.sum(2, keepdims=True)
    np.put_along_axis(p, y[:, :, None], np.take_along_axis(p, y[:, :, None], 2) - 1, 2)
    p *= counted[:, :, None] / counted.sum(1)[:, None, None]
    back = (p @ weights[2].transpose(0, 2, 1)) * (hidden > 0)
    return [
        x.transpose(0, 2, 1) @ back,
        back.sum(1, keepdims=True),
        hidden.transpose(0, 2, 1) @ p,
        p.sum(1, keepdims=True),
    ]


# --- what came of it ------------------------------------------------------------------------------


def _truth(plan: _Plan, run: _Run, classes: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Each fault by its cause and by what came of it; of a cause that came to nothing, nothing is sure."""
    with np.errstate(all="ignore"):
        last, best = run.train_loss[:, -1], np.fmin.reduce(run.train_loss, axis=1)
        blind, fine = np.log(classes), plan.cause == ""
        good = float(np.median(last[fine])) if fine.any() else 0.1
        learnt = (blind - last) / (blind - good)
        once = (blind - best) / (blind - good)
        three_quarters = run.train_loss[:, int(0.75 * run.train_loss.shape[1]) - 1]
        turned = np.nanargmin(np.where(np.isfinite(run.val_loss), run.val_loss, np.inf), axis=1)
        rise = run.val_loss[:, -1] - run.val_loss.min(axis=1)
        half = run.train_loss[:, run.train_loss.shape[1] // 2 :]
        swing = np.median(np.abs(np.diff(half, axis=1)), axis=1) / (blind - good)
        dead = ~np.isfinite(run.train_loss[:, -1]) | ~np.isfinite(run.val_loss[:, -1])
        exploded = ~dead & (last > 3 * np.maximum(run.start, blind))
        far = run.val_loss[:, -1] > 1.6 * np.median(run.val_loss[fine, -1]) if fine.any() else np.zeros_like(dead)
        shown = {
            "nan-metric": np.isnan(run.train_loss[:, -1]) | np.isnan(run.val_loss[:, -1]),
            "diverged": exploded,
            "no-learning": (once < 0.05) & ~exploded & np.isin(plan.cause, ["far too low", "dead", "decayed away"]),
            "underfitting": (learnt > 0.05) & (learnt < 0.18) & (once < 0.4) & (plan.cause == "decayed away"),
            "late-divergence": (once > 0.6) & (once - learnt > 0.6) & ~exploded & (plan.cause == "jump"),
            "unstable-metric": (swing > 0.12) & (once > 0.3) & ~exploded & (plan.cause == "tiny batches"),
            "plateau": (learnt > 0.25) & (learnt < 0.55) & (plan.cause == "early end"),
            "slow-convergence": (three_quarters - last > 0.08 * (blind - good))
            & (learnt < 0.7)
            & (plan.cause == "low"),
            "overfitting": far & (learnt > 0.9) & (plan.cause == "by heart"),
            "overtraining": (turned < 0.5 * run.val_loss.shape[1]) & (rise > 0.3 * (blind - good)),
        }
    faults = {name: shown[name] if name == "nan-metric" else shown[name] & ~dead for name in CURVE_FAULTS}
    faults["overtraining"] &= ~faults["overfitting"] & np.isin(plan.cause, ["", "by heart", "low"])
    unsure = {name: ~fine & ~faults[name] & _may(name, plan.cause) for name in CURVE_FAULTS}
    lowest = np.fmin.reduce(run.val_loss, axis=1)
    some_rise = rise > np.minimum(0.05 * (blind - good), 0.3 * lowest)
    unsure["overtraining"] |= ~faults["overtraining"] & some_rise  # it happens to good trials too
    for name in set(CURVE_FAULTS) - {"overtraining", "nan-metric", "diverged"}:
        unsure[name] |= plan.hard
    return faults, unsure


LOOKS: dict[str, set[str]] = {
    "far too high": {"diverged", "no-learning", "underfitting", "late-divergence", "unstable-metric", "plateau"},
    "far too low": {"underfitting", "slow-convergence", "plateau", "no-learning"},
    "dead": {"underfitting", "plateau", "no-learning"},
    "decayed away": {"underfitting", "plateau", "no-learning", "unstable-metric"},
    "jump": {"diverged", "no-learning", "underfitting", "late-divergence", "unstable-metric", "overtraining"},
    "tiny batches": {"unstable-metric", "late-divergence", "plateau", "no-learning", "underfitting", "diverged"},
    "early end": {"plateau", "underfitting", "no-learning"},
    "low": {"slow-convergence", "underfitting", "no-learning"},
    "by heart": {"overfitting", "overtraining", "unstable-metric", "late-divergence"},
}
"""What a cause may come to, besides what it came to for sure."""


def _may(name: str, cause: np.ndarray) -> np.ndarray:
    return np.array([name in LOOKS.get(one, set()) for one in cause])


def _table(plan: _Plan, run: _Run) -> dict[str, list[Any]]:
    n, epochs = run.train_loss.shape
    columns: dict[str, list[Any]] = {
        "trial_id": [f"t{i:03d}" for i in range(n) for _ in range(epochs)],
        "epoch": list(range(1, epochs + 1)) * n,
        "learning_rate": [f"{x:.5g}" for x in plan.lr for _ in range(epochs)],
        "weight_decay": [f"{x:.3g}" for x in plan.decay for _ in range(epochs)],
        "lr": [f"{x:.5g}" for x in run.rates.ravel()],
    }
    for name in ("train_loss", "val_loss", "train_acc", "val_acc"):
        columns[name] = [f"{x:.6g}" for x in getattr(run, name).ravel()]
    return columns
