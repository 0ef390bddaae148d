"""One sanitiser a sink: text from files, paths and models goes in, text that renders as itself comes out."""

from __future__ import annotations

import re
import unicodedata

from markupsafe import Markup

MAX_LENGTH = 120
EMPTY = "∅"

# Characters that can start or end Markdown structure; a character reference never does (CommonMark 0.31, 2.5).
_STRUCTURE = re.compile(r"[\\`*\[\]<>|~!&$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
# Text that GitHub turns into links and notifications after rendering: broken with a zero-width space.
_LINKING = re.compile(r"@(?=\w)|#(?=\w)|(?<=:)(?=//)|(?<=\bwww)(?=\.)|\b(?<=GH)(?=-\d)", re.IGNORECASE)
_ZERO_WIDTH = "\u200b"
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str, length: int = MAX_LENGTH) -> str:
    """One visible line: white space folded, control and direction characters shown as �, cut with an ellipsis."""
    text = text[: 4 * length]
    text = " ".join(text.split())
    text = "".join("�" if _hidden(char) else char for char in text)
    return text if len(text) <= length else text[: length - 1] + "…"


def _hidden(char: str) -> bool:
    return char in _BIDI or char == _ZERO_WIDTH or unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn")


class Markdown(Markup):
    """Markdown that our own code made; it passes the sanitiser as it is.

    (A `Markup`, because that is what Jinja's macros return when they are made of such pieces.)
    """

    __slots__ = ()


def markdown_text(text: str, length: int = 400) -> Markdown:
    """Text for a Markdown paragraph or cell: shows as written, links nothing, notifies nobody."""
    line = one_line(text, length)
    linked = _LINKING.sub(lambda match: match[0] + _ZERO_WIDTH, line)
    return Markdown(_STRUCTURE.sub(lambda match: f"&#{ord(match[0])};", linked))


def markdown_code(text: str, length: int = MAX_LENGTH) -> Markdown:
    """Text as inline code for a Markdown paragraph or cell; inside code GitHub links nothing."""
    line = one_line(text, length)
    if not line:
        return Markdown(EMPTY)
    if "`" in line or "|" in line:
        return Markdown(f"<code>{_entities(line)}</code>")
    return Markdown(f"`{line}`")


def _entities(line: str) -> str:
    return "".join(char if char.isalnum() or char in " .,-=/" else f"&#{ord(char)};" for char in line)


def html_text(text: str, length: int = MAX_LENGTH) -> Markdown:
    """Text for inside an HTML element of a Markdown document (a `<summary>`), where Markdown is not read."""
    line = one_line(text, length)
    return Markdown(_LINKING.sub(lambda match: match[0] + _ZERO_WIDTH, line).translate(_HTML) or EMPTY)


_HTML = {ord(char): f"&#{ord(char)};" for char in "&<>\"'`|*_[]\\~$!"}


def terminal_text(text: str, length: int = 400) -> str:
    """Text for a terminal: one line without control characters, so no escape sequence survives."""
    return one_line(text, length)
