"""The limits of the sinks hold for the largest results, and what was left out is said."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hparam_ci.inspection import Inspection, schema
from hparam_ci.report import render
from hparam_ci.report.reduced import OUTPUT_CHARACTERS, fit_json
from hparam_ci.report.render import (
    CHECK_BYTES,
    COMMENT,
    COMMENT_CHARACTERS,
    SUMMARY,
    SUMMARY_BYTES,
    _render,
    _shedding,
    check,
    comment,
    report,
    summary,
)
from hparam_ci.report.sanitize import check_text
from tests.unit.report.making import compared, crowd, inspected, limit, sick, sweep

VALID = jsonschema_rs.validator_for(schema())


@pytest.fixture(scope="module")
def large() -> Inspection:
    return crowd()


def test_the_comment_fits_and_says_what_is_left_out(large: Inspection) -> None:
    posted = comment(large, footer="footer")
    assert len(posted.text) <= COMMENT_CHARACTERS
    assert "of 400 sweeps with issues shown" in posted.text
    assert "of 300 causes shown" in posted.text
    assert "of 1000 files shown" in posted.text
    assert posted.text.endswith("<sub>footer</sub>\n")


def test_what_is_shed_to_fit_is_said() -> None:
    posted = comment(crowd(40, "`|🔥" * 100), footer="footer")
    assert posted.truncated
    assert len(posted.text) <= COMMENT_CHARACTERS
    assert "Shortened to fit" in posted.text
    assert "of 40 sweeps with issues shown" in posted.text
    assert posted.text.endswith("<sub>footer</sub>\n")


def test_the_summary_fits_in_bytes(large: Inspection) -> None:
    summed = summary(large, footer="footer")
    assert len(summed.text.encode()) <= SUMMARY_BYTES
    assert "of 400 sweeps with issues shown" in summed.text


@pytest.mark.parametrize("text", ["x", "日" * 200, "`|" * 100, "🔥$&" * 100])
def test_the_shortest_form_fits_whatever_the_texts(text: str) -> None:
    it = crowd(3, text)
    it = msgspec.structs.replace(it, title=text * 10)
    for detail in (COMMENT, SUMMARY):
        *_, shortest = _shedding(detail)
        assert len(_render(it, shortest, text * 10).encode()) <= COMMENT_CHARACTERS
    assert len(comment(it, footer=text * 10).text) <= COMMENT_CHARACTERS


def test_every_step_is_shorter_than_the_one_before(large: Inspection) -> None:
    sizes = [len(_render(large, detail, "")) for detail in _shedding(COMMENT)]
    assert sizes == sorted(sizes, reverse=True)


def test_the_full_report_sheds_nothing(large: Inspection) -> None:
    text = report(large)
    assert "Shortened" not in text
    assert text.count("explains 3 of 4") == 300 + 399
    assert "-1999`" in text


def test_json_fits_and_holds_the_schema(large: Inspection) -> None:
    text, truncated = fit_json(large)
    assert truncated
    assert len(text) <= OUTPUT_CHARACTERS
    VALID.validate(msgspec.json.decode(text))
    small = Inspection.from_json(text.encode())
    assert small.gate.verdict == "fail"
    assert small.sweeps


@pytest.mark.parametrize("budget", [1_500, 5_000, 50_000])
def test_json_fits_smaller_budgets_too(large: Inspection, budget: int) -> None:
    text, truncated = fit_json(msgspec.structs.replace(large, title="t" * 100_000), budget)
    assert truncated
    assert len(text) <= budget
    VALID.validate(msgspec.json.decode(text))


def test_json_keeps_the_worst_sweeps() -> None:
    sweeps = [sweep(f"{n}.csv") for n in range(300)] + [sick("bad.csv")]
    it = inspected("fail", *sweeps, limits=(limit("bad.csv"),))
    text, truncated = fit_json(it, 60_000)
    assert truncated
    assert "bad.csv" in {one.path for one in Inspection.from_json(text.encode()).sweeps}


def test_small_json_is_whole() -> None:
    it = inspected("fail", sick(), limits=(limit(),))
    text, truncated = fit_json(it)
    assert not truncated
    assert Inspection.from_json(text.encode()) == it


# Four bytes a character, accents that stack, what the sanitiser makes longer, and what nobody sees.
HEAVY = st.text(st.sampled_from("🔥👩‍🚀e\u0301\u0323日ü|`<&$@#:\\_ \u202e\u200b\U000e0041"), min_size=1, max_size=400)


@settings(max_examples=12, deadline=None)
@given(text=HEAVY, sweeps=st.integers(1, 120))
def test_every_sink_holds_its_budget_whatever_the_texts(text: str, sweeps: int) -> None:
    it = compared(crowd(sweeps, text, many=100), text)
    posted, summed, checked = (form(it, footer=text[:200]) for form in (comment, summary, check))
    assert len(posted.text) <= COMMENT_CHARACTERS
    assert len(summed.text.encode()) <= SUMMARY_BYTES
    assert len(checked.text.encode()) <= CHECK_BYTES
    assert max(checked.text) <= "\uffff"
    small, _ = fit_json(it)
    assert len(small) <= OUTPUT_CHARACTERS
    VALID.validate(msgspec.json.decode(small))


@pytest.mark.parametrize(
    ("form", "limit_name", "measure"),
    [
        (comment, "COMMENT_CHARACTERS", len),
        (summary, "SUMMARY_BYTES", lambda text: len(text.encode())),
        (check, "CHECK_BYTES", lambda text: len(text.encode())),
    ],
)
def test_a_text_of_exactly_the_budget_is_whole_and_of_one_more_is_shortened(
    form: Any, limit_name: str, measure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = crowd(3, "日本🔥e\u0301", many=20)
    whole = form(it)
    monkeypatch.setattr(render, limit_name, measure(whole.text))
    assert form(it) == whole
    monkeypatch.setattr(render, limit_name, measure(whole.text) - 1)
    shorter = form(it)
    assert shorter.truncated
    assert measure(shorter.text) < measure(whole.text)


def test_json_of_exactly_the_budget_is_whole_and_of_one_more_is_shortened() -> None:
    it = crowd(3, "日本🔥e\u0301", many=20)
    whole = it.to_json().decode()
    size = len(fit_json(it, len(whole))[0])
    assert fit_json(it, size)[1] is False
    assert fit_json(it, size - 1)[1] is True


def test_the_longest_comparison_leaves_the_json_its_verdict() -> None:
    it = compared(crowd(2_000, "日本🔥" * 40, many=10), "日本🔥" * 40)
    text, truncated = fit_json(it)
    assert truncated
    assert len(text) <= OUTPUT_CHARACTERS
    assert Inspection.from_json(text.encode()).verdict == "fail"
    assert len(fit_json(it, 1_500)[0]) <= 1_500


def test_a_check_run_keeps_our_signs_as_short_codes_and_names_other_characters() -> None:
    assert check_text("🔴 NaN 🔥 ✅ ü 日") == ":red_circle: NaN U+1F525 ✅ ü 日"
