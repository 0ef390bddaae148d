"""Tables whose rows are no trials: trials are counted, never rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hparam_ci.sources.read import columns_in_file, read_sweeps, why_no_sweep
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Cell
from tests.conftest import write_csv

Read = Callable[[dict[str, Sequence[Any]]], Sweep]
N = 12


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def make(columns: dict[str, Sequence[Any]]) -> Sweep:
        write_csv(tmp_path / "t.csv", columns)
        [sweep] = read_sweeps(Path("t.csv"), tmp_path)
        return sweep

    return make


def cells(sweep: Sweep) -> dict[str, list[str]]:
    return {column.name: [column.show(row) for row in range(len(sweep))] for column in sweep.table.columns}


def said(sweep: Sweep) -> str:
    return "; ".join(repair.what for repair in sweep.table.repairs)


def test_one_value_a_row(read: Read) -> None:
    rows = [(run, metric, step) for run in range(4) for metric in ("val_loss", "accuracy") for step in (1, 2, 3)]
    sweep = read(
        {
            "Run ID": [f"r{run}" for run, _, _ in rows],
            "metric": [metric for _, metric, _ in rows],
            "step": [step for _, _, step in rows],
            "timestamp": [1_700_000_000 + i for i in range(len(rows))],
            "value": [run + step / 10 + (metric == "accuracy") for run, metric, step in rows],
        }
    )
    assert len(sweep) == 4
    assert cells(sweep)["val_loss"] == ["0.3", "1.3", "2.3", "3.3"]
    assert cells(sweep)["accuracy"] == ["1.3", "2.3", "3.3", "4.3"]
    assert "24 rows of one value each, read as 12 rows of 2 metrics" in said(sweep)


def test_a_row_for_each_split(read: Read) -> None:
    rows = [(model, split) for model in range(6) for split in ("train", "val", "test")]
    sweep = read(
        {
            "lr": [0.1 * (1 + model) for model, _ in rows],
            "split": [split for _, split in rows],
            "n": [{"train": 800, "val": 100, "test": 90}[split] for _, split in rows],
            "auroc": [0.5 + 0.01 * i for i in range(len(rows))],
        }
    )
    assert len(sweep) == 6
    assert cells(sweep)["val_auroc"] == ["0.51", "0.54", "0.57", "0.6", "0.63", "0.66"]
    assert [(p.train.name, p.held_out.name) for p in sweep.pairs] == [("train_auroc", "val_auroc")]
    assert [c.name for c in sweep.columns(Role.HYPERPARAMETER)] == ["lr"]
    assert {name: r.role.value for name, r in columns_in_file(sweep)} == {
        "lr": "hyperparameter",
        "n": "ignored",
        "auroc": "metric",
        "split": "ignored",
    }


def test_a_row_for_each_split_of_nobody_knows_which_trial_stays_a_row(read: Read) -> None:
    assert len(read({"split": ["val", "train"], "val_loss": ["", 1]})) == 2


def test_a_table_with_its_trials_in_columns(read: Read) -> None:
    table: dict[str, Sequence[Any]] = {"": ["learning_rate", "batch_size", "val_loss", "val_acc", "notes"]}
    table |= {f"exp{i}": [0.1 * (i + 1), 2**i, 1 / (i + 1), 0.5 + i / 10, "fine"] for i in range(5)}
    sweep = read(table)
    assert len(sweep) == 5
    assert list(sweep.trial_ids) == [f"exp{i}" for i in range(5)]
    assert [c.name for c in sweep.columns(Role.HYPERPARAMETER)] == ["learning_rate", "batch_size"]
    assert "a table of 5 trials in columns, turned" in said(sweep)


def test_rungs_are_one_trial_at_its_largest_budget(read: Read) -> None:
    rows = [(c, b) for b, survivors in ((10, 9), (30, 3), (90, 1)) for c in range(survivors)]
    sweep = read(
        {
            "iter": [{10: 0, 30: 1, 90: 2}[b] for _, b in rows],
            "n_resources": [b for _, b in rows],
            "param_C": [10.0**-c for c, _ in rows],
            "param_kernel": [("rbf", "poly")[c % 2] for c, _ in rows],
            "mean_test_score": [0.9 - 0.01 * c + b / 1000 for c, b in rows],
        }
    )
    assert len(sweep) == 9
    assert cells(sweep)["n_resources"][0] == "10"
    assert sorted(cells(sweep)["n_resources"]) == ["10"] * 6 + ["30", "30", "90"]
    assert "13 rows are 9 configurations at growing" in said(sweep)


def test_configurations_of_other_budgets_are_no_rungs(read: Read) -> None:
    """A configuration that was run twice and stopped at different epochs is two trials."""
    sweep = read(
        {
            "lr": [0.1, 0.2, 0.3] * 4,
            "epoch": [3, 7, 5, 9, 2, 8, 4, 6, 1, 5, 3, 7],
            "val_loss": [1 / (i + 1.234) for i in range(N)],
        }
    )
    assert len(sweep) == N


def test_rows_written_twice_count_once(read: Read) -> None:
    loss = [round(1 / (i + 1.234), 6) for i in range(6)] * 2
    sweep = read({"": range(N), "lr": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] * 2, "val_loss": loss})
    assert len(sweep) == 6
    assert "6 rows repeat another row in every cell and are counted once" in said(sweep)


def test_rows_of_one_id_written_twice_count_once(read: Read) -> None:
    half = {"trial_id": [*range(6)] * 2, "lr": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] * 2, "acc": [0.5, 0.6, 0.7] * 4}
    assert len(read(half)) == 6


def test_equal_rows_that_may_be_different_trials_count_each(read: Read) -> None:
    acc = [0.9, 0.8, 0.7] * 4
    assert len(read({"lr": [0.1, 0.2, 0.3] * 4, "acc": acc})) == N, "a result of one digit is shared by chance"
    loss = [0.123456, 0.234567, 0.345678] * 4
    assert len(read({"trial_id": range(N), "lr": [0.1, 0.2, 0.3] * 4, "loss": loss})) == N, "their ids differ"
    dead = {"lr": [0.1, 0.2, 0.3] * 4, "status": ["failed"] * N, "loss": [None] * N}
    assert len(read(dead)) == N, "trials that crashed have no result to repeat"


def test_logs_below_each_other_without_a_name(read: Read) -> None:
    rows = [(trial, epoch) for trial in range(6) for epoch in range(1, 5 + trial % 2)]
    sweep = read(
        {
            "lr": [0.1 * (1 + trial) for trial, _ in rows],
            "batch_size": [8 * (1 + trial % 3) for trial, _ in rows],
            "epoch": [epoch for _, epoch in rows],
            "val_loss": [1 / epoch + trial / 9 for trial, epoch in rows],
        }
    )
    assert len(sweep) == 6
    assert [c.name for c in sweep.columns(Role.HYPERPARAMETER)] == ["lr", "batch_size"]
    assert cells(sweep)["epoch"] == ["4", "5"] * 3


def test_the_log_of_one_run_is_one_trial(read: Read) -> None:
    log = {"epoch": range(N), "lr": [0.1 * 0.9**i for i in range(N)], "val_loss": [1 / (i + 1) for i in range(N)]}
    sweep = read(log)
    assert len(sweep) == 1
    assert "read as 1 trial by epoch" in said(sweep)


def test_a_count_of_trials_is_no_history(read: Read) -> None:
    depth = {
        "iter": range(N),
        "max_depth": [(5 * i) % 7 for i in range(N)],
        "val_loss": [0.5 + i / 7 for i in range(N)],
    }
    assert len(read(depth)) == N
    rate = {"iter": range(N), "lr": [0.1 * ((5 * i) % 7 + 1) for i in range(N)], "val_loss": depth["val_loss"]}
    assert len(read(rate)) == N


@pytest.mark.parametrize(
    "names",
    [
        ["Step", "a - loss", "a - loss__MIN", "a - loss__MAX", "b - loss", "b - loss__MIN", "b - loss__MAX"],
        ["epoch_id", "lr: 0.1 - val/acc", "lr: 0.2 - val/acc"],
    ],
)
def test_chart_exports_are_refused(read: Read, names: list[str]) -> None:
    sweep = read({name: [0.5 + i / 7 for i in range(N)] for name in names})
    assert "Export the runs table instead" in (why_no_sweep(sweep) or "")


def test_a_table_without_a_metric_is_no_sweep(read: Read) -> None:
    assert "no column was recognised as a metric" in (why_no_sweep(read({"city": ["a", "b"], "zip": [1, 2]})) or "")
    assert why_no_sweep(read({"lr": range(N), "val_loss": [0.5 + i / 7 for i in range(N)]})) is None


@pytest.mark.parametrize(
    "named", ["{}_epoch_{}", "epoch_{1}_{0}", "{}/epoch{}", "{} (step {})", "{}@iter{}", "{}_ep{}"]
)
def test_a_column_for_each_step_is_a_curve(read: Read, named: str) -> None:
    ends = [4, 2, 3, 0] * 3
    curves = {
        metric: [
            [offset + trial + step / 10 if step <= end else "" for trial, end in enumerate(ends)]
            for step in range(1, 5)
        ]
        for metric, offset in (("val_loss", 0), ("val_acc", 100))
    }
    columns = {named.format(name, step): curve[step - 1] for step in (4, 1, 2, 3) for name, curve in curves.items()}
    sweep = read({"lr": [0.1 * (i + 1) for i in range(N)], **columns})
    history = sweep.table.history
    assert history is not None
    assert history.starts.tolist() == [0, *(sum(ends[: i + 1]) for i in range(N))]
    assert history.steps.tolist() == [float(step) for end in ends for step in range(1, end + 1)]
    assert cells(sweep)["val_loss"][:4] == ["0.4", "1.2", "2.3", ""]
    assert cells(sweep)["val_acc"][:2] == ["100.4", "101.2"]
    assert history.columns["val_acc"].values[:4] == pytest.approx([100.1, 100.2, 100.3, 100.4])
    assert {reading.name for reading in sweep.readings} == {"lr", "val_loss", "val_acc"}
    assert {name for name, _ in columns_in_file(sweep)} == {"lr", *columns}
    assert "8 columns with a step in their names read as curves of 4 steps" in said(sweep)


@pytest.mark.parametrize(
    "names",
    [
        ["loss_head_1", "loss_head_2", "loss_head_3"],
        ["deep1_loss", "deep2_loss", "deep3_loss"],
        ["val_loss_epoch_1", "val_loss_epoch_2"],
        ["val_loss_epoch_1", "val_loss_epoch_2", "val_loss_epoch_3", "val_loss"],
        ["units_step_1", "units_step_2", "units_step_3"],
    ],
)
def test_numbered_columns_that_are_no_curve(read: Read, names: list[str]) -> None:
    sweep = read({"lr": [0.1 * (i + 1) for i in range(N)], **{name: [i + 0.5 for i in range(N)] for name in names}})
    assert sweep.table.history is None
    assert len(sweep.readings) == len(names) + 1


def falling(trial: int, steps: int) -> list[float]:
    return [round(2 + trial / 7 - step / 10, 3) for step in range(1, steps + 1)]


@pytest.mark.parametrize(
    "printed", [json.dumps, str, lambda items: str(tuple(items)), lambda items: str(np.array(items))]
)
def test_a_list_of_values_in_each_cell_is_a_curve(read: Read, printed: Callable[[Any], str]) -> None:
    ends = [4, 3, 5, 4] * 3
    curves = [falling(trial, end) for trial, end in enumerate(ends)]
    columns = {
        "val_loss": [printed(curve) for curve in curves],
        "train_losses": [printed(curve[:3]) for curve in curves],
    }
    sizes = ["[64, 32]", "[128, 64, 32]", "[256]", "[64]"] * 3
    sweep = read({"lr": [0.1 * (i + 1) for i in range(N)], "hidden_sizes": sizes, **columns})
    history = sweep.table.history
    assert history is not None
    assert history.starts.tolist() == [0, *(sum(ends[: i + 1]) for i in range(N))]
    assert history.steps.tolist() == [float(step) for end in ends for step in range(1, end + 1)]
    assert history.columns["val_loss"].values == pytest.approx([value for curve in curves for value in curve])
    assert history.columns["train_loss"].count(Cell.MISSING) == sum(end - 3 for end in ends)
    shown = cells(sweep)
    assert [float(cell) for cell in shown["val_loss"]] == [curve[-1] for curve in curves]
    assert [float(cell) for cell in shown["train_loss"]] == [curve[2] for curve in curves]
    assert shown["hidden_sizes"] == sizes
    assert {metric.split for _, metric in sweep.metrics()} == {"train", "val"}
    assert {name for name, _ in columns_in_file(sweep)} == {"lr", "hidden_sizes", "val_loss", "train_losses"}
    assert "lists read as curves, their last values as the cells" in said(sweep)


def test_a_list_may_hold_nan_and_gaps_and_a_cell_none(read: Read) -> None:
    lists = ["[2.0, 1.0, NaN]", "[2.0, null, 1.5]", "[2.0, 1.5, null]", "", "nan", "[]", *["[2.0, 1.9, 1.8]"] * 6]
    sweep = read({"lr": range(N), "val_loss": lists})
    assert cells(sweep)["val_loss"][:7] == ["NaN", "1.5", "", "", "NaN", "", "1.8"]
    assert sweep.table.history is not None
    assert np.diff(sweep.table.history.starts).tolist() == [3, 3, 3, 0, 0, 0, *[3] * 6]


@pytest.mark.parametrize(
    ("name", "lists"),
    [
        ("units", ["[3, 2, 1]"] * N),  # no metric
        ("val_loss", [f"[0.{i}, 0.{9 - i}, 0.{i}{i}, 0.{9 - i}]" for i in range(9)] * 2),  # folds go either way
        ("val_loss", ["[2.0, 1.0]"] * N),
        ("val_loss", ["[2.0, 'a', 1.0]"] * N),
        ("val_loss", ["[2.0, 1.0, 0.5"] * N),
        ("val_loss", ["[2.0, true, 0.5]"] * N),
        ("val_loss", ["[2.0, 1.0, 0.5]"] * 6 + ["0.5"] * 6),
        ("val_loss", ["[]"] * N),
    ],
)
def test_lists_that_are_no_curves(read: Read, name: str, lists: list[str]) -> None:
    sweep = read({"lr": range(len(lists)), name: lists, "accuracy": [0.5 + i / 70 for i in range(len(lists))]})
    assert sweep.table.history is None
    assert cells(sweep)[name] == lists


def test_lists_in_json_are_curves_however_long(tmp_path: Path) -> None:
    rows = [{"lr": 0.1 * i, "history": {"val_loss": falling(i, 90), "weights": falling(i, 90)}} for i in range(N)]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    [sweep] = read_sweeps(Path("t.jsonl"), tmp_path)
    assert sweep.table.history is not None
    assert set(sweep.table.history.columns) == {"history.val_loss"}
    assert len(sweep.table.history.steps) == 90 * N


@pytest.mark.parametrize("other", ["train_loss", "Train_Losses", "train_losses.2"])
def test_lists_keep_their_names_where_these_would_be_the_same(read: Read, other: str) -> None:
    lists = [json.dumps(falling(trial, 4)) for trial in range(N)]
    sweep = read({"lr": range(N), "train_losses": lists, other: lists})
    names = [column.name for column in sweep.table.columns]
    assert len(set(names)) == 3
    assert sweep.table.history is not None
    assert set(sweep.table.history.columns) <= set(names)
    assert {name for name, _ in columns_in_file(sweep)} == {"lr", "train_losses", other}
