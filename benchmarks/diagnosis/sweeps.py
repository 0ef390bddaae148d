"""Made-up sweeps with a known truth: `make(kind, n, seed)`.

A trial is a point of the unit cube, mapped to the values of 4 to 18 hyperparameters. A truth is a region of the cube
with a sick rate inside and outside; up to three issues strike, of which some have no cause. What a reader sees is a
table of metrics in which each issue shows by its effects: a state, a NaN, an exploded loss, a gap.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

Cube = dict[str, np.ndarray]
Region = Callable[[Cube], np.ndarray]
Cause = tuple[frozenset[str], Region]
"""The hyperparameters, and where in the cube it strikes."""

SPACE: dict[str, tuple[str, object]] = {
    "learning_rate": ("log", (1e-5, 1.0)),
    "l2_penalty": ("log", (1e-7, 1e-1)),
    "batch": ("list", (8, 16, 32, 64, 128, 256)),
    "dropout_rate": ("flat", (0.0, 0.8)),
    "optim": ("name", ("adam", "sgd", "lion", "rmsprop")),
    "momentum": ("flat", (0.3, 0.999)),
    "warmup_ratio": ("flat", (0.0, 0.3)),
    "n_layers": ("whole", (1, 16)),
    "width": ("list", (32, 64, 128, 256, 512, 1024, 2048)),
    "act_fn": ("name", ("relu", "gelu", "tanh")),
    "lr_schedule": ("name", ("cosine", "linear", "constant", "step", "poly")),
    "smoothing": ("flat", (0.0, 0.3)),
    "grad_clip": ("log", (0.05, 20.0)),
    "beta_2": ("flat", (0.9, 0.9999)),
    "noise_scale": ("log", (0.001, 1.0)),
    "num_heads": ("list", (1, 2, 4, 8, 16)),
    "use_bias": ("name", ("true", "false")),
    "kernel_size": ("whole", (1, 11)),
}
NUMBERS = [name for name, (scale, _) in SPACE.items() if scale in ("log", "flat", "whole")]
SMOOTH = [name for name, (scale, _) in SPACE.items() if scale in ("log", "flat")]
NAMES = [name for name, (scale, _) in SPACE.items() if scale == "name" and name != "use_bias"]
POSITIVE = ["learning_rate", "l2_penalty", "grad_clip", "noise_scale"]

SINGLE = ["above", "below", "zero", "level", "inside", "outside", "gradual", "grid"]
PAIR = ["and_numbers", "and_level"]
HARD = [
    "either",
    "decoy",
    "three",
    "xor",
    "ratio",
    "product",
    "set_only",
    "not_set",
    "adaptive",
    "late",
    "repeated",
    "many",
]
NULL = [
    "null",
    "null_correlated",
    "null_grid",
    "null_adaptive",
    "null_drift",
    "null_burst",
    "null_repeated",
    "null_many",
]
KINDS = SINGLE + PAIR + HARD + NULL
EACH = 4
ISSUES = ("failed", "nan", "diverged", "overfit")
"""Upstream first: what strikes earlier hides what would come later."""


@dataclass
class Truth:
    """Which issues have a cause: (hyperparameters, region) of each, over the cube."""

    kind: str
    n: int
    seed: int
    names: list[str]
    causes: dict[str, list[Cause]] = field(default_factory=dict)
    related: set[str] = field(default_factory=set)
    """Not innocent: it says the same, or is set only where the cause can be."""

    def involved(self, issue: str) -> set[str]:
        return set().union(*(names for names, _ in self.causes.get(issue, [])), self.related)


@dataclass
class Made:
    table: pd.DataFrame
    truth: Truth
    labels: np.ndarray
    cube: Cube
    reference: Cube
    reference_values: pd.DataFrame


def make(kind: str, n: int, seed: int) -> Made:
    rng = np.random.default_rng([zlib.crc32(kind.encode()), n, seed])
    return _Maker(kind, n, seed, rng).made()


class _Maker:
    def __init__(self, kind: str, n: int, seed: int, rng: np.random.Generator) -> None:
        self.kind, self.n, self.seed, self.rng = kind, n, seed, rng
        size = int(rng.integers(4, len(SPACE) + 1))
        self.names = [str(x) for x in rng.permutation(list(SPACE))[:size]]
        self.follow: dict[str, tuple[str, float]] = {}
        self.steps: dict[str, int] = {}
        self.zeros: dict[str, float] = {}
        self.parent: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.inside = float(rng.choice([0.55, 0.75, 0.95]))
        self.base = float(rng.choice([0.0, 0.03, 0.08]))
        self.share = float(rng.uniform(0.15, 0.5))

    # --- the truth ---

    def pick(self, pool: list[str], but: tuple[str, ...] = ()) -> str:
        known = [name for name in self.names if name in pool and name not in but]
        if known:
            return str(self.rng.choice(known))
        name = str(self.rng.choice([x for x in pool if x not in but]))
        spare = [i for i, x in enumerate(self.names) if x not in but]
        self.names[spare[int(self.rng.integers(len(spare)))]] = name
        return name

    def level_region(self, name: str) -> Region:
        count = len(SPACE[name][1])
        level = int(self.rng.integers(count))
        return lambda u: np.floor(u[name] * count) == level

    def causes(self) -> list[Cause]:
        """The planted causes: a method of the kind's name, or a high value of one hyperparameter."""
        if self.kind.startswith("null"):
            return []
        return getattr(self, f"_{self.kind}", self._above)()

    def _above(self) -> list[Cause]:
        x, q = self.pick(SMOOTH if self.kind == "gradual" else NUMBERS), self.share
        return [(frozenset([x]), lambda u: u[x] > 1 - q)]

    def _below(self) -> list[Cause]:
        x, q = self.pick(NUMBERS), self.share
        return [(frozenset([x]), lambda u: u[x] < q)]

    def _zero(self) -> list[Cause]:
        x = self.pick(SMOOTH)
        self.zeros[x] = self.share
        return [(frozenset([x]), lambda u: u[x] < 0)]

    def _level(self) -> list[Cause]:
        name = self.pick(NAMES)
        return [(frozenset([name]), self.level_region(name))]

    def _inside(self) -> list[Cause]:
        x, q = self.pick(SMOOTH), self.share
        low = float(self.rng.uniform(0.1, 0.9 - q))
        return [(frozenset([x]), lambda u: (u[x] > low) & (u[x] < low + q))]

    def _outside(self) -> list[Cause]:
        x, q = self.pick(SMOOTH), self.share
        low = q * float(self.rng.uniform(0.3, 0.7))
        return [(frozenset([x]), lambda u: (u[x] < low) | (u[x] > 1 - q + low))]

    def _grid(self) -> list[Cause]:
        self.steps = {name: int(self.rng.integers(3, 7)) for name in self.names}
        return self._above()

    def _and_numbers(self) -> list[Cause]:
        x = self.pick(NUMBERS)
        y = self.pick([*NUMBERS, "batch", "width"], (x,))
        s, t = self.rng.uniform(0.35, 0.6, 2)
        return [(frozenset([x, y]), lambda u: (u[x] > 1 - s) & (u[y] < t))]

    def _and_level(self) -> list[Cause]:
        x = self.pick(NUMBERS)
        y = self.pick([*NAMES, "use_bias"], (x,))
        s, level = float(self.rng.uniform(0.35, 0.6)), self.level_region(y)
        return [(frozenset([x, y]), lambda u: (u[x] > 1 - s) & level(u))]

    def _three(self) -> list[Cause]:
        x = self.pick(NUMBERS)
        y = self.pick(NUMBERS, (x,))
        z = self.pick(NUMBERS, (x, y))
        self.inside = 0.95
        return [(frozenset([x, y, z]), lambda u: (u[x] > 0.4) & (u[y] < 0.6) & (u[z] > 0.4))]

    def _either(self) -> list[Cause]:
        x = self.pick(NUMBERS)
        y = self.pick(NUMBERS + NAMES, (x,))
        s, t = self.rng.uniform(0.15, 0.3, 2)
        other = self.level_region(y) if y in NAMES else (lambda u: u[y] < t)
        return [(frozenset([x]), lambda u: u[x] > 1 - s), (frozenset([y]), other)]

    def _xor(self) -> list[Cause]:
        x = self.pick(NUMBERS)
        y = self.pick(NUMBERS, (x,))
        self.inside = 0.95
        return [
            (frozenset([x, y]), lambda u: (u[x] > 0.5) & (u[y] <= 0.5)),
            (frozenset([x, y]), lambda u: (u[x] <= 0.5) & (u[y] > 0.5)),
        ]

    def _ratio(self) -> list[Cause]:
        x = self.pick(POSITIVE)
        y, q = self.pick(POSITIVE, (x,)), self.share
        return [(frozenset([x, y]), lambda u: u[x] - u[y] > 1 - (2 * q) ** 0.5)]

    def _product(self) -> list[Cause]:
        x = self.pick(POSITIVE)
        y, q = self.pick(POSITIVE, (x,)), self.share
        return [(frozenset([x, y]), lambda u: u[x] + u[y] > 2 - (2 * q) ** 0.5)]

    def _set_only(self) -> list[Cause]:
        optim, child = self._conditional(("sgd", "rmsprop"))
        inner = [i for i, name in enumerate(SPACE[optim][1]) if name in ("sgd", "rmsprop")]
        return [(frozenset([child]), lambda u: np.isin(np.floor(u[optim] * 4), inner) & (u[child] > 0.5))]

    def _not_set(self) -> list[Cause]:
        optim, _ = self._conditional(("sgd", "adam", "lion"))
        outer = SPACE[optim][1].index("rmsprop")
        return [(frozenset([optim]), lambda u: np.floor(u[optim] * 4) == outer)]

    def _conditional(self, levels: tuple[str, ...]) -> tuple[str, str]:
        """Momentum is set only where the optimiser is one of these."""
        optim = self.pick(["optim"])
        child = self.pick(["momentum"], (optim,))
        self.parent[child] = (optim, levels)
        return optim, child

    def _decoy(self) -> list[Cause]:
        causes = self._above()
        (x,) = causes[0][0]
        others = [str(name) for name in self.rng.permutation([name for name in NUMBERS if name != x])][:2]
        for other in others:
            if other not in self.names:
                spare = next(i for i, name in enumerate(self.names) if name != x and name not in others)
                self.names[spare] = other
            self.follow[other] = (x, float(self.rng.choice([-1, 1]) * self.rng.uniform(0.6, 0.9)))
        return causes

    # --- the points ---

    def draw(self, n: int) -> Cube:
        rng = self.rng
        z = {name: rng.standard_normal(n) for name in self.names}
        for name, (lead, rho) in self.follow.items():
            z[name] = rho * z[lead] + (1 - rho**2) ** 0.5 * z[name]
        cube = {name: _normal_cdf(value) for name, value in z.items()}
        return self.finished(cube, n)

    def finished(self, cube: Cube, n: int) -> Cube:
        for name, steps in self.steps.items():
            if name in cube and SPACE[name][0] in ("log", "flat", "whole"):
                cube[name] = (np.floor(cube[name] * steps) + 0.5) / steps
        for name, share in self.zeros.items():
            cube[name] = np.where(self.rng.random(n) < share, -1.0, cube[name])
        return cube

    def searched(self, n: int, sick: Callable[[Cube, int], bool]) -> tuple[Cube, np.ndarray]:
        """Points of a sampler that learns: near the best trials so far, sick ones being the worst."""
        rng = self.rng
        good = {name: rng.random() for name in self.names[:3]}
        points: list[dict[str, float]] = []
        scores: list[float] = []
        hits = np.zeros(n, bool)
        for i in range(n):
            if i < 10 or rng.random() < 0.2:
                point = {name: float(rng.random()) for name in self.names}
            else:
                best = np.argsort(scores)[: max(3, i // 5)]
                point = {
                    name: float(
                        np.clip(points[int(rng.choice(best))][name] + 0.12 * rng.standard_normal(), 0.001, 0.999)
                    )
                    for name in self.names
                }
            hits[i] = sick({name: np.array([value]) for name, value in point.items()}, i)
            miss = sum((point[name] - where) ** 2 for name, where in good.items()) + 0.1 * rng.standard_normal()
            points.append(point)
            scores.append(10.0 if hits[i] else float(miss))
        return {name: np.array([point[name] for point in points]) for name in self.names}, hits

    # --- the sweep ---

    def made(self) -> Made:
        rng, n, kind = self.rng, self.n, self.kind
        self._couple()
        issues = [ISSUES[i] for i in sorted(rng.permutation(4)[:3])]
        main, other = (str(x) for x in rng.permutation(issues)[:2])
        causes = self.causes()
        related = {*self.parent, *(parent for parent, _ in self.parent.values())}
        truth = Truth(kind, n, self.seed, self.names, {main: causes} if causes else {}, related)
        rates = {issue: 0.15 if kind == "null_many" else float(rng.choice([0.0, 0.04, 0.1])) for issue in issues}
        cube, rate = self.points(causes, float(rng.choice([0.05, 0.15, 0.3])))
        hits = {issue: rng.random(n) < own for issue, own in rates.items()}
        hits[main] = rate if rate.dtype == bool else rng.random(n) < rate
        if kind == "many":
            y = self.pick(NUMBERS, tuple(causes[0][0]))
            if y not in cube:
                cube[y] = rng.random(n)
            truth.causes[other] = [(frozenset([y]), lambda u: u[y] < 0.25)]
            hits[other] = rng.random(n) < np.where(cube[y] < 0.25, self.inside, self.base)
        if kind in ("repeated", "null_repeated"):
            cube, hits = self.as_replicates(cube, hits)
        labels = np.full(n, "ok", object)
        for issue in reversed(ISSUES):
            labels[hits.get(issue, np.zeros(n, bool))] = issue
        reference = self.draw(4000)
        trials = pd.DataFrame({"trial": np.arange(1, n + 1)})
        if kind in ("repeated", "null_repeated"):
            trials["seed"] = np.arange(n) % EACH
        table = pd.concat([trials, self.values(cube), _metrics(rng, labels)], axis=1)
        return Made(table, truth, labels, cube, reference, self.values(reference))

    def _couple(self) -> None:
        kind, rng = self.kind, self.rng
        if kind == "null_correlated":
            lead = self.pick(NUMBERS)
            self.follow = {x: (lead, float(rng.uniform(0.5, 0.95))) for x in self.names if x != lead and x in NUMBERS}
        coarse = kind in ("above", "below", "zero", "level", *PAIR, "null") and rng.random() < 0.25
        if kind == "null_grid" or coarse:
            self.steps = {name: int(rng.integers(3, 8)) for name in self.names}

    def as_replicates(self, cube: Cube, hits: dict[str, np.ndarray]) -> tuple[Cube, dict[str, np.ndarray]]:
        """Each configuration runs several times, and its runs mostly share one fate."""
        first = (np.arange(self.n) // EACH) * EACH
        fate = {issue: np.where(self.rng.random(self.n) < 0.1, hit, hit[first]) for issue, hit in hits.items()}
        return {name: value[first] for name, value in cube.items()}, fate

    def points(self, causes: list[Cause], null_rate: float) -> tuple[Cube, np.ndarray]:
        """The cube and the sick rate (or the hits themselves) of each trial."""
        rng, n, kind = self.rng, self.n, self.kind
        window = sorted(rng.integers(0, n, 2).tolist())
        window = [window[0], max(window[1], window[0] + max(5, n // 6))]
        if kind in ("adaptive", "late", "null_adaptive", "null_drift", "null_burst"):

            def sick(point: Cube, i: int) -> bool:
                if kind == "null_adaptive":
                    return bool(rng.random() < null_rate)
                if kind == "null_drift":
                    return bool(rng.random() < 0.6 * i / n)
                if kind == "null_burst":
                    return bool(rng.random() < (0.9 if window[0] <= i < window[1] else 0.03))
                if kind == "late" and i > 0.8 * n and rng.random() < 0.5:
                    return True
                return bool(rng.random() < (self.inside if causes[0][1](point)[0] else self.base))

            return self.searched(n, sick)
        cube = self.draw(n)
        rate = np.full(n, null_rate if not causes else self.base)
        if kind == "gradual":
            (x,) = causes[0][0]
            return cube, self.base + (self.inside - self.base) / (1 + np.exp(-(cube[x] - 1 + self.share) / 0.08))
        for _, region in causes:
            rate = np.where(region(cube), self.inside, rate)
        return cube, rate

    def values(self, cube: Cube) -> pd.DataFrame:
        table = pd.DataFrame({name: _values(name, cube[name]) for name in self.names})
        for child, (parent, levels) in self.parent.items():
            table[child] = table[child].where(table[parent].isin(levels))
        return table


def _normal_cdf(z: np.ndarray) -> np.ndarray:
    from math import erf

    return np.array([0.5 * (1 + erf(x / 2**0.5)) for x in z]).clip(1e-9, 1 - 1e-9)


def _values(name: str, u: np.ndarray) -> np.ndarray:
    scale, span = SPACE[name]
    if scale in ("list", "name"):
        return np.array(span, object if scale == "name" else int)[np.floor(u.clip(0) * len(span)).astype(int)]
    low, high = span
    if scale == "whole":
        return np.floor(low + u.clip(0) * (high - low + 1)).astype(int)
    value = low + u * (high - low) if scale == "flat" else low * (high / low) ** u
    return np.where(u < 0, 0.0, np.array([float(f"{x:.7g}") for x in value]))


def _metrics(rng: np.random.Generator, labels: np.ndarray) -> pd.DataFrame:
    n = len(labels)
    train = rng.normal(0.42, 0.03, n).clip(0.3, 0.6)
    held = train + rng.normal(0.04, 0.012, n).clip(0.005, 0.08)
    good, fair = rng.normal(0.85, 0.01, n), rng.normal(0.835, 0.01, n)
    o, d = labels == "overfit", labels == "diverged"
    train[o], held[o] = rng.uniform(0.03, 0.09, o.sum()), rng.uniform(1.1, 1.9, o.sum())
    good[o], fair[o] = rng.uniform(0.97, 0.99, o.sum()), rng.uniform(0.6, 0.7, o.sum())
    train[d] = 10 ** rng.uniform(4, 7, d.sum())
    held[d] = train[d] * rng.uniform(0.9, 1.2, d.sum())
    good[d] = fair[d] = rng.uniform(0.08, 0.12, d.sum())
    columns = {"train_loss": train, "valid_loss": held, "train_acc": good, "valid_acc": fair}
    table = pd.DataFrame({name: [f"{x:.6g}" for x in value] for name, value in columns.items()})
    table[labels == "nan"] = "nan"
    table[labels == "failed"] = ""
    table["epochs"] = 20
    table["state"] = np.where(labels == "failed", "failed", "finished")
    table["runtime_min"] = rng.lognormal(2, 0.2, n).round(2)
    return table
