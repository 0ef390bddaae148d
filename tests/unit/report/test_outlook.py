"""What moves the objective and the next search space, in each form of the report, and never in the headline."""

from __future__ import annotations

import html
import io

import msgspec
from rich.console import Console

from hparam_ci.inspection import Inspection
from hparam_ci.report import outlook, words
from hparam_ci.report.render import comment, report, summary
from hparam_ci.report.terminal import show
from tests.unit.report.making import drivers, inspected, next_space, sick, sweep


def read(text: str) -> str:
    """As a person reads it: character references and broken lines are none."""
    return " ".join(html.unescape(text).split())


def told() -> Inspection:
    return inspected("fail", sick(drivers=drivers(["lr"]), next_space=next_space(["lr", "wd"])))


def terminal(it: Inspection) -> str:
    stream = io.StringIO()
    show(it, Console(file=stream, width=120, force_terminal=False))
    return stream.getvalue()


def test_the_full_report_the_summary_and_the_terminal_say_what_moves_the_objective_and_the_comment_does_not() -> None:
    it = told()
    for text in map(read, (report(it), summary(it).text, terminal(it))):
        assert "What moves val_loss" in text
        assert "10% (0 to 30%)" in text
        assert "in between, 1 to 2" in text
        assert "associations, not causes" in text
    assert "What moves" not in comment(it).text
    assert "val_loss" not in words.headline(it)


def test_every_form_names_the_next_search_space_and_how_to_get_it() -> None:
    it = told()
    title = "Next search space: lr, wd change, 1 region excluded; 30% of the space is kept"
    for text in map(read, (report(it), summary(it).text, comment(it).text, terminal(it))):
        assert title in text
        assert "hparam-ci next a.csv" in text
    assert "| `lr` | 0 to 1 | 0.2 to 0.5 | the best trials lie there |" in comment(it).text
    assert "Excluded: `lr > 0.1` (NaN, C1)" in comment(it).text


def test_a_space_that_stays_is_not_told() -> None:
    same = msgspec.structs.replace(next_space([]), excluded=())
    quiet = inspected("pass", sweep(next_space=same))
    for text in (report(quiet), comment(quiet).text, terminal(quiet)):
        assert "Next search space" not in text


def test_values_and_directions_in_words() -> None:
    assert outlook.values(("adam", "sgd", None), " or ") == "adam, sgd or not set"
    assert outlook.values((0.0001, 32, True)) == "0.0001, 32, True"
    assert outlook.span(2.0, 2.0) == "2"
    assert outlook.few([str(n) for n in range(10)]) == "0, 1, 2, 3, 4, 5, 6, 7 and 2 more"
