"""Rows with equal content get equal numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hparam_ci.sources.rows import alike, both, coded, repeated, sizes
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
