"""What is asked of a column again and again: worked out once, and right for any cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.sources.table import SAMPLE, Cell, Column

CELLS = st.lists(
    st.one_of(
        st.tuples(st.just(Cell.NUMBER), st.sampled_from([0.0, -0.0, 1.0, 2.5, -3.0, 1e-320, 1.7e308, -1.7e308])),
        st.tuples(st.sampled_from([Cell.NAN, Cell.MISSING]), st.just(np.nan)),
        st.tuples(st.just(Cell.POS_INF), st.just(np.inf)),
    ),
    max_size=40,
)


def column_of(cells: list[tuple[Cell, float]]) -> Column:
    kinds = np.array([kind for kind, _ in cells], np.uint8)
    return Column("x", kinds, np.array([value for _, value in cells], float), np.full(len(cells), -1, np.int32), ())


@given(CELLS)
def test_numbers_are_those_of_the_cells_that_hold_one(cells: list[tuple[Cell, float]]) -> None:
    column = column_of(cells)
    expected = [value for kind, value in cells if kind == Cell.NUMBER]
    assert column.known.tolist() == expected
    assert column.numbers[column.is_(Cell.NUMBER)].tolist() == expected
    assert np.isnan(column.numbers[~column.is_(Cell.NUMBER)]).all()
    assert column.distinct_sample.tolist() == sorted(set(expected))
    assert column.n_distinct == len(set(expected))
    assert [column.count(kind) for kind in Cell] == [sum(one == kind for one, _ in cells) for kind in Cell]
    assert column.is_(Cell.NAN, Cell.POS_INF).tolist() == [kind in (Cell.NAN, Cell.POS_INF) for kind, _ in cells]


@given(CELLS, st.integers(0, 9))
def test_few_distinct_numbers_are_all_told_and_many_are_none(cells: list[tuple[Cell, float]], most: int) -> None:
    distinct = sorted({value for kind, value in cells if kind == Cell.NUMBER})
    few = column_of(cells).few(most)
    assert (few is None) == (len(distinct) > most)
    assert few is None or few.tolist() == distinct


def test_a_value_that_the_sample_of_a_long_column_misses_is_found() -> None:
    values = np.tile([1.0, 2.0], 2 * SAMPLE)
    values[1], values[3] = 7.0, 8.0
    column = Column("x", np.full(len(values), Cell.NUMBER, np.uint8), values, np.full(len(values), -1, np.int32), ())
    assert len(column.distinct_sample) < 4
    found = column.few(4)
    assert found is not None
    assert found.tolist() == [1.0, 2.0, 7.0, 8.0]
    assert column.few(3) is None
    assert column.n_distinct == 4


def test_what_is_shared_cannot_be_written_to() -> None:
    column = column_of([(Cell.NUMBER, 1.0), (Cell.NUMBER, 2.0)])
    for shared in (column.numbers, column.known, column.sample):
        with pytest.raises(ValueError, match="read-only"):
            shared[0] = 3.0
    column.values[0] = 3.0
