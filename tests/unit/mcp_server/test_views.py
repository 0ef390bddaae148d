"""Pages within their size, cursors that notice a change, and texts that stay on their line."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.errors import UserError
from hparam_ci.inspection import Inspection
from hparam_ci.mcp_server.views import (
    PAGE_CHARACTERS,
    cursor_at,
    digest_of,
    offset_of,
    plain,
    sweep_page,
    text_page,
)
from hparam_ci.pipeline import inspect
from tests.attack.hostile import TEXTS, poisoned_inspection
from tests.conftest import EXAMPLES


@pytest.fixture(scope="module")
def digits() -> Inspection:
    return inspect(["digits_sweep.csv"], root=EXAMPLES)


@given(st.integers(0, 10**9), st.text("0123456789abcdef", min_size=12, max_size=64))
def test_cursors_come_back(offset: int, digest: str) -> None:
    assert offset_of(cursor_at(offset, digest), digest) == offset
    with pytest.raises(UserError, match="changed"):
        offset_of(cursor_at(offset, digest), "x" * 64)


@given(st.text(max_size=40))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    number = text.partition("-")[0]
    if not text or (number.isdecimal() and len(number) <= 12):
        assert offset_of(text) >= 0
    else:
        with pytest.raises(UserError, match="next_cursor"):
            offset_of(text)


def test_sweeps_in_pages(digits: Inspection) -> None:
    [sweep] = digits.sweeps
    many = msgspec.structs.replace(
        digits, sweeps=tuple(msgspec.structs.replace(sweep, path=f"{n}.csv") for n in range(5))
    )
    seen, cursor = [], ""
    while cursor is not None:
        page = sweep_page(many, cursor)
        assert len(msgspec.json.encode(page.inspection.sweeps)) <= PAGE_CHARACTERS
        seen += page.inspection.sweeps
        cursor = page.next_cursor
    assert [one.path for one in seen] == [f"{n}.csv" for n in range(5)]
    assert sweep_page(msgspec.structs.replace(digits, sweeps=()), "").next_cursor is None


def test_a_sweep_that_is_too_long_loses_what_matters_least(digits: Inspection) -> None:
    [sweep] = digits.sweeps
    wide = msgspec.structs.replace(sweep, columns=sweep.columns * 300, buckets=sweep.buckets * 50)
    page = sweep_page(msgspec.structs.replace(digits, sweeps=(wide,)), "")
    assert page.left_out[:2] == ("columns", "buckets")
    assert page.inspection.sweeps[0].columns == ()
    assert page.inspection.sweeps[0].causes == sweep.causes
    huge = msgspec.structs.replace(sweep, detectors=sweep.detectors * 200)
    page = sweep_page(msgspec.structs.replace(digits, sweeps=(huge, sweep)), "")
    assert len(page.inspection.sweeps) == 1
    assert page.next_cursor == cursor_at(1, digest_of(msgspec.structs.replace(digits, sweeps=(huge, sweep))))


@given(st.lists(st.text("ab\n", max_size=30_000), max_size=8).map("".join))
def test_a_long_text_in_pieces(text: str) -> None:
    pieces, offset = [], 0
    while True:
        piece = text_page(text, offset)
        body, _, last = piece.rpartition("\n_")
        if "call again with offset" not in last:
            pieces.append(piece)
            break
        assert len(piece) < PAGE_CHARACTERS + 100
        pieces.append(body)
        offset = int(last.split("offset ")[1].split(".")[0])
    assert "".join(pieces) == text


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_every_text_of_a_file_stays_on_its_line(digits: Inspection, text: str) -> None:
    def check(value: object) -> None:
        if isinstance(value, str):
            assert value.isprintable()
            assert len(value) <= 400
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            check(item)
        for key in value if isinstance(value, dict) else ():
            check(key)

    cleaned = plain(poisoned_inspection(digits, text))
    check(cleaned)
    Inspection.from_json(msgspec.json.encode(cleaned))
