"""The page: self-contained, safe, small enough, and its pictures show what the numbers say."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hparam_ci.inspection import Condition, Inspection, SampledColumn, TrialSample
from hparam_ci.pipeline import inspect
from hparam_ci.report import pictures, plane
from hparam_ci.report.html import PAGE_BYTES, html
from hparam_ci.report.svg import axis
from tests.attack.hostile import TEXTS, poisoned_inspection
from tests.conftest import EXAMPLES
from tests.unit.report.making import cause, count, crowd, every_kind, inspected, sick

VOID = {"meta", "br"}
LOADING = {"src", "href", "srcset", "action", "formaction", "data", "style", "xlink:href", "background", "poster"}


class Dom(HTMLParser):
    """Tags with their attributes, and whether each is closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    def tags(self) -> set[str]:
        return {tag for tag, _ in self.found}

    def named(self, tag: str, class_: str) -> list[dict[str, str | None]]:
        return [a for t, a in self.found if t == tag and class_ in (a.get("class") or "").split()]


@pytest.fixture(scope="module")
def digits() -> Inspection:
    return inspect(["digits_sweep.csv"], root=EXAMPLES)


def test_the_page_loads_nothing_and_runs_nothing(digits: Inspection) -> None:
    page = html(digits)
    dom = Dom(page)
    assert not dom.tags() & {"script", "iframe", "object", "embed", "link", "img", "image", "use", "base", "form"}
    for tag, attributes in dom.found:
        loading = LOADING & set(attributes)
        assert not loading or (tag == "a" and (attributes["href"] or "").startswith("#"))
        assert not [name for name in attributes if name.startswith("on")]
    assert "url(" not in page
    assert "@import" not in page


def test_the_policy_allows_the_one_style_sheet_alone(digits: Inspection) -> None:
    page = html(digits)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    [policy] = [a["content"] for t, a in Dom(page).found if t == "meta" and "http-equiv" in a]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_each_cause_has_its_picture_with_each_trial_that_could_show_it(digits: Inspection) -> None:
    [sweep] = digits.sweeps
    assert sweep.sample
    for one in sweep.causes:
        dom = Dom(str(pictures.proof(one, sweep.sample)))
        assert len(dom.named("circle", "x")) == one.of
        assert len(dom.named("circle", "x")) + len(dom.named("circle", "o")) == (
            one.inside.evaluable + one.outside.evaluable
        )
        assert plane.drawn(one, sweep.sample) == ""
        assert [cell.affected for cell in one.cells][:1] == ([one.inside.affected] if len(one.conditions) == 2 else [])
        if one.cells:
            assert sum(cell.evaluable for cell in one.cells[1:]) == one.outside.evaluable
    assert {len(one.conditions) for one in sweep.causes} == {1, 2, 3}


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("op", ["<=", ">", "between", "outside", "==", "!="])
def test_the_region_of_a_picture_holds_the_trials_that_meet_the_condition(op: Any, log: bool) -> None:
    values = tuple(float(v) for v in np.geomspace(0.001, 10, 41))
    limits = (0.01, 1.0) if op in ("between", "outside") else values[20] if op in ("==", "!=") else 0.2
    condition = Condition(param="lr", op=op, value=limits)
    across = axis(SampledColumn(name="lr", values=values, log=log), 74, 428)
    spans = plane.spans(condition, across)
    low, high = limits if isinstance(limits, tuple) else (limits, limits)
    for value in values:
        holds = {
            "<=": value <= low,
            ">": value > low,
            "between": low <= value <= high,
            "outside": not low <= value <= high,
            "==": value == low,
            "!=": value != low,
        }[op]
        near = min(abs(across.at(value) - across.at(edge)) for edge in (low, high)) < 9
        drawn = any(start <= across.at(value) <= end for start, end in spans)
        assert drawn == holds or (near and op not in ("==", "between")) or (near and drawn)


