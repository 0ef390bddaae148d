"""The form for a terminal: no word is broken at usual widths, it reads without colour, and long lists are cut."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from itertools import pairwise
from typing import Literal

import pytest
from rich.console import Console

from hparam_ci.inspection import Inspection, PatternMatch, Skipped
from hparam_ci.pipeline import inspect
from hparam_ci.report.terminal import MOST_LINES, MOST_SWEEPS, WORST, show
from tests.conftest import EXAMPLES
from tests.unit.report.making import buckets, cause, count, crowd, detector, every_kind, inspected, limit, sick, sweep


def shown(inspection: Inspection, width: int = 100, *, colour: bool = False) -> str:
    stream = io.StringIO()
    system: Literal["standard"] | None = "standard" if colour else None
    show(inspection, Console(file=stream, width=width, force_terminal=colour, color_system=system))
    return stream.getvalue()


@pytest.mark.parametrize("name", ["sample_results", "digits_sweep", "healthy_sweep", "*"])
@pytest.mark.parametrize("width", [80, 120])
def test_no_word_is_broken_and_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    inspection = inspect([f"{name}.csv"], root=EXAMPLES)
    text = shown(inspection, width)
    assert max(len(line) for line in text.splitlines()) <= width
    # Line breaks can only add words: each piece of the narrow form is a whole word of a form that never wraps.
    left_out = {"wider", "shown;", "terminal", "shows"}  # what the narrow form says of columns that it has no room for
    assert set(text.split()) <= set(shown(inspection, 2_000).split()) | left_out


@pytest.mark.parametrize("width", [80, 100])
def test_all_detectors_and_long_names_fit(width: int) -> None:
    codes = [f"HP{n}01" for n in range(1, 8)]
    counts = {code: count(n, 10) for n, code in enumerate(codes)}
    tables = tuple(buckets("parameter/" * 10, [(1, 10)] * 8) for _ in range(3))
    for table in tables:
        for bucket in table.buckets:
            bucket.counts.update(counts)
    detectors = [detector(n + 1, code=code) for n, code in enumerate(codes)]
    text = shown(inspected("fail", sweep("a.csv", *detectors, buckets=tables), limits=(limit(),)), width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert "of 7 issues shown; a wider terminal shows more" in text


def test_the_verdict_comes_first_and_the_share_is_marked_without_colour() -> None:
    text = shown(inspected("fail", sick(), limits=(limit(), limit(result="pass", rate="failed_rate", affected=0))))
    first = next(line for line in text.splitlines() if line.strip())
    assert first.strip() == "FAIL  NaN or Inf rate 40% (4 of 10), limit 10%"
    assert re.search(r"✗ NaN or Inf rate +4 of 10 +40% +10%", text)
    assert re.search(r"✓ Failed rate +0 of 10 +0% +10%", text)


@pytest.mark.parametrize("name", ["sample_results", "digits_sweep", "healthy_sweep"])
def test_one_empty_line_between_the_parts(name: str) -> None:
    text = shown(inspect([f"{name}.csv"], root=EXAMPLES))
    lines = [line.rstrip() for line in text.strip().splitlines()]
    assert not any(before == after == "" for before, after in pairwise(lines))
    assert all(lines[i - 1] == "" for i, line in enumerate(lines) if line.startswith(("What moves", "Recommendations")))


def test_colour_only_where_there_is_a_terminal() -> None:
    it = inspected("fail", sick(), limits=(limit(),))
    assert "\x1b" not in shown(it)
    assert "\x1b[" in shown(it, colour=True)


def test_markup_in_names_is_text() -> None:
    text = shown(inspected("fail", sick("[red]x[/red].csv"), title="[bold]", limits=(limit("[red]x[/red].csv"),)))
    assert "[red]x[/red].csv" in text


def test_causes_hints_and_what_could_not_be_checked() -> None:
    unseen = detector(ran=False, title="Overfitting", reason="no validation metric")
    seen = sick(causes=(cause(1), cause(2, "suggestive")), notes=tuple(f"note {n}" for n in range(20)))
    text = shown(inspected("fail", seen, sweep("b.csv", detector(), unseen), limits=(limit(),)), 200)
    assert "lr > 0.1 → NaN in a metric" in text
    assert "3 of 5 (60%) with it, 1 of 5 (20%) without; strong, explains 3 of 4: 1, 2, 3" in text
    assert "hint, not proven lr > 0.1 → NaN in a metric: 3 of 5 (60%) with it" in text
    assert "✓ b.csv  0 of 10 affected, no issue found; not checked: Overfitting" in text
    assert "8 of 20 notes shown" in text
    alone = shown(inspected("pass", sweep("b.csv", unseen)), 200)
    assert "not checked Overfitting (HP101): no validation metric" in alone


@pytest.mark.parametrize("width", [80, 120])
def test_every_kind_at_once_fits_and_shows_the_worst_trials(width: int) -> None:
    it = inspected("fail", every_kind(20), limits=(limit("results/every_kind.csv"),))
    text = shown(it, width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert len(text.splitlines()) < 110
    worst = text[text.index("Worst trials") : text.index("Hyperparameter  ")]
    assert len(re.findall(r"^trial-\d+ +\d+ +HP\d{3}", worst, re.MULTILINE)) == WORST
    assert "limit 3.07" in worst
    assert "▁▁" in worst
    assert "issues shown; `hparam-ci issues` lists all" in " ".join(worst.split())
    assert "and Late divergence 27 of 240" in text


def test_a_broken_detector_is_an_error_on_the_terminal() -> None:
    bad = detector(ran=False, broken=True, title="Overfitting", reason="it raised ValueError: x")
    text = shown(inspected("pass", sweep("a.csv", detector(), bad), limits=(limit("a.csv", "pass", 0),)))
    assert "error Overfitting (HP101) says nothing here: it raised ValueError: x" in text


def test_long_lists_are_cut_and_said_so() -> None:
    text = shown(crowd())
    assert len(text.splitlines()) < 2_500
    assert f"{MOST_LINES} of 400 sweeps shown" in text
    assert f"details of the worst {MOST_SWEEPS} of 400 sweeps with issues follow" in text
    assert "12 of 2000 hyperparameters shown" in text
    assert f"{MOST_LINES} of 1000 files shown" in text
    assert "5 of 300 recommendations shown" in text


def test_without_any_sweep_the_patterns_and_files_are_listed() -> None:
    file = Skipped(path="b.csv", reason="not a table", kind="unreadable")
    text = shown(inspected("inconclusive", skipped=(file,), patterns=(PatternMatch(pattern="c/*.csv", matches=0),)))
    assert "not inspected b.csv: not a table" in text
    assert "looked for c/*.csv: 0 matches" in text


def loaded(module: str, watched: str) -> bool:
    code = f"import sys, hparam_ci.report.{module}; print({watched!r} in sys.modules)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "True\n"


@pytest.mark.parametrize(
    ("module", "unneeded"),
    [("terminal", "jinja2"), ("render", "rich"), ("reduced", "jinja2"), ("reduced", "rich"), ("render", "pandas")],
)
def test_each_form_loads_only_what_it_draws_with(module: str, unneeded: str) -> None:
    assert not loaded(module, unneeded)
