"""The heatmap: levels, order, and what its marks run over."""

from __future__ import annotations

import msgspec
import pytest

from hparam_ci.inspection import Bucket, BucketTable
from hparam_ci.report import charts
from tests.unit.report.making import buckets, cause, count, sick


@pytest.mark.parametrize(
    ("affected", "evaluable", "mark"),
    [(0, 5, "·"), (1, 10, "░"), (11, 100, "▒"), (35, 100, "▒"), (36, 100, "▓"), (5, 5, "▓"), (4, 4, "?"), (0, 0, "?")],
)
def test_each_share_has_its_mark(affected: int, evaluable: int, mark: str) -> None:
    assert charts.SHADES[charts.heat(count(affected, evaluable))] == mark


def test_a_detector_that_did_not_look_is_unknown() -> None:
    table = buckets("lr", [(1, 10), (10, 10)])
    assert charts.heat_row(table, "HP101") == "🟨🟥"
    assert charts.heat_row(table, "HP999") == "◽◽"


def test_the_legend_names_every_mark() -> None:
    assert len(charts.SHADES) == len(charts.SQUARES) == len(charts.MEANINGS) == charts.THIN + 1
    assert charts.legend(charts.SHADES) == "· none · ░ up to 10% · ▒ up to 35% · ▓ more · ? fewer than 5 trials"


def test_hyperparameters_of_causes_come_first_then_those_with_most_contrast() -> None:
    tables = (buckets("flat", [(1, 10), (1, 10)]), buckets("steep", [(0, 10), (9, 10)]), buckets("lr", [(1, 10)]))
    ordered = charts.heat_tables(sick(buckets=tables, causes=(cause(),)))
    assert [table.param for table in ordered] == ["lr", "steep", "flat"]


def test_a_heatmap_of_too_few_trials_is_not_worth_drawing() -> None:
    assert not charts.worth_drawing(sick(buckets=(buckets("lr", [(1, 4), (0, 4)]),)))
    assert charts.worth_drawing(sick(buckets=(buckets("lr", [(1, 4), (0, 5)]),)))


def labelled(*labels: str, ordered: bool = True) -> BucketTable:
    return BucketTable(param="x", ordered=ordered, buckets=tuple(map(bucket, labels)))


def bucket(label: str) -> Bucket:
    low = float(label.split(" to ", maxsplit=1)[0]) if label[0].isdigit() else None
    return Bucket(label=label, trials=1, counts={}, low=low, high=low)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (labelled("0.1 to 0.2", "0.3 to 0.4"), "0.1 … 0.4"),
        (labelled("1", "2", "not set"), "1 … 2, not set"),
        (labelled("1"), "1"),
        (labelled("1", "2", "inf", "NaN", "not set"), "1 … 2, inf, NaN, not set"),
        (labelled("adam", "sgd", ordered=False), "adam, sgd"),
        (labelled("a", "b", "c", "d", ordered=False), "a, b, c, …"),
        (labelled("not set"), "not set"),
        (msgspec.structs.replace(labelled("x"), buckets=()), ""),
    ],
)
def test_the_span_says_what_the_marks_run_over(table: BucketTable, said: str) -> None:
    assert charts.span(table) == said


def test_a_cell_says_its_highest_rate_with_enough_trials_and_which_cause_is_proven() -> None:
    table = buckets("lr", [(0, 10), (4, 10), (4, 4)])
    sweep = sick(buckets=(table,), causes=(cause(7), cause(8, strength="suggestive")))
    assert charts.peak_text(sweep, table, "HP101") == "4 of 10, C7"
    other = buckets("wd", [(0, 10), (0, 10)])
    assert charts.peak_text(sweep, other, "HP101") == ""