def test_levels_that_the_cause_names_are_the_ones_in_its_region() -> None:
    column = SampledColumn(name="optimizer", values=(0.0, 1.0, 2.0, None), levels=("adam", "sgd", "lion"))
    across = axis(column, 0, 320)
    assert across.blank
    for op, value, inside in (("==", "sgd", {1}), ("!=", "sgd", {0, 2}), ("in", ("adam", "lion"), {0, 2})):
        spans = plane.spans(Condition(param="optimizer", op=op, value=value), across)  # type: ignore[arg-type]
        assert {p for p in range(3) if any(a <= across.at(p) <= b for a, b in spans)} == inside
    [blank] = plane.spans(Condition(param="optimizer", op="missing"), across)
    assert blank[0] <= across.at(None) <= blank[1]


def test_a_sweep_of_1000_trials_and_40_hyperparameters_stays_below_2_mb(tmp_path: Path) -> None:
    draw = np.random.default_rng(5)
    frame = pd.DataFrame({f"knob_{n}": 10 ** draw.uniform(-5, 1, 1000) for n in range(40)})
    frame["val_loss"] = draw.normal(1, 0.1, 1000)
    frame["train_loss"] = frame.val_loss * draw.uniform(0.05, 1, 1000)
    frame.loc[frame.knob_3 > 1, "val_loss"] = np.nan
    frame.to_csv(tmp_path / "sweep.csv", index=False, na_rep="nan")
    page = html(inspect(["sweep.csv"], root=tmp_path))
    assert len(page.encode()) < PAGE_BYTES
    assert "knob_3 &gt; " in page
    assert "other trials drawn; the bars count all" in page, "says that the picture is a sample"


def test_the_largest_inspections_fit_too_and_say_what_is_missing(digits: Inspection) -> None:
    for many in (crowd(), msgspec.structs.replace(digits, sweeps=digits.sweeps * 40)):
        page = html(many)
        assert len(page.encode()) <= PAGE_BYTES
        assert " sweeps shown." in page
    assert "Shortened to stay below 2 MB" in page
    assert page.count('class="cut"') > 10, "the worst sweeps keep their pictures"
    Dom(html(inspected("fail", every_kind(), *(sick(f"{n}.csv") for n in range(30)))))


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_hostile_text_is_text(digits: Inspection, text: str) -> None:
    clean, dom = Dom(html(poisoned_inspection(digits, "plain"))), Dom(html(poisoned_inspection(digits, text)))
    assert dom.tags() == clean.tags()
    assert {(tag, name) for tag, attributes in dom.found for name in attributes} == {
        (tag, name) for tag, attributes in clean.found for name in attributes
    }
    assert not set(dom.text) & set("\x00\x07\x1b\u202e\u2066\u2028")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(text="x", values=[-1.7e308, 1.7e308])
@example(text="x", values=[1.7e308])
@example(text="x", values=[5e-324, 0.0])
@example(text="x", values=[1.7e308, 1e-308])
@given(text=st.text(min_size=1), values=st.lists(st.none() | st.floats(allow_nan=False), min_size=1, max_size=12))
def test_any_sample_can_be_drawn(text: str, values: list[float | None]) -> None:
    finite = tuple(v if v is None or np.isfinite(v) else None for v in values)
    for log in (False, True):
        column = SampledColumn(name=text, values=finite, log=log)
        sample = TrialSample(trials=(text,) * len(values), columns=(column,), marks={"HP101": "xo-" * 4})
        one = msgspec.structs.replace(cause(1), conditions=(Condition(param=text, op=">", value=0.1),), text=text)
        Dom(html(inspected("fail", sick(causes=(one,), sample=sample))))


def test_without_a_sample_the_rates_still_prove_the_cause() -> None:
    page = Dom(html(inspected("fail", sick(causes=(cause(1),)))))
    assert "with it" in page.text
    assert "3 of 5 (60%)" in page.text


def test_a_curve_that_stops_being_a_number_ends_in_a_cross(digits: Inspection) -> None:
    sweep = every_kind(3)
    drawn = pictures.curves(sweep)
    assert [detector.code for detector, _, _ in drawn] == ["HP101"]
    paths = Dom(str(drawn[0][2])).named("path", "x0")
    assert len(paths) == 2, "the curve and the cross"


def test_a_count_of_nothing_has_no_bar() -> None:
    dom = Dom(str(pictures.bars("t", [pictures._bar("none", count(0, 0))])))
    assert "none could show it" in dom.text
