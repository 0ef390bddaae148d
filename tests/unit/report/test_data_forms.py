"""SARIF and JUnit: valid by their schemas, complete, and safe with any text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.inspection import Finding, Skipped
from hparam_ci.pipeline import inspect
from hparam_ci.report import words
from hparam_ci.report.junit import junit
from hparam_ci.report.sarif import MOST_RESULTS, sarif
from tests.conftest import EXAMPLES
from tests.unit.report.making import cause, crowd, detector, inspected, limit, sick, sweep

SCHEMA = Path(__file__).resolve().parents[2] / "fixtures" / "schemas" / "sarif-2.1.0.json"
VALIDATOR = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text(encoding="utf-8")))
FINDING = Finding(id="S1", code="HP501", column="lr", value="0.1", limit="", message="the best trials lie at the edge")


def results(text: str) -> list[dict[str, Any]]:
    document = json.loads(text)
    VALIDATOR.validate(document)
    found: list[dict[str, Any]] = document["runs"][0]["results"]
    return found


def test_the_example_is_valid_sarif_with_a_result_for_each_cause_and_listed_trial() -> None:
    it = inspect(["digits_sweep.csv"], root=EXAMPLES)
    [one] = it.sweeps
    found = results(sarif(it))
    proven = words.proven(one)
    assert len(found) == len(proven) + one.findings + sum(len(d.issues) for d in one.detectors)
    assert found[0]["message"]["text"].startswith(f"{proven[0].text} → {proven[0].issue}: ")
    places = {r["locations"][0]["physicalLocation"]["region"]["startLine"] for r in found if r["ruleId"] == "HP101"}
    assert {14, 38, 40} < places
    assert len({r["partialFingerprints"]["hparamInspector/v1"] for r in found}) == len(found)


def test_a_fingerprint_outlives_a_moved_line_and_counts_say_what_is_not_listed() -> None:
    found = results(
        sarif(
            inspected("fail", sweep("a.csv", detector(40, 90, issues=2), detector(code="HP501", findings=(FINDING,))))
        )
    )
    assert [r["message"]["text"] for r in found] == [
        "trial trial-0: NaN in loss (38 more trials like it)",
        "trial trial-1: NaN in loss",
        "the best trials lie at the edge",
    ]
    assert len(results(sarif(crowd()))) == MOST_RESULTS


def suites(text: str) -> ET.Element:
    root = ET.fromstring(text)
    for suite in root:
        assert int(suite.get("tests", "")) == len(suite)
        assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure"))
    return root


def test_limits_and_detectors_are_cases() -> None:
    unseen = detector(ran=False, title="Overfitting", reason="no validation metric", code="HP301")
    file = Skipped(path="b.csv", reason="not a table", kind="unreadable")
    it = inspected("fail", sick(detectors=(detector(4, issues=2), unseen)), limits=(limit(),), skipped=(file,))
    root = suites(junit(it))
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert [child.tag for child in cases["NaN or Inf rate"]] == ["failure"]
    assert [child.tag for child in cases["HP101 NaN in a metric"]] == ["system-out"], "its limit has failed already"
    assert [child.tag for child in cases["HP301 Overfitting"]] == ["skipped"]
    assert [child.tag for child in cases["b.csv"]] == ["failure"]
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("4", "2", "1")


def test_an_error_without_a_limit_fails_and_a_warning_does_not() -> None:
    error, warning = detector(4, issues=2), detector(4, issues=2, severity="warning", code="HP301")
    root = suites(junit(inspected("pass", sweep("a.csv", error, warning))))
    assert [len(case.findall("failure")) for case in root.iter("testcase")] == [1, 0]


@given(text=st.text())
def test_any_text_gives_valid_files(text: str) -> None:
    hostile = sick(
        text, detectors=(detector(1, title=text or "x", issues=1, code="HP101"),), causes=(cause(1),), notes=(text,)
    )
    it = inspected("fail", hostile, limits=(limit(text),), title=text)
    results(sarif(it))
    suites(junit(it))


@pytest.mark.parametrize("form", ["sarif", "junit"])
def test_the_command_line_prints_them(form: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    from hparam_ci.cli import main

    main(["inspect", str(EXAMPLES / "digits_sweep.csv"), "--format", form])
    text = capfdbinary.readouterr().out.decode()
    assert results(text) if form == "sarif" else len(suites(text))
