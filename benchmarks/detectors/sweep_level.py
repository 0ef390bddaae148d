"""How often the detectors of the sweep as a whole are right: `python benchmarks/detectors/sweep_level.py [SEED]`.

Healthy sweeps are drawn by random search, on a grid, with replicates, or by a sampler that learns as TPE does; their
optimum lies inside the ranges, and some of their trials fail, at random or by configuration. Then one fault is put into
a sweep at a time. Printed are false alarms among the healthy sweeps and found ones among the faulty, by size.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from hparam_ci.detectors.registry import all_detectors
from hparam_ci.detectors.run import detect
from hparam_ci.sources.read import understand
from hparam_ci.sources.tabular import read_table

HEALTHY, FAULTY = 1000, 40
SIZES = (6, 10, 16, 30, 60, 120, 250, 500)
PLANTED_SIZES = (16, 30, 60, 120, 500)
NAMES = (
    "lr weight_decay dropout batch_size hidden_dim n_layers momentum warmup_steps label_smoothing clip_norm optimizer "
    "activation beta1 beta2 emb_dim kernel_size temperature mixup_alpha grad_accum patience"
).split()
WORDS = {"optimizer": ("sgd", "adam", "lamb"), "activation": ("relu", "tanh", "gelu", "silu")}
Rng = np.random.Generator
Floats = np.ndarray


@dataclass
class Knob:
    """A hyperparameter: `u` from 0 to 1 is its place in its range; `best` and `weight` are its effect on the loss."""

    name: str
    levels: int
    log: bool
    low: float
    high: float
    best: float
    weight: float

    def shown(self, u: Floats) -> list[Any]:
        if self.name in WORDS:
            return [WORDS[self.name][int(x * self.levels * 0.999)] for x in u]
        if self.levels:
            u = np.floor(u * self.levels * 0.999) / (self.levels - 1)
        values = self.low * (self.high / self.low) ** u if self.log else self.low + u * (self.high - self.low)
        return [f"{x:.5g}" for x in values]


@dataclass
class Experiment:
    """A sweep of n trials: (n, p) places of the trials, the losses, and whether they failed."""

    knobs: list[Knob]
    u: Floats
    loss: Floats
    failed: Floats
    extra: dict[str, list[Any]] = field(default_factory=dict)
    numbers: Floats | None = None

    def columns(self) -> dict[str, list[Any]]:
        n = len(self.loss)
        numbers = np.arange(n) if self.numbers is None else self.numbers
        settings = {knob.name: knob.shown(self.u[:, i]) for i, knob in enumerate(self.knobs)}
        shown = ["" if bad else f"{x:.6g}" for x, bad in zip(self.loss, self.failed, strict=True)]
        status = ["FAIL" if bad else "COMPLETE" for bad in self.failed]
        return {"trial_id": numbers.tolist(), **settings, "val_loss": shown, "state": status, **self.extra}


# --- healthy sweeps -------------------------------------------------------------------------------


def knobs(rng: Rng, p: int, *, grid: bool = False) -> list[Knob]:
    """Hyperparameters whose optimum is well inside; half of them have no effect."""
    made = []
    for name in rng.permutation(NAMES)[:p]:
        levels = int(rng.integers(3, 7)) if grid or rng.random() < 0.3 else 0
        levels = len(WORDS.get(str(name), "")) or levels
        low = float(10 ** rng.uniform(-5, 0))
        best = (rng.integers(1, levels - 1) + 0.5) / levels if levels else rng.uniform(0.25, 0.75)
        weight = float(rng.uniform(0.5, 4)) if rng.random() < 0.5 else 0.0
        made.append(Knob(str(name), levels, bool(rng.random() < 0.6), low, low * 10 ** rng.uniform(1, 4), best, weight))
    return made


def loss_of(rng: Rng, made: list[Knob], u: Floats, noise: float) -> Floats:
    cost = sum(knob.weight * (_place(knob, u[..., i]) - knob.best) ** 2 for i, knob in enumerate(made))
    draws = rng.standard_t(4, u.shape[:-1]) if rng.random() < 0.3 else rng.normal(size=u.shape[:-1])
    return np.exp(cost + noise * draws)


def _place(knob: Knob, u: Floats) -> Floats:
    return (np.floor(u * knob.levels * 0.999) + 0.5) / knob.levels if knob.levels else u


def experiment(rng: Rng, n: int, *, how: str | None = None, made: list[Knob] | None = None) -> Experiment:
    """A healthy sweep, before anything fails."""
    how = how or str(rng.choice(["random", "grid", "learning", "replicates"]))
    made = made or knobs(rng, int(rng.integers(2, 21)), grid=how == "grid")
    noise = float(rng.uniform(0.01, 0.2))
    if how == "grid":
        return _on_grid(rng, n, made, noise)
    if how == "learning":
        return _learning(rng, n, made, noise)
    if how == "replicates":
        return _replicated(rng, n, made)
    u = rng.random((n, len(made)))
    return Experiment(made, u, loss_of(rng, made, u, noise), np.zeros(n, bool))


def _on_grid(rng: Rng, n: int, made: list[Knob], noise: float) -> Experiment:
    """A full factorial of as many hyperparameters as n trials allow, in order or shuffled."""
    kept: list[Knob] = []
    for knob in made:
        if np.prod([k.levels for k in [*kept, knob]]) <= max(n, 9) and len(kept) < 6:
            kept.append(knob)
    kept = kept or made[:1]
    cells = product(*[(np.arange(knob.levels) + 0.5) / knob.levels for knob in kept])
    u = np.array(list(cells))
    u = rng.permutation(u) if rng.random() < 0.5 else u
    return Experiment(kept, u, loss_of(rng, kept, u, noise), np.zeros(len(u), bool))


def _learning(rng: Rng, n: int, made: list[Knob], noise: float) -> Experiment:
    """A sampler that draws most trials near the best quarter of those before."""
    u, loss = np.zeros((n, len(made))), np.zeros(n)
    for t in range(n):
        u[t] = rng.random(len(made))
        if t >= 10 and rng.random() < 0.85:
            good = np.argsort(loss[:t])[: max(2, t // 4)]
            near = u[rng.choice(good, len(made)), np.arange(len(made))]
            step = near + rng.normal(0, rng.uniform(0.03, 0.2), len(made))
            u[t] = np.where((step > 0) & (step < 1), step, np.abs(np.mod(step + 1, 2) - 1))
        loss[t] = loss_of(rng, made, u[[t]], noise)[0]
    return Experiment(made, u, loss, np.zeros(n, bool))


def _replicated(rng: Rng, n: int, made: list[Knob]) -> Experiment:
    """Each configuration with several seeds, whose noise is well below what configurations make of it."""
    seeds = int(rng.integers(2, 6))
    configs = rng.random((max(n // seeds, 3), len(made)))
    if not any(knob.weight for knob in made):
        made[0].weight = 3.0
    u = np.repeat(configs, seeds, axis=0)
    cost = np.log(loss_of(rng, made, u, 0.0))
    loss = np.exp(cost + rng.uniform(0.05, 0.3) * np.std(cost) * rng.normal(size=len(u)))
    return Experiment(made, u, loss, np.zeros(len(u), bool), {"seed": np.tile(range(seeds), len(configs)).tolist()})


def with_failures(rng: Rng, made: Experiment) -> Experiment:
    """Failures as they come: none, at random, or where one or two hyperparameters are high."""
    how, (n, p) = rng.choice(["none", "random", "one", "two"], p=[0.4, 0.2, 0.2, 0.2]), made.u.shape
    if how == "random":
        made.failed = rng.random(n) < rng.uniform(0.02, 0.3)
    elif how != "none":
        i, j = rng.integers(p), rng.integers(p)
        made.failed = (made.u[:, i] > rng.uniform(0.5, 0.9)) & ((made.u[:, j] > 0.4) | (how == "one"))
        made.failed &= rng.random(n) < rng.uniform(0.6, 1)
    return made


# --- faults ---------------------------------------------------------------------------------------


def best_at_edge(rng: Rng, n: int) -> Experiment:
    made = knobs(rng, int(rng.integers(2, 8)))
    made = [knob for knob in made if knob.name not in WORDS] or [Knob("lr", 0, True, 1e-4, 1.0, 0.5, 1.0)]
    made[0].best, made[0].weight = rng.choice([-0.3, 1.3]), rng.uniform(2, 5)
    return experiment(rng, n, how=str(rng.choice(["random", "learning"])), made=made)


def moved_together(rng: Rng, n: int) -> Experiment:
    made = [Knob(name, 0, True, 1e-4, 1e-1, 0.5, 1.0) for name in ("lr", "weight_decay", "dropout")]
    u = rng.random((n, 3))
    if rng.random() < 0.5:
        u[:, 1] = np.clip(u[:, 0] + rng.normal(0, 0.02, n), 0, 1)
    else:
        model = rng.integers(0, 3, n)
        made[0].levels, u[:, 0] = 3, (model + 0.5) / 3
        made[1].levels, u[:, 1] = 3, (rng.permutation(3)[model] + 0.5) / 3
    return Experiment(made, u, loss_of(rng, made, u, 0.1), np.zeros(n, bool))


def duplicates(rng: Rng, n: int) -> Experiment:
    made = experiment(rng, n, how="random")
    rows = rng.choice(n, max(3, n // 8), replace=False)
    made.u[rows] = made.u[rng.choice(np.setdiff1d(np.arange(n), rows), len(rows))]
    made.loss = loss_of(rng, made.knobs, made.u, 0.05 if rng.random() < 0.5 else 0.0)
    return made


def equal_configurations(rng: Rng, n: int) -> Experiment:
    made = _replicated(rng, n, knobs(rng, 4))
    made.loss = np.exp(0.05 * rng.normal(size=len(made.loss)))
    return made


def no_reaction(rng: Rng, n: int) -> Experiment:
    made = experiment(rng, n, how="grid")
    if rng.random() < 0.5 or len(made.knobs) < 2:
        made.loss = np.full(len(made.loss), float(rng.choice([0.0, 0.6931, 1e-7])))
        return made
    i = int(rng.integers(len(made.knobs)))
    others = np.delete(made.u, i, axis=1)
    _, group = np.unique(others, axis=0, return_inverse=True)
    made.loss = np.exp(rng.normal(size=group.max() + 1))[group]
    return made


def burst(rng: Rng, n: int) -> Experiment:
    made = experiment(rng, n, how=str(rng.choice(["random", "learning"])))
    length = max(6, n // 8)
    first = int(rng.integers(0, n - length + 1))
    made.failed[first : first + length] = rng.random(length) < 0.9
    made.failed |= rng.random(n) < 0.01
    return made


def one_machine(rng: Rng, n: int) -> Experiment:
    made = experiment(rng, n, how="random")
    hosts = rng.integers(0, 5, n)
    made.failed = (hosts == 3) & (rng.random(n) < 0.9)
    made.extra["hostname"] = [f"gpu{host:02d}" for host in hosts]
    return made


def gaps(rng: Rng, n: int) -> Experiment:
    made = experiment(rng, n, how="random")
    total = n + max(1, n // 10)
    made.numbers = np.sort(rng.choice(np.arange(1, total - 1), n - 2, replace=False))
    made.numbers = np.concatenate([[0], made.numbers, [total - 1]])
    return made


def few_trials(rng: Rng, n: int) -> Experiment:
    made = experiment(rng, 6, how="random")
    made.failed[:2] = True
    return made


def failing_seeds(rng: Rng, n: int) -> Experiment:
    made = _replicated(rng, n, knobs(rng, 4))
    made.failed[:] = rng.random(len(made.loss)) < 0.1
    made.failed[0] = True
    return made


def never_varied(rng: Rng, n: int) -> Experiment:
    made = experiment(rng, n, how="random", made=[k for k in knobs(rng, 6) if k.name != "lr"])
    made.extra["lr"] = [0.001] * n
    return made


FAULTS: dict[str, list[Callable[[Rng, int], Experiment]]] = {
    "best-at-edge": [best_at_edge],
    "never-varied": [never_varied],
    "moved-together": [moved_together],
    "duplicate-configurations": [duplicates],
    "winner-within-noise": [equal_configurations],
    "metric-never-reacts": [no_reaction],
    "failures-in-time": [burst, one_machine],
    "trial-gaps": [gaps],
    "too-few-trials": [few_trials],
    "replicates-disagree": [failing_seeds],
}


# --- counting -------------------------------------------------------------------------------------


def found(made: Experiment, folder: Path) -> set[str]:
    """The detectors of the sweep as a whole that say something."""
    columns = made.columns()
    with (folder / "sweep.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    table = detect(understand(read_table(Path("sweep.csv"), folder)))
    return {d.name for d in all_detectors() if d.code in table.found and table.found[d.code].findings}


def main() -> None:
    rng = np.random.default_rng(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    alarms: dict[str, Counter[str]] = defaultdict(Counter)
    shares: dict[str, dict[int, float]] = defaultdict(dict)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for i in range(HEALTHY):
            made = experiment(rng, SIZES[i % len(SIZES)])
            seen = found(made, folder)
            alarms["healthy"].update([*seen, *(["any"] if seen else [])])
            alarms["failing"].update(found(with_failures(rng, made), folder))
        for fault, ways in FAULTS.items():
            for n in PLANTED_SIZES:
                hits = [fault in found(way(rng, n), folder) for way in ways for _ in range(FAULTY // len(ways))]
                shares[fault][n] = float(np.mean(hits))
    print(f"{'detector':26s}{'false alarms, healthy':>22s}{'with failures':>15s}   found at n =", end="")
    print("".join(f"{n:>6d}" for n in PLANTED_SIZES))
    for fault in FAULTS:
        line = f"{fault:26s}{alarms['healthy'][fault]:>14d} of {HEALTHY}{alarms['failing'][fault]:>7d} of {HEALTHY}"
        print(line + " " * 15 + "".join(f"{shares[fault][n]:6.0%}" for n in PLANTED_SIZES))
    print(f"any of them: {alarms['healthy']['any']} of {HEALTHY} healthy sweeps")


if __name__ == "__main__":
    main()
