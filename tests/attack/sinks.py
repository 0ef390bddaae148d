"""Every place that a text can end up in, and what must hold there: what comes out renders as text.

A new sink is one line in `SINKS`: its name, how the text is made from an Inspection and a Review, and the property.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema_rs
import msgspec
from rich.console import Console

from hparam_ci.crew.answers import TASKS, shown
from hparam_ci.crew.gather import gather
from hparam_ci.github.commands import Log
from hparam_ci.inspection import Inspection, schema
from hparam_ci.outputs import OUTPUTS, verdict_outputs
from hparam_ci.report.junit import junit
from hparam_ci.report.reduced import fit_json
from hparam_ci.report.render import check, comment, report, summary
from hparam_ci.report.sanitize import csv_text
from hparam_ci.report.sarif import sarif
from hparam_ci.report.terminal import show
from hparam_ci.review import Review
from tests.attack.page import Page, pages
from tests.outputs import parse_outputs

ALLOWED = frozenset(
    (
        "h1 h2 h3 h4 p strong em code table thead tbody tr th td ul ol li details summary br hr sub span pre blockquote"
    ).split()
)
SARIF = Path(__file__).resolve().parents[1] / "fixtures" / "schemas" / "sarif-2.1.0.json"
SARIF_VALIDATOR = jsonschema_rs.validator_for(json.loads(SARIF.read_text(encoding="utf-8")))
RESULT_VALIDATOR = jsonschema_rs.validator_for(schema())
# What GitHub makes of the text of a page after Markdown is rendered, outside code: mentions, references, addresses.
LINKED = re.compile(r"(?<!\w)@[a-z0-9]|#\d|\bGH-\d|[a-z][a-z0-9+.-]*://|www\.", re.IGNORECASE)
# What the runner obeys: `::name` at the start of a line, and `##[name` anywhere (actions/runner, ActionCommand.cs).
COMMANDS = re.compile(r"^\s*::([a-z-]+)|##\[([a-z-]+)", re.IGNORECASE)
OWN_COMMANDS = {"add-mask", "group", "endgroup", "error", "warning", "notice", "debug"}


@dataclass(frozen=True)
class Sink:
    """A name, how the text is made, and the property that it must have."""

    name: str
    made: Callable[[Inspection, Review], str]
    holds: Callable[[str], None]


# --- properties -----------------------------------------------------------------------------------


def is_markdown_of_ours(text: str) -> None:
    """Our own tags and nothing else: no attribute, comment, link, picture, mention or reference in the page."""
    for page in pages(text):
        is_page_of_ours(page)


def is_page_of_ours(page: Page, allowed: frozenset[str] = ALLOWED) -> None:
    assert set(page.tags) <= allowed
    assert page.attributes == set()
    assert page.comments == []
    assert not LINKED.search(page.prose)
    assert hidden(page.text.replace("\n", "")) == set()


def is_for_a_terminal(text: str) -> None:
    """Lines of what can be seen: no escape sequence, no bidi control, no carriage return."""
    assert hidden(text.replace("\n", "")) == set()


def is_a_log(text: str) -> None:
    """The runner obeys our own commands only, and no line holds what cannot be seen."""
    assert commands_in(text) <= OWN_COMMANDS
    assert {char for char in hidden(text.replace("\n", "")) if unicodedata.category(char) != "Co"} == set()


def is_sarif(text: str) -> None:
    SARIF_VALIDATOR.validate(json.loads(text))
    assert hidden("".join(messages(json.loads(text)))) == set()


def is_junit(text: str) -> None:
    """XML of our elements; text stays in attributes and in the text of failure and system-out."""
    root = ET.fromstring(text)
    assert {element.tag for element in root.iter()} <= {
        "testsuites",
        "testsuite",
        "testcase",
        "failure",
        "skipped",
        "system-out",
    }
    said = [value for element in root.iter() for value in (*element.attrib.values(), element.text or "")]
    assert hidden("".join(said).replace("\n", "")) == set()


def is_a_result(text: str) -> None:
    RESULT_VALIDATOR.validate(msgspec.json.decode(text))


def is_the_output_file(text: str) -> None:
    """The runner reads back the names of our outputs, each once, and the verdict that was decided."""
    found = parse_outputs(text)
    assert set(found) == set(OUTPUTS) - {"ai_status"}
    assert found["status"] in ("pass", "warn", "fail", "inconclusive")
    assert found["conclusion"] in ("success", "failure")
    assert re.fullmatch(r"\d+", found["runs"])
    is_a_result(found["json"])


def is_a_prompt(text: str) -> None:
    """A JSON object of short texts a line: nothing of a file stands outside a JSON string."""
    for line in text.split("\n"):
        if line:
            assert line.isascii()
            fact = json.loads(line)
            assert isinstance(fact, dict)
            assert all(len(value) <= 240 for value in strings(fact))


def is_a_spreadsheet(text: str) -> None:
    """Rows of one width, and no cell that a spreadsheet runs."""
    rows = list(csv.reader(io.StringIO(text)))
    assert len({len(row) for row in rows}) == 1
    for cell in (cell for row in rows for cell in row):
        assert not re.match(r"[\t\r\n]|[ \u00a0]*[=+@\uff1d\uff0b\uff0d\uff20-]", cell) or is_number(cell)


# --- how the texts are made -----------------------------------------------------------------------


def terminal(it: Inspection, review: Review) -> str:
    stream = io.StringIO()
    show(it, Console(file=stream, width=100, force_terminal=False), review)
    return stream.getvalue()


def log(it: Inspection, review: Review) -> str:
    """Every text of the result in every kind of line."""
    stream = io.StringIO()
    out = Log(stream, on_actions=True)
    for number, text in enumerate([*strings(msgspec.to_builtins(it)), *sentences(review)]):
        with out.group(text) if number < 5 else out.group("x"):
            out.info(text)
            out.debug(text)
            out.error(text, title=text, file=text, line=number)
    out.finish()
    return stream.getvalue()


def outputs(it: Inspection, _: Review) -> str:
    from tempfile import TemporaryDirectory

    from hparam_ci.github.commands import write_outputs

    with TemporaryDirectory() as folder:
        path = Path(folder) / "output"
        write_outputs(path, verdict_outputs(it))
        return path.read_bytes().decode()


def prompt(it: Inspection, _: Review) -> str:
    facts = gather(it)
    return "\n".join(
        shown(section, facts, choosing=choosing) for section in TASKS.values() for choosing in (True, False)
    )


def spreadsheet(it: Inspection, _: Review) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(
        [csv_text(text), "x", csv_text(text)] for text in strings(msgspec.to_builtins(it))
    )
    return stream.getvalue()


SINKS = (
    Sink("comment", lambda it, review: comment(it, footer="footer", review=review).text, is_markdown_of_ours),
    Sink("summary", lambda it, review: summary(it, review=review).text, is_markdown_of_ours),
    Sink("check", lambda it, review: check(it, review=review).text, is_markdown_of_ours),
    Sink("report", lambda it, review: report(it, review=review), is_markdown_of_ours),
    Sink("terminal", terminal, is_for_a_terminal),
    Sink("log", log, is_a_log),
    Sink("sarif", lambda it, _: sarif(it), is_sarif),
    Sink("junit", lambda it, _: junit(it), is_junit),
    Sink("json", lambda it, _: it.to_json().decode(), is_a_result),
    Sink("reduced", lambda it, _: fit_json(it)[0], is_a_result),
    Sink("outputs", outputs, is_the_output_file),
    Sink("prompt", prompt, is_a_prompt),
    Sink("spreadsheet", spreadsheet, is_a_spreadsheet),
)


# --- what they share ------------------------------------------------------------------------------


def hidden(text: str) -> set[str]:
    """The characters that cannot be seen, but for the zero-width space with which we break what GitHub links."""
    return {char for char in set(text) if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co") and char != "\u200b"}


def commands_in(log: str) -> set[str]:
    """The commands that the runner obeys in a log."""
    return {match[1] or match[2] for line in log.split("\n") for match in COMMANDS.finditer(line)}


def strings(value: Any) -> Iterator[str]:
    """Every text of a nested value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for item in value.values() for text in strings(item))
    elif isinstance(value, list | tuple):
        yield from (text for item in value for text in strings(item))


def messages(document: Any) -> Iterator[str]:
    """What SARIF shows to people."""
    if isinstance(document, dict):
        if isinstance(document.get("text"), str):
            yield document["text"]
        yield from (text for item in document.values() for text in messages(item))
    elif isinstance(document, list):
        yield from (text for item in document for text in messages(item))


def sentences(review: Review) -> Iterator[str]:
    return (sentence.text for _, found in review.sections for sentence in found)


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
