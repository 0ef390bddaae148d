"""Rows with equal content get equal numbers."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hparam_ci.sources.rows import alike, alone, both, coded, firsts, hashed, hashes, repeated, sizes
from hparam_ci.sources.tabular import read_table
from tests.conftest import write_csv

CELLS = st.sampled_from(["", "nan", "inf", "-inf", "0", "0.5", "2", "adam", "sgd"])


@given(rows=st.lists(st.tuples(CELLS, CELLS, st.sampled_from("123")), min_size=2, max_size=30))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_as_a_dictionary_would_group_them(rows: list[tuple[str, str, str]], tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", {f"c{i}": [row[i] for row in rows] for i in range(3)})
    columns = read_table(Path("t.csv"), tmp_path).columns
    shown = [tuple((int(c.kinds[i]), c.show(i)) for c in columns) for i in range(len(columns[0]))]
    groups = alike(columns)
    assert set(groups) == set(range(len(set(shown))))
    assert len(set(zip(shown, groups.tolist(), strict=True))) == len(set(shown))
    assert repeated(columns).tolist() == [shown.count(one) > 1 for one in shown]
    assert sizes(groups).tolist() == [shown.count(one) for one in shown]


def test_codes_follow_the_content_not_the_order_of_rows(tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", {"c": ["sgd", "2", "", "adam", "10", "sgd"], "n": range(6)})
    column, _ = read_table(Path("t.csv"), tmp_path).columns
    assert coded(column).tolist() == [4, 1, 0, 3, 2, 4]
    assert both(np.array([0, 1, 0]), np.array([5, 5, 7])).tolist() == [0, 2, 1]


@given(rows=st.lists(st.tuples(CELLS, CELLS, st.sampled_from("123")), min_size=2, max_size=30))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_leaving_out_what_a_hash_shows_to_be_alone_changes_nothing(
    rows: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    write_csv(tmp_path / "t.csv", {f"c{i}": [row[i] for row in rows] for i in range(3)})
    columns = read_table(Path("t.csv"), tmp_path).columns
    groups = alike(columns)
    with patch("hparam_ci.sources.rows.MANY", 1), patch("hparam_ci.sources.rows.PAYS", 2.0):
        assert alike(columns).tolist() == groups.tolist()
    assert alike(columns, hashes(columns, len(rows))).tolist() == groups.tolist()
    for column in columns:
        codes, own = coded(column), hashed(column)
        assert len(set(zip(codes.tolist(), own.tolist(), strict=True))) == len(set(codes.tolist()))
        assert not (alone(own) & (sizes(codes) > 1)).any()


@given(st.lists(st.integers(0, 6), max_size=30))
def test_the_first_row_of_each_group(groups: list[int]) -> None:
    expected = [row for row, group in enumerate(groups) if group not in groups[:row]]
    assert firsts(np.array(groups, np.intp)).tolist() == expected
