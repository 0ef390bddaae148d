"""Whatever stands in a file renders as text in every form of the report, judged in the rendered page."""

from __future__ import annotations

import io
import shutil
import subprocess
from html.parser import HTMLParser

import jsonschema_rs
import msgspec
import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from hparam_ci.inspection import Inspection, schema
from hparam_ci.pipeline import inspect
from hparam_ci.report.reduced import OUTPUT_CHARACTERS, fit_json
from hparam_ci.report.render import COMMENT_CHARACTERS, SUMMARY_BYTES, comment, report, summary
from hparam_ci.report.terminal import show
from hparam_ci.settings import Settings
from tests.attack.hostile import TEXTS, poisoned_inspection
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


OURS = {("th", "style"), ("td", "style"), ("th", "align"), ("td", "align"), ("ol", "start"), ("details", "open")}


class Page(HTMLParser):
    """The tags and the text of a page, and the text that stands outside code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.prose: list[str] = []
        self._code = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs if (tag, name) not in OURS}
        self._code += tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag == "code"

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.prose.append(data)


def rendered(markdown: str) -> list[Page]:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    pages = [Page(parser.render(markdown))]
    if shutil.which("cmark-gfm"):
        extensions = [word for name in ("table", "strikethrough", "autolink", "tagfilter") for word in ("-e", name)]
        done = subprocess.run(
            ["cmark-gfm", "--unsafe", *extensions], input=markdown, capture_output=True, text=True, check=True
        )
        pages.append(Page(done.stdout))
    return pages


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_markdown_holds_only_our_own_structure(sick: Inspection, form: str, text: str) -> None:
    plain = rendered(FORMS[form](poisoned_inspection(sick, "plain")))
    for clean, page in zip(plain, rendered(FORMS[form](poisoned_inspection(sick, text))), strict=True):
        assert page.tags - {"span"} <= clean.tags <= ALLOWED
        assert page.attributes == set()
        prose = "".join(page.prose)
        assert not [sign for sign in ("@org", "@someone", "#1", "repo#2", "GH-3", "://", "www.") if sign in prose]
        assert not set(prose) & set("\x00\x07\x1b\u202e\u2066")


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_the_terminal_gets_no_control_characters(sick: Inspection, text: str) -> None:
    stream = io.StringIO()
    show(poisoned_inspection(sick, text), Console(file=stream, width=100, force_terminal=False))
    hidden = {chr(code) for code in range(32)} - {"\n"} | set("\x7f\u202e\u2066\u200b")
    assert not set(stream.getvalue()) & hidden


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_json_keeps_every_text_and_its_schema(sick: Inspection, text: str) -> None:
    poison = poisoned_inspection(sick, text)
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
