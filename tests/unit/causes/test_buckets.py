"""The rate tables: every trial counted once, in a bucket that says what it holds, whatever the column."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hparam_ci
from hparam_ci.causes.buckets import QUANTILES, detect_param_correlations
from hparam_ci.detectors.detector import Detection
from hparam_ci.detectors.run import IssueTable, detect
from hparam_ci.inspection import BucketTable
from hparam_ci.sources.records import columns_of
from hparam_ci.sources.sweep import Reading, Role, Sweep
from hparam_ci.sources.table import Cell, Column, Table
from tests.conftest import EXAMPLES, write_csv
from tests.unit.causes.made import draw

CELLS = st.one_of(
    st.none(),
    st.just(0.0),
    st.sampled_from([1e-5, 0.1, 16, 32, True, False, "adam", "sgd", "NaN", "inf", "-inf", ""]),
    st.floats(-1e300, 1e300),
    st.integers(-5, 5),
    st.text(max_size=4),
)


def issues_of(values: list[Any], flagged: list[bool], at_risk: list[bool]) -> IssueTable:
    """One hyperparameter and one issue."""
    [column], _ = columns_of([{"x": value} for value in values])
    sweep = Sweep(
        Table("t", "", (column,), np.arange(1, len(values) + 1, dtype=np.int32)),
        (Reading("x", Role.HYPERPARAMETER, "high", "test"),),
    )
    hit, risk = np.array(flagged, bool), np.array(at_risk, bool)
    return IssueTable(sweep, seen={"HP101": Detection(hit, risk, lambda row: pytest.fail("no evidence is asked for"))})


def table_of(values: list[Any], flagged: list[bool] | None = None) -> BucketTable:
    flags = flagged or [False] * len(values)
    [table] = detect_param_correlations(issues_of(values, flags, [True] * len(values)))
    return table


def layout(values: list[Any]) -> list[tuple[str, int]]:
    return [(bucket.label, bucket.trials) for bucket in table_of(values).buckets]


@given(st.lists(st.tuples(CELLS, st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_every_trial_is_in_exactly_one_bucket_and_the_counts_add_up(rows: list[tuple[Any, bool, bool]]) -> None:
    values, flagged, at_risk = (list(part) for part in zip(*rows, strict=True))
    [table] = detect_param_correlations(issues_of(values, flagged, at_risk))
    counts = [bucket.counts["HP101"] for bucket in table.buckets]
    assert sum(bucket.trials for bucket in table.buckets) == len(rows)
    assert sum(c.affected for c in counts) == sum(f and r for f, r in zip(flagged, at_risk, strict=True))
    assert sum(c.evaluable for c in counts) == sum(at_risk)
    assert all(0 <= c.affected <= c.evaluable <= b.trials for c, b in zip(counts, table.buckets, strict=True))
    assert all(bucket.trials for bucket in table.buckets)
    assert len({bucket.label for bucket in table.buckets}) == len(table.buckets)


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=300))
def test_buckets_of_numbers_are_in_order_do_not_overlap_and_hold_what_they_say(values: list[float]) -> None:
    table = table_of(values)
    assert len(table.buckets) <= 2 * QUANTILES + 3
    ends = [end for bucket in table.buckets for end in (bucket.low, bucket.high)]
    assert ends == sorted(ends, key=lambda end: -math.inf if end is None else end)
    for bucket in table.buckets:
        assert bucket.low is not None
        assert bucket.high is not None
        within = [value for value in values if bucket.low <= value <= bucket.high]
        assert (len(within), min(within), max(within)) == (bucket.trials, bucket.low, bucket.high)


def test_log_scaled_values_get_buckets_of_equal_counts() -> None:
    sizes = [n for _, n in layout([10 ** (-5 + 4 * i / 99) for i in range(100)])]
    assert sizes == [20] * 5


def test_many_zeros_stand_alone_and_do_not_hide_the_small_values() -> None:
    shown = layout([0.0] * 60 + [10 ** (-6 + i / 20) for i in range(100)])
    assert shown[0] == ("0", 60)
    assert [n for _, n in shown[1:]] == [32, 32, 36]


def test_a_value_that_many_share_in_the_middle_stands_alone() -> None:
    shown = dict(layout([float(i) for i in range(100)] + [50.0] * 100))
    assert shown["50"] == 101
    assert sum(shown.values()) == 200


def test_booleans_are_categories_and_a_blank_is_a_bucket() -> None:
    assert sorted(layout([True] * 3 + [False] * 2 + [None])) == [("False", 2), ("True", 3), ("not set", 1)]


def test_nan_and_infinity_are_buckets_of_their_own() -> None:
    assert layout([1.0, 2.0, "nan", "inf"]) == [("1", 1), ("2", 1), ("inf", 1), ("NaN", 1)]


def test_few_values_keep_their_order_and_rare_categories_are_pooled() -> None:
    assert layout([32, 16, 64, 16]) == [("16", 2), ("32", 1), ("64", 1)]
    shown = layout([f"c{i}" for i in range(20) for _ in range(20 - i)])
    assert len(shown) == 8
    assert shown[0] == ("c0", 20)
    assert shown[-1] == ("13 others", sum(range(1, 14)))


def test_one_row_is_one_bucket() -> None:
    assert layout([0.1]) == [("0.1", 1)]
    assert layout([None]) == [("not set", 1)]


def test_a_long_column_is_counted_in_full() -> None:
    rng = np.random.default_rng(0)
    x = np.where(rng.random(100_000) < 0.3, 0.0, rng.lognormal(size=100_000))
    n = len(x)
    column = Column("x", np.full(n, Cell.NUMBER, np.uint8), x, np.full(n, -1, np.int32), ())
    sweep = Sweep(
        Table("t", "", (column,), np.arange(n, dtype=np.int32)), (Reading("x", Role.HYPERPARAMETER, "high", ""),)
    )
    [table] = detect_param_correlations(IssueTable(sweep))
    assert table.buckets[0].label == "0"
    assert table.buckets[0].trials == int((x == 0).sum())
    assert sum(bucket.trials for bucket in table.buckets) == n
    assert max(bucket.trials for bucket in table.buckets[1:]) < 0.22 * n
    for bucket in table.buckets:
        within = x[(x >= bucket.low) & (x <= bucket.high)]
        assert (len(within), within.min(), within.max()) == (bucket.trials, bucket.low, bucket.high)


def test_it_is_public_and_takes_a_file_a_frame_or_what_the_detectors_saw() -> None:
    of_file = hparam_ci.detect_param_correlations(EXAMPLES / "digits_sweep.csv")
    of_frame = hparam_ci.detect_param_correlations(pd.read_csv(EXAMPLES / "digits_sweep.csv"))
    assert [table.param for table in of_file] == [table.param for table in of_frame]
    [lr] = [table for table in of_file if table.param == "lr"]
    diverged = [bucket.counts["HP201"].affected for bucket in lr.buckets]
    assert diverged[0] == 0
    assert diverged[-1] == max(diverged)
    [same] = [table for table in of_frame if table.param == "lr"]
    assert [(b.label, b.trials) for b in same.buckets] == [(b.label, b.trials) for b in lr.buckets]


def test_a_new_column_is_taken_up_without_being_told(inspect_columns: Callable[..., Any]) -> None:
    n = 40
    result = inspect_columns(
        trial=list(range(n)),
        lr=[0.001 * (i + 1) for i in range(n)],
        my_new_knob=["on" if i % 2 else "off" for i in range(n)],
        val_loss=[("nan" if i % 2 else "0.5") for i in range(n)],
    )
    [table] = [table for table in result.buckets if table.param == "my_new_knob"]
    rates = {bucket.label: bucket.counts["HP101"].share for bucket in table.buckets}
    assert rates == {"on": 1.0, "off": 0.0}


def test_a_file_of_several_sweeps_is_refused_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "a.csv", {"lr": [0.1], "val_loss": [1]})
    monkeypatch.setattr("hparam_ci.sources.read.read_sweeps", lambda *_: [])
    with pytest.raises(ValueError, match="holds 0 sweeps"):
        detect_param_correlations("a.csv")


def test_bucket_tables_count_every_trial_once(sweep_of: Callable[..., Sweep]) -> None:
    _, columns = draw(100, 1)
    columns["momentum"] = [None if x < 0.6 else x for x in columns["momentum"]]
    issues = detect(sweep_of(**columns, val_loss=["nan" if x > 0.1 else 0.4 for x in columns["lr"]]))
    tables = {table.param: table for table in detect_param_correlations(issues)}
    assert set(tables) == set(columns)
    for table in tables.values():
        assert sum(bucket.trials for bucket in table.buckets) == 100
        assert sum(bucket.counts["HP101"].affected for bucket in table.buckets) == int((columns["lr"] > 0.1).sum())
    assert [bucket.label for bucket in tables["batch"].buckets] == ["16", "32", "64", "128"]
    assert tables["momentum"].buckets[-1].label == "not set"
    assert not tables["opt"].ordered
