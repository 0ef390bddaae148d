"""Hyperparameters drawn for the tests of causes, and the search over them."""

from __future__ import annotations

from typing import Any

import numpy as np

from hparam_ci.causes.conditions import describe
from hparam_ci.causes.feature import Feature
from hparam_ci.causes.search import Found, find
from hparam_ci.causes.trials import Sample, one_each, without_aliases
from hparam_ci.sources.rows import hashes
from hparam_ci.sources.table import Cell, Column


def numbers(name: str, values: Any) -> Feature:
    x = np.asarray(values, float)
    kinds = np.where(np.isnan(x), Cell.MISSING, Cell.NUMBER).astype(np.uint8)
    return Feature(Column(name, kinds, x, np.full(len(x), -1, np.int32), ()))


def texts(name: str, values: list[str]) -> Feature:
    levels = tuple(dict.fromkeys(values))
    codes = np.array([levels.index(value) for value in values], np.int32)
    return Feature(Column(name, np.full(len(codes), Cell.TEXT, np.uint8), np.full(len(codes), np.nan), codes, levels))


def draw(n: int, seed: int) -> tuple[np.random.Generator, dict[str, Any]]:
    """Six hyperparameters that have nothing to do with anything."""
    rng = np.random.default_rng(seed)
    columns = {
        "lr": 10 ** rng.uniform(-5, 0, n),
        "wd": np.where(rng.random(n) < 0.3, 0.0, 10 ** rng.uniform(-6, -1, n)),
        "batch": rng.choice([16, 32, 64, 128], n),
        "dropout": rng.uniform(0, 0.7, n),
        "momentum": rng.uniform(0.5, 0.99, n),
        "opt": list(rng.choice(["adam", "sgd", "lamb"], n)),
    }
    return rng, columns


def features(columns: dict[str, Any]) -> list[Feature]:
    return [texts(name, x) if name == "opt" else numbers(name, x) for name, x in columns.items()]


def search(features: list[Feature], hits: Any, seed: int = 0, order: Feature | None = None) -> list[Found]:
    """The search at 5 %, over trials of which no two have one configuration unless all their values are equal."""
    configurations = hashes([f.column for f in features], len(hits))
    hits, rows, strata = np.asarray(hits, bool), np.arange(len(hits)), np.zeros(len(hits), np.int64)
    alone = without_aliases(features, configurations)
    if len(alone) > 1 and len(np.unique(configurations)) < len(hits):
        rows, hits, strata = one_each(configurations, hits)
        alone = [feature.part(rows) for feature in alone]
        order = order.part(rows) if order else None
    return find(Sample(tuple(alone), order, hits, strata, seed, len(hits), int(hits.sum()), len(hits)), 0.05)


def told(found: list[Found], alpha: float = 0.05) -> list[str]:
    return [describe(one.conditions) for one in found if one.p_value <= alpha and not one.small]
