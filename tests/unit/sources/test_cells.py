from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hparam_ci.sources.cells import (
    EXACT,
    MISSING_WORDS,
    from_numbers,
    from_texts,
    is_numeric,
    uses_decimal_comma,
)
from hparam_ci.sources.table import Cell, Column, Repair

MISSING, NUMBER, NAN, POS_INF, NEG_INF, TEXT = Cell


def read(*texts: str, decimal_comma: bool = False) -> tuple[Column, list[Repair]]:
    cells = np.array([*texts, ""], object)[:-1]
    return from_texts("loss", cells, decimal_comma=decimal_comma)


def kinds(*texts: str, decimal_comma: bool = False) -> list[Cell]:
    column, _ = read(*texts, decimal_comma=decimal_comma)
    return [Cell(kind) for kind in column.kinds]


def values(*texts: str, decimal_comma: bool = False) -> list[float]:
    column, _ = read(*texts, decimal_comma=decimal_comma)
    assert set(column.kinds) <= {NUMBER, MISSING}
    return [value for value in column.values.tolist() if not math.isnan(value)]


def repairs(*texts: str, decimal_comma: bool = False) -> dict[str, int]:
    _, said = read(*texts, decimal_comma=decimal_comma)
    assert {repair.column for repair in said} <= {"loss"}
    return {repair.what: repair.count for repair in said}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-0", 0),
        ("+5", 5),
        ("007", 7),
        (" 5\t", 5),
        ("1.", 1),
        (".5", 0.5),
        ("-.5e-3", -0.0005),
        ("1E5", 1e5),
        ("1e0005", 1e5),
        ("1e-999", 0),
        ("1.7e308", 1.7e308),
        ("1." + "1" * 5000, 10 / 9),
        ("0." + "0" * 400 + "1e400", 0.1),
    ],
)
def test_a_number_has_sign_digits_point_and_exponent(text: str, value: float) -> None:
    assert values(text) == [value]
    assert repairs(text) == {}
    assert is_numeric(text)


@pytest.mark.parametrize(
    "text",
    [
        *("True", "FALSE", "adam", "none of these", "'adam'", "'-x", "(64, 64)", "[3]", "e5", "=", "in", "infinit"),
        *("0x1f", "0x1p3", "1_000", "1e", "1e5.5", ".", "+", "--5", "- 5", "1 5", "1d5", "1.5.2", "1f", "1j", "nanx"),
        *("2026-11-22", "12:30", "7.6s", "１２", "٣", "½", "1,5", "1,234", "1%%", "%", "85 %x"),
    ],
)
def test_all_else_is_text(text: str) -> None:
    assert kinds(text, "0.5") == [TEXT, NUMBER]
    assert repairs(text, "0.5") == {}
    assert read("0.5", f" {text} ", text)[0].levels == (text,)
    assert not is_numeric(text)


@pytest.mark.parametrize("text", ["nan", "NaN", "NAN", "Nan", "-nan", "+NaN", " nan ", "-nan(ind)", "nan(0x7)"])
def test_nan_text_is_not_missing(text: str) -> None:
    assert kinds(text, "", "1") == [NAN, MISSING, NUMBER]
    assert repairs(text) == {}
    assert is_numeric(text)


@pytest.mark.parametrize("text", ["", " ", "\t ", "\u00a0"])
def test_blank_is_missing(text: str) -> None:
    assert kinds(text) == [MISSING]
    assert repairs(text) == {}
    assert is_numeric(text)


@pytest.mark.parametrize(
    "text", ["inf", "Inf", "INF", "infinity", "Infinity", "1e999", "1." + "0" * 9 + "e400", "1" * 400 + ".0"]
)
def test_infinities_keep_their_sign(text: str) -> None:
    assert kinds(text, f"+{text}", f"-{text}", "1") == [POS_INF, POS_INF, NEG_INF, NUMBER]
    assert read(f"-{text}")[0].values.tolist() == [-math.inf]
    assert repairs(text) == {}
    assert is_numeric(text)


def test_the_largest_double_stands_for_an_infinity() -> None:
    said = {"the largest double (about 1.797e308) read as infinity": 3}
    texts = ("1.7976931348623157e+308", "-1.7976931348623157e+308", "1.7976931348623157e+308", "2.5")
    assert kinds(*texts) == [POS_INF, NEG_INF, POS_INF, NUMBER]
    assert repairs(*texts) == said


def test_an_apostrophe_before_a_sign_is_left_off() -> None:
    assert values("'-0.53", "'+2", "1") == [-0.53, 2, 1]
    assert repairs("'-0.53", "'-0.53", "1") == {"apostrophe before a sign left off": 2}
    assert kinds("'-inf", "'-nan", "'-1e999") == [NEG_INF, NAN, NEG_INF]
    assert kinds("'0.5", "'-5'", "''-5", "'=1") == [TEXT, TEXT, TEXT, TEXT]


