"""Sweeps made up after how real ones look, with known faults in some trials.

A healthy trial has learnt at least a quarter of what its task allows: its held-out loss lies between the task's floor
and the loss of a blind guess, with noise that is sometimes heavy-tailed; its training loss lies below that by the
task's usual ratio, and accuracies follow from the losses. What a file records of it, and under which names, differs
from sweep to sweep. A fault is then put into single trials, one fault a trial.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

Floats = np.ndarray
FAULTS = ("nan-metric", "inf-metric", "missing-result", "failed", "diverged", "overfitting", "short-run", "no-learning")

NAMES = (  # training loss, held-out loss, training accuracy, held-out accuracy
    ("train_loss", "val_loss", "train_acc", "val_acc"),
    ("train/loss", "val/loss", "train/accuracy", "val/accuracy"),
    ("loss", "val_loss", "accuracy", "val_accuracy"),
    ("train_loss", "loss", "train_accuracy", "accuracy"),
    ("metrics.train_loss", "metrics.valid_loss", "metrics.train_acc", "metrics.valid_acc"),
    ("training_loss", "eval_loss", "training_accuracy", "eval_accuracy"),
)


@dataclass
class Made:
    """A sweep of n trials.

    Attributes:
        columns: name to n cells, as they are to stand in the file.
        faults: detector name to (n,) trials with that fault.
        unsure: detector name to (n,) trials that may be called so too, and are not counted: a trial that ended early,
            or exploded, may have learnt nothing.
        strength: (n,) of an overfitting trial, how many times its held-out loss is above that of good trials.
    """

    columns: dict[str, list[Any]]
    faults: dict[str, np.ndarray] = field(default_factory=dict)
    unsure: dict[str, np.ndarray] = field(default_factory=dict)
    strength: Floats = field(default_factory=lambda: np.zeros(0))

    def write(self, path: Path) -> None:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(self.columns)
            writer.writerows(zip(*self.columns.values(), strict=True))


@dataclass
class _Task:
    """What all trials of a sweep share: a blind guess costs `blind`; `classes` is 0 for regression."""

    classes: int
    blind: float
    floor: float
    ratio: float
    noise: float
    heavy: bool


def make(rng: np.random.Generator, n: int, *, faulty: bool) -> Made:
    """One sweep of n trials, with faults in up to half of them or with none."""
    task = _task(rng)
    lr = 10 ** rng.uniform(-4, -1, n)
    progress = rng.beta(rng.uniform(2, 6), rng.uniform(0.8, 2), n) if rng.random() < 0.7 else rng.uniform(0.3, 1, n)
    held_out = _noisy(rng, task, task.floor * (task.blind / task.floor) ** (1 - progress))
    least_learnt = rng.uniform(0.25, 0.35, n)
    held_out = np.minimum(held_out, task.blind - least_learnt * (task.blind - task.floor))
    ratios = task.ratio**progress**2 * rng.lognormal(0, rng.uniform(0.02, 0.2) * np.log(task.ratio) + 0.03, n)
    train = np.minimum(held_out / np.maximum(ratios, 0.8), task.blind - 0.25 * (task.blind - task.floor))
    plan, epochs = _epochs(rng, n)
    kind = _pick_faults(rng, n, faulty=faulty)
    good = float(np.median(np.sort(held_out)[: max(1, n // 4)]))
    strength = np.where(kind == "overfitting", 10 ** rng.uniform(np.log10(1.6), 1, n), 0.0)
    exploded = np.maximum(float(np.median(held_out)) * 10 ** rng.uniform(1, 8, n), 3 * task.blind)
    sick = kind == "diverged"
    held_out = np.where(sick, exploded, held_out)
    train = np.where(sick, exploded * rng.lognormal(0, 0.3, n), train)
    sick = kind == "overfitting"
    held_out = np.where(sick, np.minimum(strength * good, max(1.5 * task.blind, 3 * good)), held_out)
    learnt_by_heart = np.min(train[kind == ""], initial=good) * 10 ** -rng.uniform(0, 1.5, n)
    train = np.where(sick, learnt_by_heart, train)
    sick = kind == "short-run"
    held_out = np.where(sick, task.blind * rng.uniform(0.7, 1, n), held_out)
    train = np.where(sick, held_out * rng.uniform(0.95, 1.05, n), train)
    sick = kind == "no-learning"
    held_out = np.where(sick, task.blind * rng.lognormal(0.005, 0.005, n), held_out)
    train = np.where(sick, task.blind * rng.lognormal(0.005, 0.005, n), train)
    return _record(rng, task, lr, train, held_out, plan, epochs, kind, strength)


def _task(rng: np.random.Generator) -> _Task:
    classes = int(rng.choice([0, 2, 3, 10, 100]))
    blind = float(np.log(classes)) if classes else float(10 ** rng.uniform(-4, 4))
    decades = rng.uniform(0.2, 1.6 if classes else 2.5)
    ratio = float(10 ** (rng.uniform(0, 0.8) * decades)) if rng.random() < 0.5 else float(rng.uniform(1.02, 1.5))
    return _Task(classes, blind, blind / 10**decades, ratio, rng.uniform(0.01, 0.12), bool(rng.random() < 1 / 3))


def _noisy(rng: np.random.Generator, task: _Task, values: Floats) -> Floats:
    draws = rng.standard_t(3, len(values)) if task.heavy else rng.normal(size=len(values))
    return values * 10 ** (task.noise * draws)


def _epochs(rng: np.random.Generator, n: int) -> tuple[str, Floats]:
    """How far healthy trials ran: all equally far, one of a few plans, or each to its own early stop."""
    plan = str(rng.choice(["fixed", "grid", "stopping"]))
    most = int(rng.choice([20, 50, 100]))
    if plan == "fixed":
        return plan, np.full(n, most)
    if plan == "grid":
        return plan, rng.choice([most, 2 * most, 8 * most], n)
    return plan, np.minimum(most, np.round(most * rng.uniform(0.55, 1.2, n)))


def _pick_faults(rng: np.random.Generator, n: int, *, faulty: bool) -> np.ndarray:
    kind = np.full(n, "", dtype=object)
    if not faulty:
        return kind
    for fault in rng.choice(FAULTS, int(rng.integers(1, 4)), replace=False):
        most = 0.5 if fault == "diverged" else 0.2
        kind[rng.random(n) < rng.uniform(0.03, most)] = fault
    kind[rng.permutation(n)[: n // 3]] = ""
    return kind


def _record(
    rng: np.random.Generator,
    task: _Task,
    lr: Floats,
    train: Floats,
    held_out: Floats,
    plan: str,
    epochs: Floats,
    kind: np.ndarray,
    strength: Floats,
) -> Made:
    """What the file says of the trials."""
    n = len(lr)
    names = NAMES[rng.integers(len(NAMES))]
    shows = rng.choice(["both", "losses", "accuracies"]) if task.classes else "losses"
    metrics: dict[str, Floats] = {}
    exploded = kind == "diverged"
    if shows != "accuracies":
        metrics |= {names[0]: train, names[1]: held_out}
    if shows != "losses":
        metrics |= _accuracies(rng, task, names, train, held_out, kind, strength)
        kind = np.where((shows == "accuracies") & (kind == "diverged"), "", kind)  # an accuracy cannot explode
    has_status = rng.random() < 0.7
    with_epochs, with_time = bool(rng.random() < 0.6), bool(rng.random() < 0.6)
    with_plan = with_epochs and bool(rng.random() < 0.3)
    short = kind == "short-run"
    if plan == "grid" and not with_plan:  # else it may have been planned so
        epochs = np.where(short, np.min(epochs), epochs)
    reached = np.where(short, np.floor(epochs * rng.uniform(0.02, 0.4 if with_epochs else 0.15, n)), epochs)
    reached = np.maximum(1, reached)
    seconds = reached * rng.lognormal(0, rng.uniform(0.05, 0.4), n) * 10 ** rng.uniform(-1, 2)
    columns: dict[str, list[Any]] = {"trial_id": list(range(n))}
    if has_status:
        ok, bad = [("completed", "failed"), ("FINISHED", "FAILED"), ("COMPLETE", "FAIL")][rng.integers(3)]
        columns["status"] = [bad if k == "failed" else ok for k in kind]
    columns["lr"] = [f"{x:.5g}" for x in lr]
    columns["weight_decay"] = [f"{10 ** rng.uniform(-6, -2):.3g}" for _ in range(n)]
    ends = rng.choice(["blank", "partial", "nan"], n)
    for place, (name, values) in enumerate(metrics.items()):
        columns[name] = [_cell(rng, kind[i], values[i], place, ends[i], has_status=has_status) for i in range(n)]
    if with_plan:
        columns["max_epochs"] = [int(x) for x in epochs]
    if with_epochs:
        columns["epoch"] = [int(x) for x in reached]
    if with_time:
        columns["runtime_sec"] = [f"{x:.4g}" for x in seconds]
    faults = {name: kind == name for name in FAULTS}
    faults["nan-metric"] = faults["nan-metric"] | ((kind == "failed") & (ends == "nan") & has_status)
    if not with_epochs and plan == "grid":  # run times of several plans tell nothing
        faults["short-run"] = np.zeros(n, bool)
    unsure = {"no-learning": short | exploded | _untold(task, faults["no-learning"])}
    return Made(columns, faults, unsure, np.where(kind == "overfitting", strength, 0.0))


def _untold(task: _Task, blind: np.ndarray) -> np.ndarray:
    """(n,) all trials of a regression in which too few guess blindly, or most do: nobody can tell what a guess is."""
    few = blind.sum() < max(3, 0.1 * len(blind)) or blind.mean() > 0.5
    return np.full(len(blind), task.classes == 0 and few)


def _accuracies(
    rng: np.random.Generator,
    task: _Task,
    names: tuple[str, ...],
    train: Floats,
    held_out: Floats,
    kind: np.ndarray,
    strength: Floats,
) -> dict[str, Floats]:
    """Accuracies that go with the losses; an overfitting trial has all of the training set, and less of the rest."""
    blind_error = 1 - 1 / task.classes
    power = rng.uniform(0.9, 1.3)
    scores = []
    for loss in (train, held_out):
        error = blind_error * np.minimum(1, loss / task.blind) ** power
        scores.append(1 - rng.binomial(1000, np.clip(error, 0, 1)) / 1000)
    good = float(np.quantile(scores[1][kind == ""], 0.9)) if (kind == "").any() else scores[1].max()
    lost = np.minimum(0.08 + 0.02 * strength, 0.9 * (good - 1 / task.classes))
    scores[0] = np.where(
        kind == "overfitting", np.maximum(scores[0], np.max(scores[0][kind == ""], initial=0.9)), scores[0]
    )
    scores[1] = np.where(kind == "overfitting", good - lost, scores[1])
    unit = 100 if rng.random() < 0.3 else 1
    return {names[2]: unit * scores[0], names[3]: unit * scores[1]}


def _cell(rng: np.random.Generator, kind: str, value: float, place: int, end: str, *, has_status: bool) -> str:
    """One metric of one trial; `place` 0 is a training metric."""
    if kind == "nan-metric" and (place % 2 or rng.random() < 0.7):
        return "nan" if rng.random() < 0.5 else "NaN"
    if kind == "inf-metric" and place % 2:
        return str(rng.choice(["inf", "Infinity", "1.7976931348623157e+308"]))
    if kind == "missing-result" and place % 2:
        return ""
    if kind == "failed" and (end != "partial" or not has_status):
        return "nan" if end == "nan" and has_status else ""
    return f"{value:.6g}"
