"""Every form of the report on the examples, held to golden files.

`UPDATE_GOLDEN=1 pytest tests/unit/report` writes them anew: look at the diff before you commit it.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from hparam_ci.inspection import Inspection
from hparam_ci.pipeline import inspect
from hparam_ci.report.html import html
from hparam_ci.report.render import comment, report, summary
from hparam_ci.report.terminal import show
from tests.conftest import EXAMPLES

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
SWEEPS = {
    "sample": ["sample_results.csv"],
    "digits": ["digits_sweep.csv"],
    "healthy": ["healthy_sweep.csv"],
    "all": ["*.csv"],
    "none": ["no/such/*.csv"],
}


def terminal(inspection: Inspection) -> str:
    stream = io.StringIO()
    show(inspection, Console(file=stream, width=100, force_terminal=False))
    return stream.getvalue()


FORMS: dict[str, Callable[[Inspection], str]] = {
    "comment.md": lambda it: comment(it, footer="footer").text,
    "summary.md": lambda it: summary(it).text,
    "report.md": report,
    "html": html,
    "txt": terminal,
}


@pytest.mark.parametrize(
    ("name", "form"), [(name, form) for name in SWEEPS for form in FORMS if (name, form) != ("all", "html")]
)
def test_the_report_is_the_golden_one(name: str, form: str) -> None:
    text = FORMS[form](msgspec.structs.replace(inspect(SWEEPS[name], root=EXAMPLES), version="VERSION"))
    path = GOLDEN / f"{name}.{form}"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_a_person_reads_the_verdict_first_and_a_healthy_sweep_is_three_lines() -> None:
    text = (GOLDEN / "healthy.comment.md").read_text(encoding="utf-8")
    assert text.splitlines()[0] == "## ✅ Sweep inspection: pass"
    assert "issue" in text.splitlines()[2]
    sick = (GOLDEN / "digits.report.md").read_text(encoding="utf-8")
    sections = ["Overview", "Issue breakdown", "Hyperparameter pathologies", "Recommendations"]
    places = [sick.index(section) for section in sections]
    assert places == sorted(places)