@pytest.mark.parametrize("word", sorted(MISSING_WORDS))
def test_words_for_no_value_are_missing_among_numbers_only(word: str) -> None:
    assert kinds("0.5", word, word) == [NUMBER, MISSING, MISSING]
    assert list(repairs("0.5", word, word).values()) == [2]
    assert kinds(word, "nan") == [MISSING, NAN]
    assert kinds(word, "inf") == [MISSING, POS_INF]
    assert kinds(word, "12%") == [MISSING, NUMBER]
    assert kinds(word, "") == [TEXT, MISSING]
    assert kinds("adam", word, "0.5") == [TEXT, TEXT, NUMBER]
    assert repairs("adam", word, "0.5") == {}


def test_a_number_with_its_spread_is_the_number() -> None:
    assert values("92.3±0.4", "-1e-1 ± 1e-2", "5 +/- 1", "90.5", "") == [92.3, -0.1, 5, 90.5]
    assert repairs("92.3±0.4", "91 ± 0.2") == {"spreads behind numbers left off": 2}
    assert values("92.3±0.4%", "91 ± 0.2 %") == [92.3, 91]
    assert values("0,5±0,1", "0,25±0,1", decimal_comma=True) == [0.5, 0.25]
    assert kinds("92.3±0.4", "adam") == [TEXT, TEXT]
    assert kinds("±0.4", "a±0.4") == [TEXT, TEXT]
    assert values("92.3 (0.4)", "91(0.2)", "90 (±1.5)", "") == [92.3, 91, 90]
    assert repairs("92.3 (0.4)", "91(0.2)") == {"spreads behind numbers left off": 2}
    assert kinds("64 (3)", "128 (5)") == [TEXT, TEXT]
    assert kinds("92.3 (0.4)", "adam") == [TEXT, TEXT]
    assert kinds("92.3 (best)", "91.5 (last)") == [TEXT, TEXT]


def test_percents_are_read_if_all_are_percents() -> None:
    assert values("12.5%", "93 %", "-1e1%", "", "0") == [12.5, 93, -10, 0]
    assert repairs("12.5%", "93%") == {"percent signs left off; the values are in percent": 2}
    assert values("12,5%", "0,1%", decimal_comma=True) == [12.5, 0.1]
    assert kinds("12.5%", "0.125") == [TEXT, NUMBER]
    assert kinds("12.5%", "adam") == [TEXT, TEXT]
    assert kinds("12.5%", "12,5%") == [TEXT, TEXT]


def test_decimal_commas_are_read_where_the_file_writes_them() -> None:
    assert values("0,5", "-85,02", "1,5e-3", "7", "1.234,5", "1,234", decimal_comma=True) == [
        0.5,
        -85.02,
        0.0015,
        7,
        1234.5,
        1.234,
    ]
    assert repairs("0,5", "7", "0,5", decimal_comma=True) == {"decimal commas read as decimal points": 2}
    assert kinds("0,5", "0.5", decimal_comma=True) == [TEXT, NUMBER]
    assert kinds("64,32", "64,32,16", decimal_comma=True) == [TEXT, TEXT]
    assert kinds("0,5") == [TEXT]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["0,5", "7"], True),
        (["85,02", "adam"], True),
        (["1,2345"], True),
        (["-0,123"], True),
        (["1,234"], False),
        (["64,32", "0.001"], False),
        (["0,5", "0.5"], False),
        (["7", "adam"], False),
        ([], False),
    ],
)
def test_one_decimal_point_in_the_file_speaks_against_decimal_commas(cells: list[str], expected: bool) -> None:
    assert uses_decimal_comma(cells) is expected


def test_thousands_separators_are_left_out_if_they_can_be_nothing_else() -> None:
    assert values("1,234.5", "1,234", "12", "-1,234,567.25") == [1234.5, 1234, 12, -1234567.25]
    assert values("1'234.5", "1\u202f234", "1\u00a0234\u00a0567") == [1234.5, 1234, 1234567]
    assert repairs("1,234.5", "12") == {"thousands separators left out": 1}
    assert kinds("1,234", "1,234,567") == [TEXT, TEXT]  # layer sizes, maybe
    assert kinds("1,23.5") == [TEXT]
    assert kinds("1,234.5", "1'234.5") == [TEXT, TEXT]


def test_integers_that_a_double_would_round_stay_text() -> None:
    first, second = "12345678901234567890", "12345678901234567891"
    column, said = read(first, second, "7", "", first)
    assert column.levels == (first, second, "7")
    assert column.codes.tolist() == [0, 1, 2, -1, 0]
    assert [repair.count for repair in said] == [4]
    assert "2^53" in said[0].what
    assert kinds("9" * 5000) == [TEXT]
    assert kinds(first, "None") == [TEXT, TEXT]
    assert kinds(first, "0.5") == [NUMBER, NUMBER]
    assert kinds(str(EXACT - 1), str(1 - EXACT), "0" * 30 + "7") == [NUMBER, NUMBER, NUMBER]
    assert kinds(str(-EXACT)) == kinds(str(EXACT)) == [TEXT]


