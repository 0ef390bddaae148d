"""HP102: infinities, whatever a store writes for them."""

from __future__ import annotations

import pytest

from tests.unit.detectors.conftest import Look, rows


@pytest.mark.parametrize("text", ["inf", "-inf", "Infinity", "1e999", "1.797e308", "1.7976931348623157e+308"])
def test_spellings(look: Look, text: str) -> None:
    assert rows(look("inf-metric", {"val_loss": [0.5, text, 0.4]}).flagged) == [1]


def test_a_huge_number_is_finite(look: Look) -> None:
    assert rows(look("inf-metric", {"val_loss": [0.5, "1e300", 0.4]}).flagged) == []


def test_nan_and_blank_are_none(look: Look) -> None:
    seen = look("inf-metric", {"val_loss": [0.5, "nan", ""]})
    assert rows(seen.flagged) == []
    assert rows(seen.at_risk) == [0, 1]


def test_running_trials_are_left_out(look: Look) -> None:
    seen = look("inf-metric", {"state": ["COMPLETE", "RUNNING"], "val_loss": [0.5, "inf"]})
    assert (rows(seen.flagged), rows(seen.at_risk)) == ([], [0])
