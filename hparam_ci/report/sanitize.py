"""One sanitiser a sink: text from files, paths and models goes in, text that renders as itself comes out."""

from __future__ import annotations

import re
import unicodedata

from markupsafe import Markup

MAX_LENGTH = 120
TEXT_LENGTH = 400
EMPTY = "∅"

_ZERO_WIDTH = "\u200b"

# Characters that can start or end Markdown structure inside a line; as a character reference they never do
# (CommonMark 0.31, section 2.5).
_STRUCTURE = re.compile(r"[\\`*\[\]<>|~!&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
# The same at the start of a line: headings, lists, rules.
_START = re.compile(r"([#+-])|(\d{1,9})([.)])(?=\s|$)")
# Text that GitHub links, announces or draws after rendering, where references are read as what they stand for: what
# matches is followed by a zero-width space. Mentions and e-mail addresses, references, addresses, emoji short codes.
_LINKING = re.compile(r"@|#(?=\w)|:(?=//)|:(?=[a-z0-9+_-]+:)|www(?=\.)|\bGH(?=-\d)|\bGHSA(?=-)", re.IGNORECASE)
# GitHub's own way to write a dollar sign that opens no formula.
_DOLLAR = "<span>&#36;</span>"

# Accents that stack on one character until they cover the lines above.
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4,}")
# Drawn as nothing although not control characters: fillers, blanks, selectors that can carry hidden text.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\U000e0100-\U000e01ef]")
# What a spreadsheet may run, the wide forms of the same signs included; and what is only a number.
_FORMULA = re.compile("[\\t\\r\\n]|[ \u00a0]*[=+@\uff1d\uff0b\uff0d\uff20-]")
_NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|infinity|nan)", re.ASCII | re.IGNORECASE)
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_SHORT_CODES = {
    "🔴": ":red_circle:",
    "🟠": ":orange_circle:",
    "🔵": ":large_blue_circle:",
    "🟥": ":red_square:",
    "🟧": ":orange_square:",
    "🟨": ":yellow_square:",
    "🆕": ":new:",
}
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def one_line(text: str, length: int = MAX_LENGTH) -> str:
    """One visible line of at most `length` characters.

    White space is folded, what cannot be seen (controls, directions, fillers) becomes �, stacked accents are thinned,
    and a cut is shown by an ellipsis.
    """
    longer = len(text) > 4 * length
    line = " ".join(text[: 4 * length].split())
    if not (line.isascii() and line.isprintable()):
        line = "".join("�" if unicodedata.category(char) in _HIDDEN else char for char in line)
        line = _MARKS.sub(lambda run: run[0][:3] + "�", _BLANK.sub("�", line))
    if len(line) > length or (longer and line):
        return line[: length - 1] + "…"
    return "…" if longer else line


class Markdown(Markup):
    """Markdown that our own code made; it passes the sanitiser as it is.

    (A `Markup`, because that is what Jinja's macros return when they are made of such pieces.)
    """

    __slots__ = ()


def markdown_text(text: str, length: int = TEXT_LENGTH) -> Markdown:
    """Text for a Markdown paragraph, list item or cell: shows as written, links nothing, notifies nobody."""
    line = _unlinked(one_line(text, length))
    if not line:
        return Markdown(EMPTY)
    safe = _STRUCTURE.sub(lambda match: _reference(match[0]), line)
    if start := _START.match(safe):
        safe = (start[2] or "") + _reference(start[1] or start[3]) + safe[start.end() :]
    return Markdown(safe.replace("$", _DOLLAR))


def markdown_code(text: str, length: int = MAX_LENGTH) -> Markdown:
    """Text as inline code for a Markdown paragraph or cell; inside code GitHub links and draws nothing."""
    line = one_line(text, length)
    if not line:
        return Markdown(EMPTY)
    if "`" in line or "|" in line:
        return Markdown(f"<code>{_references(_unlinked(line))}</code>")
    return Markdown(f"`{line}`")


def html_text(text: str, length: int = MAX_LENGTH) -> Markdown:
    """Text for inside an HTML element of a Markdown document (a `<summary>`), where Markdown is not read."""
    references = _references(_unlinked(one_line(text, length)))
    return Markdown(references.replace(_reference("$"), _DOLLAR) or EMPTY)


def terminal_text(text: str, length: int = TEXT_LENGTH) -> str:
    """Text for a terminal: one line without control characters, so no escape sequence survives."""
    return one_line(text, length) or EMPTY


def plain_text(text: str, length: int = TEXT_LENGTH) -> str:
    """Text for a field of a data format (SARIF, JUnit), whose writer escapes it: one line of what can be seen."""
    return one_line(text, length) or EMPTY


def check_text(text: str) -> str:
    """Text for any field of a check run, in which GitHub refuses characters beyond U+FFFF.

    Our own signs become emoji short codes, all others their numbers. (EnricoMi/publish-unit-test-result-action,
    `restrict_unicode`.)
    """
    return _BEYOND.sub(lambda match: _SHORT_CODES.get(match[0], f"U+{ord(match[0]):X}"), text)


def csv_text(text: str) -> str:
    """Text for a cell of a CSV file (the writer quotes it): no control characters, and no spreadsheet takes it for a
    formula. What starts as one gets an apostrophe before it; numbers are left as they are.

    (OWASP, "CSV Injection".)
    """
    if not text.isprintable():
        text = re.sub("\r\n?", "\n", text)  # Python before 3.13 leaves a lone CR unquoted, and it would end the row
        text = "".join("�" if char not in "\t\n" and unicodedata.category(char) in _HIDDEN else char for char in text)
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _unlinked(line: str) -> str:
    return _LINKING.sub(lambda match: match[0] + _ZERO_WIDTH, line)


def _references(line: str) -> str:
    return "".join(char if char.isalnum() or char in " .,-=/" + _ZERO_WIDTH else _reference(char) for char in line)


def _reference(char: str) -> str:
    return f"&#{ord(char)};"