def test_levels_are_stripped_and_in_order_of_appearance() -> None:
    column, said = read(" sgd", "adam", "sgd ", "", "adam")
    assert column.levels == ("sgd", "adam")
    assert column.codes.tolist() == [0, 1, 0, -1, 1]
    assert column.codes.dtype == np.int32
    assert column.kinds.dtype == np.uint8
    assert column.show(2) == "sgd"
    assert said == []


def test_a_column_without_cells() -> None:
    column, said = read()
    assert len(column) == 0
    assert (column.levels, said) == ((), [])


WRITTEN = ("1", "-2.5", "nan", "", "inf", "-inf", "-1e999", "1.7976931348623157e308", "-0")


@given(st.lists(st.sampled_from(WRITTEN), max_size=9) | st.lists(st.sampled_from(WRITTEN[:4]), max_size=9))
def test_numbers_and_texts_are_read_alike(texts: list[str]) -> None:
    parsed = np.array([float(text or "nan") for text in texts])
    blank = np.array([not text for text in texts], bool)
    before = parsed.copy()
    column, said = from_numbers("loss", parsed, blank, np.full(len(texts), -1, np.int32))
    other, said_too = read(*texts)
    np.testing.assert_array_equal(column.kinds, other.kinds)
    np.testing.assert_array_equal(column.values, other.values)
    np.testing.assert_array_equal(column.codes, other.codes)
    np.testing.assert_array_equal(parsed, before)
    huge = texts.count(WRITTEN[7])
    assert (
        said == said_too == [Repair("the largest double (about 1.797e308) read as infinity", huge, "loss")] * (huge > 0)
    )


LETTERS = st.text("abcXYZ/:()", min_size=2, max_size=6).filter(lambda text: text.lower() not in ("na", "nan"))
CELLS = st.one_of(
    st.sampled_from(["", " ", "\t"]).map(lambda text: (text, MISSING, math.nan)),
    st.sampled_from(["nan", "-NaN", "+nan"]).map(lambda text: (text, NAN, math.nan)),
    st.sampled_from(["inf", "Infinity", "1e999"]).map(lambda text: (text, POS_INF, math.inf)),
    st.sampled_from(["-inf", "-Infinity", "-1e999"]).map(lambda text: (text, NEG_INF, -math.inf)),
    st.integers(1 - EXACT, EXACT - 1).map(lambda number: (str(number), NUMBER, float(number))),
    st.floats(-1.79e308, 1.79e308).map(lambda number: (repr(number), NUMBER, number)),
    st.floats(-1e9, 1e9).map(lambda number: (f"{number:.3e}", NUMBER, float(f"{number:.3e}"))),
    LETTERS.map(lambda text: (text, TEXT, math.nan)),
)


@given(st.lists(CELLS), st.booleans())
def test_cells_are_what_they_were_written_as(cells: list[tuple[str, Cell, float]], decimal_comma: bool) -> None:
    column, said = read(*(text for text, _, _ in cells), decimal_comma=decimal_comma)
    assert column.kinds.tolist() == [kind for _, kind, _ in cells]
    np.testing.assert_array_equal(column.values, [value for _, _, value in cells])
    for code, (text, kind, _) in zip(column.codes.tolist(), cells, strict=True):
        assert (column.levels[code] == text) if kind == TEXT else code == -1
    assert said == []


TRICKY = st.text("0123456789+-.,'% eEnaifINFtyxo_\u00a0\n", max_size=8) | st.sampled_from(sorted(MISSING_WORDS))


@settings(max_examples=300)
@given(st.lists(TRICKY), st.booleans())
def test_whatever_the_cells_a_column_keeps_its_promises(texts: list[str], decimal_comma: bool) -> None:
    column, said = read(*texts, decimal_comma=decimal_comma)
    finite = np.isfinite(column.values)
    np.testing.assert_array_equal(column.is_(NUMBER), finite)
    np.testing.assert_array_equal(column.is_(POS_INF), column.values == math.inf)
    np.testing.assert_array_equal(column.is_(NEG_INF), column.values == -math.inf)
    np.testing.assert_array_equal(column.is_(TEXT), column.codes >= 0)
    assert sorted(set(column.codes.tolist()) - {-1}) == list(range(len(column.levels)))
    assert all(column.levels[code] == text.strip() for code, text in zip(column.codes, texts, strict=True) if code >= 0)
    assert all(kind == MISSING for kind, text in zip(column.kinds, texts, strict=True) if not text.strip())
    assert all(0 < repair.count <= len(texts) for repair in said)
