"""The page's figures: all of them on a sweep with every text hostile, and what they draw on the example."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from hparam_ci.inspection import Inspection
from hparam_ci.pipeline import against, inspect
from hparam_ci.report import words
from hparam_ci.settings import Settings
from tests.attack.hostile import TEXTS, poisoned_inspection
from tests.conftest import EXAMPLES
from tests.unit.report.making import every_kind, inspected

TAG = re.compile(r"<(?!br>)")


@pytest.fixture(scope="module")
def digits() -> Inspection:
    return inspect(["digits_sweep.csv"], root=EXAMPLES)


def every_figure(it: Inspection) -> Iterator[Any]:
    from hparam_ci.ui import figures

    [sweep] = it.sweeps
    for cause in sweep.causes:
        yield figures.proof(cause, sweep.sample)
        yield figures.rates(cause)
    for detector in words.flagged(sweep):
        yield figures.heatmap(sweep, detector.code)
        yield figures.parallel(sweep, detector.code)
        yield figures.curves(sweep, detector)
    if it.comparison:
        yield figures.moved(it.comparison.rates)
    if sweep.drivers:
        yield figures.moving(sweep.drivers)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for item in value.values() for text in texts(item))
    elif isinstance(value, list):
        yield from (text for item in value for text in texts(item))


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_hostile_texts_are_no_tags_and_no_formulas(digits: Inspection, text: str) -> None:
    for it in (digits, inspected("fail", every_kind(3))):
        for figure in every_figure(poisoned_inspection(it, text)):
            if figure is not None:
                plain = json.loads(figure.to_json())
                plain["layout"].pop("template", None)
                shown = list(texts(plain))
                assert not [one for one in shown if TAG.search(one) or "$" in one]


def test_every_trial_that_could_show_it_is_drawn(digits: Inspection) -> None:
    from hparam_ci.ui import figures

    [sweep] = digits.sweeps
    for cause in sweep.causes:
        figure = figures.proof(cause, sweep.sample)
        well, sick = figure.data
        assert len(sick.x) == cause.of
        assert len(well.x) == cause.inside.evaluable + cause.outside.evaluable - cause.of
        lines = figures.parallel(sweep, cause.code).data[0]
        assert sum(lines.line.color) == cause.of


def test_the_gate_shows_rates_and_limits(digits: Inspection) -> None:
    from hparam_ci.ui import figures

    limits = [limit for limit in digits.gate.limits if limit.result != "not_checked"]
    bars, *marks = figures.gate(limits).data
    assert list(bars.x) == pytest.approx([100 * (limit.count.share or 0) for limit in limits])
    assert sorted(mark.x[0] for mark in marks) == [10, 10, 20]


def test_two_sweeps_have_their_rates_before_and_now(digits: Inspection) -> None:
    from hparam_ci.ui import figures

    changed = against(digits, inspect(["healthy_sweep.csv"], root=EXAMPLES), "healthy", Settings())
    assert changed.comparison
    before, now = figures.moved(changed.comparison.rates).data
    assert set(before.x) == {0}
    assert max(now.x) > 10
