"""HP306: values that a metric cannot have."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.detectors.conftest import Look, rows

SHARES = [0.8, 0.85, 0.9, 0.7, 0.75, 0.6]


@pytest.mark.parametrize(
    ("name", "values", "wrong"),
    [
        ("val_acc", [*SHARES, 1.2], [6]),
        ("val_acc", [*SHARES, -0.1], [6]),
        ("val_acc", [*SHARES, 87.5], [6]),
        ("val_acc", [80.0, 85, 90, 70, 1.0, 100, 130], [6]),
        ("val_auc", [*SHARES, 1.0, 0.0], []),
        ("val_r2", [0.5, 0.6, -3.0, 0.7, 0.9, 1.3], [5]),
        ("val_rmse", [3.0, 4.0, -2.0, 5.0], [2]),
        ("val_loss", [0.5, 0.4, 0.3, 0.6, 0.7, -4.0], [5]),
        ("val_loss", [0.5, 0.4, -0.3, 0.6, -0.7, -4.0], []),
        ("val_neg_log_loss", [-0.5, -0.4, -0.3, -0.6], []),
        ("val_rmse", [-3.0, -4.0, -2.0, -5.0], []),
        ("val_reward", [300.0, -20.0, 1e5], []),
    ],
)
def test_bounds(look: Look, name: str, values: list[Any], wrong: list[int]) -> None:
    seen = look("implausible-value", {name: values})
    assert rows(seen.flagged) == wrong
    for row in wrong:
        assert "it can be" in seen.evidence(row).message


def test_a_nan_is_no_value(look: Look) -> None:
    seen = look("implausible-value", {"val_acc": [*SHARES, "nan", None]})
    assert rows(seen.at_risk) == [0, 1, 2, 3, 4, 5]
