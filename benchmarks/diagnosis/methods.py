"""What is compared: this project, plain tables, trees, and the tools that people use. Each: sweep to claims."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.diagnosis.sweeps import ISSUES, Made
from hparam_ci.causes.statistics import fisher_greater

Claim = dict[str, Any]
Finder = Callable[[pd.DataFrame, np.ndarray], list[Claim]]
TOP = 5


# --- this project ---------------------------------------------------------------------------------


def ours(made: Made) -> list[Claim]:
    """In this process, by the code that the command runs."""
    from hparam_ci.causes.attribution import attribute
    from hparam_ci.commands.causes import answer
    from hparam_ci.detectors.run import detect
    from hparam_ci.sources.read import read_sweeps

    with tempfile.TemporaryDirectory() as folder:
        made.table.to_csv(Path(folder) / "sweep.csv", index=False)
        sweeps = read_sweeps(Path("sweep.csv"), Path(folder))
        return list(answer([(sweep, attribute(detect(sweep))) for sweep in sweeps])["claims"])


def command(made: Made) -> list[Claim]:
    """By the command line."""
    with tempfile.TemporaryDirectory() as folder:
        made.table.to_csv(Path(folder) / "sweep.csv", index=False)
        run = [sys.executable, "-m", "hparam_ci.cli", "causes", "sweep.csv", "--format", "json"]
        done = subprocess.run(run, cwd=folder, capture_output=True, text=True, check=True)
        return list(json.loads(done.stdout)["claims"])


def oracle(made: Made) -> list[Claim]:
    """Told the true region, it only has to pay for the choice among the hyperparameters (or their pairs).

    Replicates of one configuration are no independent trials: it counts once, as sick where at least half of them are.
    """
    p, claims = len(made.truth.names), []
    same = made.table.groupby(made.truth.names, dropna=False, sort=False).ngroup()
    for issue, causes in made.truth.causes.items():
        rows = at_risk(made.labels, issue)
        for names, region in causes:
            trials = pd.DataFrame({"within": region(made.cube), "sick": made.labels == issue})[rows]
            tried = trials.groupby(same[rows]).mean() >= 0.5
            a, k = int((tried.within & tried.sick).sum()), int(tried.within.sum())
            price = p if len(names) == 1 else p * (p - 1) / 2
            if fisher_greater(a, k, int(tried.sick.sum()) - a, len(tried) - k) * price <= 0.05:
                claims.append({"issue": issue, "conditions": [], "names": names})
    return claims


def at_risk(labels: np.ndarray, issue: str) -> np.ndarray:
    """(n,) trials that could have shown the issue: none that fell to an earlier one."""
    return ~np.isin(labels, ISSUES[: ISSUES.index(issue)])


# --- peers: each is told the label and the trials at risk -----------------------------------------


def each_issue(find: Finder) -> Callable[[Made], list[Claim]]:
    def run(made: Made) -> list[Claim]:
        claims = []
        for issue in ISSUES:
            rows = at_risk(made.labels, issue)
            hits = (made.labels == issue)[rows]
            if hits.any() and not hits.all():
                table = made.table.loc[rows, made.truth.names].reset_index(drop=True)
                claims += [claim | {"issue": issue} for claim in find(table, hits)]
        return claims

    return run


def buckets(table: pd.DataFrame) -> Iterator[tuple[np.ndarray, dict[str, Any]]]:
    """Quartiles of numbers, and categories: the trials in each and its condition."""
    for name, column in table.items():
        if not pd.api.types.is_numeric_dtype(column):
            for level in sorted(column.dropna().unique()):
                yield (column == level).to_numpy(), {"param": name, "op": "==", "value": level}
            continue
        x = column.to_numpy(float)
        distinct = np.unique(x[~np.isnan(x)])
        if len(distinct) <= 4:
            for value in distinct:
                yield x == value, {"param": name, "op": "==", "value": float(value)}
            continue
        edges = np.unique(np.nanquantile(x, [0, 0.25, 0.5, 0.75, 1]))
        for low, high in pairwise(edges):
            first = low == edges[0]
            value = [float(low if first else np.nextafter(low, np.inf)), float(high)]
            yield ((x >= low) if first else (x > low)) & (x <= high), {"param": name, "op": "between", "value": value}


def naive(table: pd.DataFrame, hits: np.ndarray) -> list[Claim]:
    """The worst bucket of each hyperparameter, if its rate is half as much again as that of all."""
    best: dict[str, tuple[float, dict[str, Any]]] = {}
    for mask, condition in buckets(table):
        rate = hits[mask].mean() if mask.sum() >= 2 else 0.0
        if hits[mask].sum() >= 2 and rate >= 1.5 * hits.mean() and rate > best.get(condition["param"], (0.0, {}))[0]:
            best[condition["param"]] = (float(rate), condition)
    ordered = sorted(best.values(), key=lambda item: -item[0])
    return [{"conditions": [condition], "score": rate} for rate, condition in ordered]


def bucket_fisher(table: pd.DataFrame, hits: np.ndarray) -> list[Claim]:
    """Every bucket tested (Fisher), with Benjamini and Hochberg over all of them."""
    tests = []
    for mask, condition in buckets(table):
        a, k, b, m = hits[mask].sum(), mask.sum(), hits[~mask].sum(), (~mask).sum()
        if k and m:
            tests.append((fisher_greater(int(a), int(k), int(b), int(m)), condition))
    tests.sort(key=lambda item: item[0])
    kept = [i for i, (p, _) in enumerate(tests) if p <= 0.05 * (i + 1) / len(tests)]
    return [{"conditions": [condition], "score": -p} for p, condition in tests[: max(kept, default=-1) + 1]]


def _one_hot(table: pd.DataFrame) -> tuple[np.ndarray, list[tuple[str, str | None]]]:
    parts: list[np.ndarray] = []
    names: list[tuple[str, str | None]] = []
    for name, column in table.items():
        if pd.api.types.is_numeric_dtype(column):
            parts.append(column.fillna(-1).to_numpy(float))
            names.append((str(name), None))
        else:
            for level in sorted(column.dropna().unique()):
                parts.append((column == level).to_numpy(float))
                names.append((str(name), str(level)))
    return np.stack(parts, 1), names


def _fitted(table: pd.DataFrame, hits: np.ndarray, depth: int) -> list[Claim]:
    from sklearn.tree import DecisionTreeClassifier

    x, names = _one_hot(table)
    smallest = max(2, len(hits) // 20)
    tree = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=smallest, random_state=0).fit(x, hits).tree_
    claims = []

    def walk(node: int, path: dict[str, dict[str, Any]]) -> None:
        if tree.children_left[node] < 0:
            k = tree.n_node_samples[node]
            rate = float(tree.value[node][0][1]) if tree.value.shape[2] > 1 else 0.0
            if path and rate >= 1.5 * hits.mean() and rate * k >= 2:
                conditions = [_condition(name, bounds, table) for name, bounds in path.items()]
                claims.append({"conditions": conditions, "score": (rate - hits.mean()) * k})
            return
        name, level = names[tree.feature[node]]
        for child, above in ((tree.children_left[node], False), (tree.children_right[node], True)):
            bounds = dict(path.get(name, {"low": -np.inf, "high": np.inf, "in": None, "out": set()}))
            if level is None:
                key, pick = ("low", max) if above else ("high", min)
                bounds[key] = pick(bounds[key], float(tree.threshold[node]))
            elif above:
                bounds["in"] = level
            else:
                bounds["out"] = bounds["out"] | {level}
            walk(child, path | {name: bounds})

    walk(0, {})
    return sorted(claims, key=lambda claim: -claim["score"])[:TOP]


def _condition(name: str, bounds: dict[str, Any], table: pd.DataFrame) -> dict[str, Any]:
    if not pd.api.types.is_numeric_dtype(table[name]):
        levels = [bounds["in"]] if bounds["in"] else sorted(set(table[name].dropna()) - bounds["out"])
        return {"param": name, "op": "in", "value": levels}
    if np.isinf(bounds["high"]):
        return {"param": name, "op": ">", "value": bounds["low"]}
    if np.isinf(bounds["low"]):
        return {"param": name, "op": "<=", "value": bounds["high"]}
    return {"param": name, "op": "between", "value": [bounds["low"], bounds["high"]]}


def tree(table: pd.DataFrame, hits: np.ndarray) -> list[Claim]:
    """The sick leaves of a decision tree of depth 3."""
    return _fitted(table, hits, 3)


def tree_cv(table: pd.DataFrame, hits: np.ndarray) -> list[Claim]:
    """The same with the depth (0 to 3) that predicts best in cross-validation."""
    from sklearn.dummy import DummyClassifier
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.tree import DecisionTreeClassifier

    fewest = int(min(hits.sum(), (~hits).sum()))
    if fewest < 3:
        return []
    x, _ = _one_hot(table)
    folds = StratifiedKFold(min(5, fewest), shuffle=True, random_state=0)
    smallest = max(2, len(hits) // 20)
    models = [DummyClassifier(strategy="prior")] + [
        DecisionTreeClassifier(max_depth=depth, min_samples_leaf=smallest, random_state=0) for depth in (1, 2, 3)
    ]

    def loss(model: Any) -> float:
        chance = cross_val_predict(model, x, hits, cv=folds, method="predict_proba")[:, 1].clip(0.02, 0.98)
        return float(-np.log(np.where(hits, chance, 1 - chance)).mean())

    depth = int(np.argmin([loss(model) for model in models]))
    return _fitted(table, hits, depth) if depth else []


def pysubgroup(table: pd.DataFrame, hits: np.ndarray) -> list[Claim]:
    """Beam search for subgroups by weighted relative accuracy, two conditions deep."""
    import pysubgroup as ps

    data = table.assign(sick=hits)
    space = ps.create_selectors(data, ignore=["sick"])
    target = ps.BinaryTarget("sick", True)
    task = ps.SubgroupDiscoveryTask(data, target, space, result_set_size=TOP, depth=2, qf=ps.WRAccQF())
    claims = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = ps.BeamSearch().execute(task).results
    for quality, rule, _ in found:
        if quality > 0:
            claims.append({"conditions": [_selector(s, ps) for s in rule.selectors], "score": float(quality)})
    return claims


def _selector(selector: Any, ps: Any) -> dict[str, Any]:
    if isinstance(selector, ps.EqualitySelector):
        value = selector.attribute_value
        value = value if isinstance(value, str) else float(value)
        return {"param": selector.attribute_name, "op": "==", "value": value}
    low, high = float(selector.lower_bound), float(selector.upper_bound)
    if np.isinf(low):
        return {"param": selector.attribute_name, "op": "<", "value": high}
    if np.isinf(high):
        return {"param": selector.attribute_name, "op": ">=", "value": low}
    return {"param": selector.attribute_name, "op": "between", "value": [low, float(np.nextafter(high, -np.inf))]}


def divexplorer(table: pd.DataFrame, hits: np.ndarray) -> list[Claim]:
    """Divergent item sets over the buckets, t at least 2, one or two items."""
    from divexplorer import DivergenceExplorer

    codes, conditions = {name: np.full(len(table), "", object) for name in table}, {}
    for number, (mask, condition) in enumerate(buckets(table)):
        codes[condition["param"]][mask] = f"b{number}"
        conditions[f"b{number}"] = condition
    data = pd.DataFrame(codes).assign(sick=hits.astype(int))
    least = max(0.05, 2.5 / len(data))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = DivergenceExplorer(data).get_pattern_divergence(min_support=least, boolean_outcomes=["sick"])
    found = found.dropna(subset=["sick_div"])
    size = found["itemset"].map(len)
    found = found[(found["sick_div"] > 0) & (found["sick_t"] >= 2) & size.between(1, 2)]
    claims = []
    for _, row in found.sort_values("sick_t", ascending=False).head(TOP).iterrows():
        items = [item.split("=", 1)[1] for item in row["itemset"]]
        if all(items):
            claims.append({"conditions": [conditions[item] for item in items], "score": float(row["sick_t"])})
    return claims


def optuna(table: pd.DataFrame, hits: np.ndarray) -> list[Claim]:
    """Optuna's PED-ANOVA importances of being sick: they rank, without a region and without a test."""
    import optuna as lib
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    lib.logging.set_verbosity(lib.logging.ERROR)
    space: dict[str, Any] = {}
    for name, column in table.dropna(axis=1).items():
        if not pd.api.types.is_numeric_dtype(column):
            space[str(name)] = CategoricalDistribution(sorted(column.unique()))
        elif column.max() > column.min():
            wide = column.min() > 0 and column.max() / column.min() > 100
            space[str(name)] = FloatDistribution(float(column.min()), float(column.max()), log=bool(wide))
    study = lib.create_study(direction="minimize")
    for row, hit in zip(table.to_dict("records"), hits, strict=True):
        values = {
            name: float(row[name]) if isinstance(d, FloatDistribution) else row[name] for name, d in space.items()
        }
        study.add_trial(lib.trial.create_trial(params=values, distributions=space, value=float(~hit)))
    share = float(np.clip(hits.mean(), 0.02, 0.98))
    judge = lib.importance.PedAnovaImportanceEvaluator(target_quantile=share, region_quantile=1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ranked = lib.importance.get_param_importances(study, evaluator=judge)
    return [
        {"conditions": [{"param": name, "op": "any"}], "score": value} for name, value in list(ranked.items())[:TOP]
    ]


METHODS: dict[str, Callable[[Made], list[Claim]]] = {
    "ours": ours,
    "command": command,
    "oracle": oracle,
    "naive": each_issue(naive),
    "bucket_fisher": each_issue(bucket_fisher),
    "tree": each_issue(tree),
    "tree_cv": each_issue(tree_cv),
    "pysubgroup": each_issue(pysubgroup),
    "divexplorer": each_issue(divexplorer),
    "optuna": each_issue(optuna),
}
SLOW = ("pysubgroup", "divexplorer", "optuna")
"""Peers that take seconds to minutes a sweep."""
NEEDS = {
    "tree": "sklearn",
    "tree_cv": "sklearn",
    "pysubgroup": "pysubgroup",
    "divexplorer": "divexplorer",
    "optuna": "optuna",
}


def installed(method: str) -> bool:
    return find_spec(NEEDS.get(method, "numpy")) is not None
