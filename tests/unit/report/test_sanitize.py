"""What goes into a sanitiser comes out as text: judged in the rendered page, never on the source."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hparam_ci.report.sanitize import (
    EMPTY,
    check_text,
    csv_text,
    html_text,
    markdown_code,
    markdown_text,
    one_line,
    plain_text,
    terminal_text,
)
from tests.attack.hostile import TEXTS
from tests.attack.page import Page, pages

TOKENS = (
    *"`*_~|[]()<>!#&;:@$\\'\"-+=.,/{}^%? 1a\n\t",
    *("**", "``", "```", "~~", "![", "](", "<!--", "-->", "</td>", "<b>", "&lt;", "&#35;", "&amp", "www.a.co", "://"),
    *("http://a.co", "ftp://a.co", "mailto:a@b.co", "a@b.co", "@org", "#1", "GH-1", "a/b#1", "o/r@0123456", "GHSA-x"),
    *(
        ":+1:",
        "$x$",
        "1.",
        "1)",
        "- ",
        "> ",
        "[x]",
        "[^1]",
        "\u202e",
        "\u200b",
        "\x1b[31m",
        "\x00",
        "é",
        "日",
        "\u3000",
    ),
)
texts = st.lists(st.sampled_from(TOKENS) | st.text(max_size=6), max_size=14).map("".join)

# Every place of a report that takes text, and that place's text in the page.
PLACES = {
    "paragraph": "before {} after",
    "start": "{}",
    "item": "- {}",
    "numbered": "1. **{}**: {}",
    "heading": "## x {}: y",
    "cell": "| a | b |\n|:--|--:|\n| {} | {}<br>{} |",
    "bold": "**{}** (x)",
    "small": "<sub>{}</sub>",
}


def shown(page: Page) -> str:
    return " ".join(page.text.split())


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@given(text=texts)
@settings(max_examples=60, deadline=None)
@example("www.evil.example")
@example("_www.evil.example")
@example("x (www.evil.example) http://evil.example ftp://evil.example a@evil.example mailto:a@evil.example")
@example("1. x")
@example("---")
@example("# x")
@example("+ x")
@example("[^1] [x] [ ] ![a](b) <a@b.co>")
def test_text_shows_as_written_in_every_place(place: str, text: str) -> None:
    plain = pages(place.replace("{}", "HERE"))
    line = one_line(text, 400) or EMPTY
    for clean, page in zip(plain, pages(place.replace("{}", markdown_text(text))), strict=True):
        assert page.tags == clean.tags
        assert page.attributes == set()
        assert page.comments == []
        assert shown(page) == shown(clean).replace("HERE", line)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@given(text=texts)
@settings(max_examples=60, deadline=None)
@example("a ` b | www.evil.example http://evil.example a@evil.example")
@example("`")
@example("\\|")
@example("a\\")
def test_code_shows_as_written_in_every_place(place: str, text: str) -> None:
    plain = pages(place.replace("{}", "`HERE`"))
    line = one_line(text)
    for clean, page in zip(plain, pages(place.replace("{}", markdown_code(text))), strict=True):
        assert [tag for tag in page.tags if tag != "code"] == [tag for tag in clean.tags if tag != "code"]
        assert page.attributes == set()
        assert page.tags.count("code") == (clean.tags.count("code") if line else 0)
        assert shown(page) == shown(clean).replace("HERE", line or EMPTY)


@given(text=texts)
@settings(max_examples=100, deadline=None)
def test_text_in_an_html_element_shows_as_written(text: str) -> None:
    for page in pages(f"<details><summary>{html_text(text)}</summary>\n\nx\n\n</details>"):
        assert page.tags == ["details", "summary", "p"]
        assert page.attributes == set()
        assert shown(page) == f"{one_line(text) or EMPTY} x"


# What GitHub does to the text of a page after Markdown is rendered: mentions, references, emoji, addresses, formulas.
AFTERWARDS = re.compile(
    r"(?<!\w)@[a-z0-9]|#\d|\bGH-\d|\bGHSA-|:[a-z0-9_+-]+:|[a-z][a-z0-9+.-]*://|www\.|[\w.+-]+@[\w-]", re.IGNORECASE
)


@given(text=texts)
@settings(max_examples=300, deadline=None)
@example(":tada: :+1:")
@example("see octo/repo#12, #3, GH-4, gh-5, @org/team, GHSA-aaaa-bbbb-cccc")
def test_nothing_is_left_that_github_links_or_draws(text: str) -> None:
    for made in (markdown_text(text), html_text(text)):
        [page, *_] = pages(f"x {made}" if made else "x")
        assert not AFTERWARDS.search(page.prose)
    assert not re.search(r"(?<!<span>&#36;</span>)\$", markdown_text(text))


@given(text=st.text(), length=st.integers(1, 50))
@settings(max_examples=300)
def test_one_line_is_one_visible_line_of_at_most_the_length(text: str, length: int) -> None:
    line = one_line(text, length)
    assert len(line) <= length
    assert line == " ".join(line.split())
    assert not [char for char in line if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")]


@given(text=st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), max_size=50))
def test_plain_ascii_is_left_alone(text: str) -> None:
    assert one_line(text, 50) == text
    assert terminal_text(text, 50) == (text or EMPTY)


def test_a_cut_is_shown() -> None:
    assert one_line("x" * 11, 10) == "x" * 9 + "…"
    assert one_line("x" * 10, 10) == "x" * 10
    assert one_line("a" + " " * 1_000 + "b", 10) == "a…"
    assert one_line("a" + " " * 39, 10) == "a", "four times the length is read, and nothing was cut"
    assert one_line("a" + " " * 45 + "b", 10) == "a…"  # four times the length is looked at
    assert one_line(" " * 1_000 + "b", 10) == "…"
    assert markdown_code("y" * 200, 5) == "`yyyy…`"


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u2028"])
def test_nothing_shows_as_the_empty_sign(text: str) -> None:
    assert {markdown_text(text), markdown_code(text), html_text(text), terminal_text(text)} == {EMPTY}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\u202eb\u2066c", "a�b�c"),
        ("a\u200bb\ufeffc\u00add", "a�b�c�d"),
        ("\x1b[31mred\x07", "�[31mred�"),
        ("a\x00b", "a�b"),
        ("a\ud800b\ue000", "a�b�"),
        ("a\u3164b\u2800c\u115f", "a�b�c�"),
        ("tag\U000e0041\U000e0100", "tag��"),
        ("a\u2028b\u0085c\r\nd", "a b c d"),
        ("e" + "\u0301" * 20, "e\u0301\u0301\u0301�"),
        ("naïve 日本語 ✔\ufe0f", "naïve 日本語 ✔\ufe0f"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_such(text: str, line: str) -> None:
    assert one_line(text) == line


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_hostile_texts_survive_as_text(text: str) -> None:
    for page in pages(f"| {markdown_text(text)} | {markdown_code(text)} |\n|--|--|\n"):
        assert page.tags == ["table", "thead", "tr", "th", "th", "code"]
        assert shown(page) == f"{one_line(text, 400)} {one_line(text)}"


def test_each_sanitiser_cuts_at_the_length_that_it_is_given() -> None:
    for made in (terminal_text, plain_text, html_text, markdown_text):
        assert made("x" * 50, 10).replace("&#8230;", "…") == "x" * 9 + "…"
    assert plain_text("a\nb\x00") == "a b�"
    assert plain_text("") == EMPTY


def test_plain_words_in_an_element_are_left_readable() -> None:
    assert html_text("lr = 0.1, a/b - c") == "lr = 0.1, a/b - c"


def test_a_cell_of_a_spreadsheet_shows_its_control_characters_and_keeps_its_white_space() -> None:
    assert csv_text("a\x00b\x1bc") == "a�b�c"
    assert csv_text("a\tb\r\nc\rd") == "a\tb\nc\nd"


def test_a_check_run_has_no_character_beyond_the_basic_plane() -> None:
    assert check_text("✅ 1 trial, \U0001f4c8 and 5 × 3 – é") == "✅ 1 trial, U+1F4C8 and 5 × 3 – é"
    assert check_text("\U0001f534 \U0001f7e0") == ":red_circle: :orange_circle:"
    assert check_text("\uffff\U00010000") == "\uffffU+10000"
