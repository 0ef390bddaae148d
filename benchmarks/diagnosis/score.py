"""Claims against the truth: the right hyperparameters, the right region, and what was invented."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.diagnosis.sweeps import Made

OVERLAP = 0.5
"""A claim is right when its region and the true one share at least this part of their union."""


def inside(table: pd.DataFrame, conditions: list[dict[str, Any]]) -> np.ndarray:
    mask = np.ones(len(table), bool)
    for condition in conditions:
        mask &= _holds(table[condition["param"]], condition["op"], condition.get("value"))
    return mask


def _holds(column: pd.Series, op: str, value: Any) -> np.ndarray:
    if op == "any":
        return np.ones(len(column), bool)
    if op in ("==", "!=", "in", "not_in"):
        wanted = {str(x) for x in (value if isinstance(value, list) else [value])}
        if pd.api.types.is_numeric_dtype(column):
            numbers = [float(x) for x in wanted if _is_number(x)]
            found = np.isclose(column.to_numpy(float)[:, None], numbers or [np.nan], rtol=1e-6, atol=1e-12).any(1)
            found |= column.isna().to_numpy() & ("nan" in wanted)
        else:
            found = column.astype(str).isin(wanted).to_numpy()
        return found if op in ("==", "in") else ~found
    x = pd.to_numeric(column, errors="coerce").to_numpy(float)
    if op in ("between", "outside"):
        within = (x >= value[0]) & (x <= value[1])
        return within if op == "between" else ~within & ~np.isnan(x)
    return {">": x > value, ">=": x >= value, "<": x < value, "<=": x <= value}[op]


def _is_number(text: str) -> bool:
    try:
        return not np.isnan(float(text))
    except ValueError:
        return False


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / max(1, (a | b).sum()))


def score(made: Made, claims: list[dict[str, Any]]) -> dict[str, float]:
    """One row of numbers for one sweep. `claims`: issue and conditions, best first."""
    truth = made.truth
    invented = [
        claim for claim in claims if not {c["param"] for c in claim["conditions"]} <= truth.involved(claim["issue"])
    ]
    invented += [claim for claim in claims if claim not in invented and claim["issue"] not in truth.causes]
    row = {"claims": len(claims), "invented": len(invented), "invents": float(bool(invented))}
    found, named, errors = [], [], []
    for issue, causes in truth.causes.items():
        own = [claim for claim in claims if claim["issue"] == issue][: len(causes)]
        for names, region in causes:
            right = [c for c in own if names <= {x["param"] for x in c["conditions"]} <= names | truth.related]
            if truth.related and not right:
                right = [c for c in own if {x["param"] for x in c["conditions"]} <= names | truth.related]
            true = region(made.reference)
            hits = [
                c
                for c in right
                if not _any(c) and overlap(inside(made.reference_values, c["conditions"]), true) >= OVERLAP
            ]
            named.append(bool(right))
            found.append(bool(hits))
            if hits and (error := cut_error(hits[0], names, true, made)) is not None:
                errors.append(error)
    if found:
        row |= {"found": float(np.mean(found)), "named": float(np.mean(named))}
        row["clean"] = float(all(found) and not invented)
    if errors:
        row["cut_error"] = errors[0]
    return row


def _any(claim: dict[str, Any]) -> bool:
    return any(condition["op"] == "any" for condition in claim["conditions"])


def cut_error(claim: dict[str, Any], names: frozenset[str], true: np.ndarray, made: Made) -> float | None:
    """Share of the search space between the claimed and the true threshold; None where the cause is none."""
    if (
        made.truth.kind not in ("above", "below", "grid", "decoy", "gradual", "adaptive")
        or len(claim["conditions"]) > 1
    ):
        return None
    if made.truth.kind in ("adaptive",):
        return None
    if claim["conditions"][0]["op"] not in (">", ">=", "<", "<="):
        return None
    return abs(float(inside(made.reference_values, claim["conditions"]).mean()) - float(true.mean()))
