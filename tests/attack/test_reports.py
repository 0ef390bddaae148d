"""Whatever stands in a file renders as text in every form of the report, judged in the rendered page."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from rich.console import Console

from hparam_ci.inspection import Inspection, schema
from hparam_ci.pipeline import against, inspect
from hparam_ci.report.reduced import OUTPUT_CHARACTERS, fit_json
from hparam_ci.report.render import COMMENT_CHARACTERS, SUMMARY_BYTES, comment, report, summary
from hparam_ci.report.terminal import show
from hparam_ci.settings import Settings
from tests.attack.hostile import TEXTS, poisoned_inspection
from tests.attack.page import Page, pages
from tests.conftest import EXAMPLES

FORMS = {
    "comment": lambda it: comment(it, footer="footer").text,
    "summary": lambda it: summary(it).text,
    "report": report,
}
ALLOWED = frozenset(
    (
        "h1 h2 h3 h4 p strong em code table thead tbody tr th td ul ol li details summary br hr sub span pre blockquote"
    ).split()
)


@pytest.fixture(scope="session")
def sick() -> Inspection:
    return inspect(["digits_sweep.csv"], Settings(show_params=True), root=EXAMPLES)


@pytest.fixture(scope="session", params=["worse", "better", "several"])
def each(request: pytest.FixtureRequest) -> Inspection:
    """A sick sweep and a healthy one, each against the other as its baseline, and several with some come and gone."""
    settings = Settings(show_params=True)
    names = ("digits_sweep.csv", "healthy_sweep.csv", "*.csv")
    sick, healthy, several = (inspect([name], settings, root=EXAMPLES) for name in names)
    if request.param == "several":
        gone = tuple(msgspec.structs.replace(sweep, path=f"earlier/{sweep.path}") for sweep in sick.sweeps)
        earlier = msgspec.structs.replace(several, sweeps=(*several.sweeps[1:], *gone))
        return against(several, earlier, "main", settings)
    now, before = (sick, healthy) if request.param == "worse" else (healthy, sick)
    return against(now, before, "main", settings)


def structure(page: Page) -> list[str]:
    return [tag for tag in page.tags if tag not in ("code", "strong")]


def test_every_text_is_poisoned(each: Inspection) -> None:
    kept = {"fail", "pass", "inconclusive", "warn", "error", "warning", "notice", "high", "medium", "low"}
    kept |= {
        "avoid",
        "cure",
        "aim",
        "general",
        "float",
        "int",
        "choice",
        "same",
        "narrowed",
        "extended",
        "moved",
        "fixed",
    }
    kept |= {"higher", "lower", "interior", "levels", "unclear"}
    kept |= {"certain", "strong", "suggestive", "minimize", "maximize", "not_checked", "trial", "sweep", "TEXT"}
    assert set(strings(msgspec.to_builtins(poisoned_inspection(each, "TEXT")))) - set(OPERATORS) <= kept


OPERATORS = ("<=", ">", "==", "!=", "in", "between", "outside", "missing", "set")


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for item in value.values() for text in strings(item))
    elif isinstance(value, list | tuple):
        yield from (text for item in value for text in strings(item))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_markdown_holds_only_our_own_structure(each: Inspection, form: str, text: str) -> None:
    plain = pages(FORMS[form](poisoned_inspection(each, "plain")))
    for clean, page in zip(plain, pages(FORMS[form](poisoned_inspection(each, text))), strict=True):
        assert set(page.tags) <= set(clean.tags) <= ALLOWED
        if form == "report":  # nothing is shed there, so the structure is the same, cell by cell
            assert structure(page) == structure(clean)
        assert page.attributes == set()
        assert page.comments == []
        assert not [sign for sign in ("@org", "@someone", "#1", "repo#2", "GH-3", "://", "www.") if sign in page.prose]
        assert not set(page.text) & set("\x00\x07\x1b\u202e\u2066")


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_the_terminal_gets_no_control_characters(each: Inspection, text: str) -> None:
    stream = io.StringIO()
    show(poisoned_inspection(each, text), Console(file=stream, width=100, force_terminal=False))
    hidden = {chr(code) for code in range(32)} - {"\n"} | set("\x7f\u202e\u2066\u200b")
    assert not set(stream.getvalue()) & hidden


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_json_keeps_every_text_and_its_schema(each: Inspection, text: str) -> None:
    poison = poisoned_inspection(each, text)
    assert Inspection.from_json(poison.to_json()) == poison
    small, _ = fit_json(poison)
    jsonschema_rs.validator_for(schema()).validate(msgspec.json.decode(small))


def huge(sick: Inspection, text: str) -> Inspection:
    """A hundred sweeps with long lists and hostile names."""
    [first, *_] = sick.sweeps
    many = msgspec.structs.replace(first, columns=first.columns * 20, notes=(text,) * 50)
    gate = msgspec.structs.replace(sick.gate, limits=sick.gate.limits * 100, reasons=sick.gate.reasons * 100)
    return poisoned_inspection(msgspec.structs.replace(sick, sweeps=(many,) * 100, gate=gate), text)


@pytest.mark.parametrize("text", ["ü" * 200, "🔥" * 200, "|" * 200])
def test_budgets_hold_and_what_is_left_out_is_said(sick: Inspection, text: str) -> None:
    it = huge(sick, text)
    posted, summed = comment(it), summary(it)
    assert len(posted.text) <= COMMENT_CHARACTERS
    assert len(summed.text.encode()) <= SUMMARY_BYTES
    assert posted.truncated
    assert "100" in posted.text
    small, truncated = fit_json(it)
    assert truncated
    assert len(small) <= OUTPUT_CHARACTERS
    jsonschema_rs.validator_for(schema()).validate(msgspec.json.decode(small))
