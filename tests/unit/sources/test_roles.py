"""What each column is taken for, in the tables that people really have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from hparam_ci.sources.history import collapse
from hparam_ci.sources.notes import notes
from hparam_ci.sources.roles import read_roles
from hparam_ci.sources.shapes import chart_export
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.tabular import read_table
from tests.conftest import write_csv

N = 12


def spread(low: float, step: float = 1.0) -> list[float]:
    """Twelve distinct numbers in no order."""
    return [low + step * ((7 * i) % N) for i in range(N)]


@pytest.fixture
def read(tmp_path: Path) -> Callable[[dict[str, Sequence[Any]]], Sweep]:
    def make(columns: dict[str, Sequence[Any]]) -> Sweep:
        write_csv(tmp_path / "t.csv", columns)
        return read_roles(collapse(read_table(Path("t.csv"), tmp_path)))

    return make


Read = Callable[[dict[str, Sequence[Any]]], Sweep]


def roles(sweep: Sweep) -> dict[str, str]:
    return {reading.name: reading.role.value for reading in sweep.readings}


def test_the_base_schema(read: Read) -> None:
    names = "trial_id,status,lr,batch_size,weight_decay,train_loss,val_loss,train_acc,val_acc,epochs,runtime_sec".split(
        ","
    )
    columns: dict[str, Sequence[Any]] = {name: spread(1 + i, 0.1) for i, name in enumerate(names)}
    columns |= {
        "trial_id": range(N),
        "status": ["completed", "failed"] * 6,
        "batch_size": [8, 16, 32] * 4,
        "epochs": spread(3),
    }
    sweep = read(columns)
    assert roles(sweep) == {
        "trial_id": "id",
        "status": "status",
        **dict.fromkeys(("lr", "batch_size", "weight_decay"), "hyperparameter"),
        **dict.fromkeys(("train_loss", "val_loss", "train_acc", "val_acc"), "metric"),
        "epochs": "budget",
        "runtime_sec": "duration",
    }
    assert {(p.kind, p.train.name, p.held_out.name) for p in sweep.pairs} == {
        ("loss", "train_loss", "val_loss"),
        ("accuracy", "train_acc", "val_acc"),
    }


def test_an_optuna_table(read: Read) -> None:
    sweep = read(
        {
            "": range(N),
            "number": range(N),
            "value": spread(0.1, 0.01),
            "datetime_start": [f"2026-08-17 17:07:{i:02d}.959224" for i in range(N)],
            "duration": [f"0 days 00:00:{i:02d}.922328" for i in range(1, N + 1)],
            "params_lr": spread(0.1, 0.1),
            "params_loss": ["mse", "mae"] * 6,
            "user_attrs_best_epoch": spread(1),
            "user_attrs_val_acc": spread(0.5, 0.01),
            "system_attrs_tpe": ["{}"] * N,
            "state": ["COMPLETE", "PRUNED", "FAIL"] * 4,
        }
    )
    assert roles(sweep) == {
        "column 1": "ignored",
        "number": "id",
        "value": "metric",
        "datetime_start": "timestamp",
        "duration": "duration",
        "params_lr": "hyperparameter",
        "params_loss": "hyperparameter",
        "user_attrs_best_epoch": "ignored",
        "user_attrs_val_acc": "metric",
        "system_attrs_tpe": "ignored",
        "state": "status",
    }
    assert sweep.seconds is not None
    assert sweep.seconds[0] == pytest.approx(1.922328)


def test_outcomes_and_bookkeeping_are_never_hyperparameters(read: Read) -> None:
    sweep = read(
        {
            "run_name": [f"happy-sweep-{i}" for i in range(N)],
            "lr": spread(0.1, 0.1),
            "loss": spread(0.5, 0.1),
            "perplexity": [2**x for x in spread(0.5, 0.1)],
            "doubled": [2 * x for x in spread(0.5, 0.1)],
            "best_loss": spread(0.4, 0.1),
            "n_params": spread(1000),
            "grad_norm": spread(3),
            "hostname": ["node1", "node2"] * 6,
            "git_sha": [f"{i:07x}a1b2c3" for i in range(N)],
            "checkpoint": [f"/ckpt/{i}.pt" for i in range(N)],
            "seed": spread(0),
            "timestamp": spread(1_700_000_000),
            "dropout": [0.1] * N,
            "note": [f"a long remark on what was tried in run {i}, and why" for i in range(N)],
        }
    )
    assert [name for name, role in roles(sweep).items() if role == "hyperparameter"] == ["lr"]
    assert {r.name: r.reason for r in sweep.readings}["dropout"] == "held fixed at 0.1"
    assert roles(sweep)["seed"] == "seed"


def test_what_a_logger_of_reinforcement_learning_keeps_is_no_setting(read: Read) -> None:
    sweep = read(
        {
            "lr": [10 ** -(1 + i / 3) for i in range(N)],
            "rollout/ep_rew_mean": spread(-50, 9.7),
            "rollout/ep_len_mean": spread(100, 1.3),
            "charts/learning_rate": [10 ** -(1 + i / 3) for i in reversed(range(N))],
            "time/total_timesteps": [100_352, 1_001_472, 1_001_472] * 4,
            "time/time_elapsed": spread(60, 1.7),
        }
    )
    assert roles(sweep) == {
        "lr": "hyperparameter",
        "rollout/ep_rew_mean": "metric",
        "rollout/ep_len_mean": "ignored",
        "charts/learning_rate": "ignored",
        "time/total_timesteps": "budget",
        "time/time_elapsed": "duration",
    }


def test_what_the_trainer_of_transformers_logs_is_how_far_it_got(read: Read) -> None:
    """Few values, shared by many trials, are no sign of a plan here."""
    steps = {"train/epoch": [3, 5, 5] * 4, "train/global_step": [300, 500, 500] * 4}
    found = roles(read({"lr": spread(1), **steps, "eval/loss": spread(0.5, 0.01)}))
    assert (found["train/epoch"], found["train/global_step"]) == ("budget", "budget")


@pytest.mark.parametrize(
    ("lowest", "highest", "kind"),
    [(-0.4, 0.9, "r2"), (0.1, 0.9, "score"), (-40.0, 90.0, "score"), (-9.0, -0.1, "score")],
)
def test_the_score_of_a_regressor_is_an_r2(read: Read, lowest: float, highest: float, kind: str) -> None:
    scores = spread(lowest, (highest - lowest) / N)
    sweep = read({"param_alpha": spread(1), "mean_test_score": scores, "mean_train_score": [x + 0.01 for x in scores]})
    assert {metric.kind for _, metric in sweep.metrics()} == {kind}


def test_the_score_of_a_regressor_without_its_training_score_stays_a_score(read: Read) -> None:
    [(_, metric)] = read({"param_alpha": spread(1), "mean_test_score": spread(-0.4, 0.1)}).metrics()
    assert metric.kind == "score"


def test_one_of_many_numbered_columns_is_what_most_of_them_are(read: Read) -> None:
    """Alone, a name that nobody knows over values of one magnitude is no setting; among its like it is."""
    wide = {f"h{i}": [10 ** (k / 4) * (i + 1) for k in range(N)] for i in range(3)}
    sweep = read(
        {
            "zork": spread(1.3, 0.07),
            "h3": [1.3 + (i * i) % 13 / 9 for i in range(N)],
            **wide,
            "val_loss": spread(0.3, 0.011),
        }
    )
    assert {name: role for name, role in roles(sweep).items() if name != "val_loss"} == {
        **dict.fromkeys(("h0", "h1", "h2", "h3"), "hyperparameter"),
        "zork": "ignored",
    }


def test_seeds_that_count_the_rows_are_seeds(sweep_of: Callable[..., Sweep]) -> None:
    sweep = sweep_of(
        lr=[0.1 + 0.01 * (i % 5) for i in range(12)], seed=range(12), val_loss=[0.5 + 0.01 * i for i in range(12)]
    )
    assert roles(sweep)["seed"] == "seed"


@pytest.mark.parametrize(
    "name",
    [
        "loss_weight",
        "score_threshold",
        "label_smoothing",
        "warmup_steps",
        "max_epochs",
        "clip_norm",
        "commitment_cost",
        "action_repeat",
        "prior_std",
        "agent.reward_scaling",
    ],
)
def test_settings_that_sound_like_outcomes(read: Read, name: str) -> None:
    assert roles(read({name: [1, 2, 3] * 4, "val_loss": spread(0.5)}))[name] == "hyperparameter"


def test_a_text_loss_is_a_choice(read: Read) -> None:
    assert roles(read({"loss": ["mse", "mae"] * 6, "val_loss": spread(0.5)}))["loss"] == "hyperparameter"


@pytest.mark.parametrize(
    ("name", "kind", "split", "direction"),
    [
        ("val/loss", "loss", "val", "minimize"),
        ("eval_loss", "loss", "val", "minimize"),
        ("metrics.val_acc", "accuracy", "val", "maximize"),
        ("trainAccuracy", "accuracy", "train", "maximize"),
        ("mean_test_score", "score", "test", "maximize"),
        ("mean_test_rmse", "rmse", "test", "minimize"),
        ("score_val", "score", "val", "maximize"),
        ("AUC", "auc", None, "maximize"),
        ("test_RMSE", "rmse", "test", "minimize"),
        ("train_loss_epoch", "loss", "train", "minimize"),
    ],
)
def test_metrics_of_every_spelling(read: Read, name: str, kind: str, split: str | None, direction: str) -> None:
    [(_, metric)] = read({"lr": spread(1), name: spread(0.5, 0.01)}).metrics()
    assert (metric.kind, metric.split, metric.direction) == (kind, split, direction)


def test_epochs_are_planned_where_few_values_are_shared_and_reached_where_dead_trials_have_zero(read: Read) -> None:
    loss = spread(0.5)
    for name in ("epochs", "timesteps"):  # those of a diffusion model are a setting, too
        assert roles(read({"lr": spread(1), name: [10, 20, 40] * 4, "val_loss": loss}))[name] == "hyperparameter"
    reached = [1000 + 37 * i for i in range(12)]
    assert roles(read({"lr": spread(1), "timesteps": reached, "val_loss": loss}))["timesteps"] == "budget"
    assert roles(read({"lr": spread(1), "epochs": [0, 20, 40] * 4, "val_loss": loss}))["epochs"] == "budget"
    assert roles(read({"lr": spread(1), "epoch": [10, 20, 40] * 4, "val_loss": loss}))["epoch"] == "budget"


def history(read: Read, order: Callable[[list[tuple[int, int]]], list[tuple[int, int]]]) -> Sweep:
    rows = order([(run, epoch) for run in range(5) for epoch in range(1, 6)])
    return read(
        {
            "run": [f"run-{run}" for run, _ in rows],
            "epoch": [epoch for _, epoch in rows],
            "learning_rate": [10.0**-run for run, _ in rows],
            "lr": [10.0**-run / epoch for run, epoch in rows],
            "train/loss": [None if epoch % 2 else 1 / epoch for _, epoch in rows],
            "val/loss": ["nan" if (run, epoch) == (2, 5) else run + 1 / epoch for run, epoch in rows],
        }
    )


@pytest.mark.parametrize(
    "order", [list, lambda rows: sorted(rows, key=lambda row: row[1])], ids=["by run", "interleaved"]
)
def test_a_history_is_read_as_trials(read: Read, order: Callable[..., Any]) -> None:
    sweep = history(read, order)
    assert len(sweep) == 5
    table = {column.name: column for column in sweep.table.columns}
    by_run = {table["run"].show(row): row for row in range(5)}
    assert table["val/loss"].show(by_run["run-2"]) == "NaN"
    assert table["val/loss"].show(by_run["run-3"]) == "3.2"
    assert table["train/loss"].show(by_run["run-0"]) == "0.25", "the last filled cell"
    assert [column.name for column in sweep.columns(Role.HYPERPARAMETER)] == ["learning_rate"]
    assert "25 rows, read as 5 trials by run" in sweep.table.repairs[-1].what


def test_a_repeated_configuration_is_no_history(read: Read) -> None:
    assert len(read({"name": ["a", "b"] * 6, "lr": spread(1), "val_loss": spread(0.5)})) == N


def test_a_chart_export_is_refused(read: Read) -> None:
    columns: dict[str, Sequence[Any]] = {"Step": range(N)}
    for run in "ab":
        columns |= {f"{run} - loss{band}": spread(0.5) for band in ("", "__MIN", "__MAX")}
    assert "Export the runs table" in (chart_export(read(columns).table) or "")
    assert chart_export(read({"lr": spread(1), "val_loss": spread(0.5)}).table) is None


def test_a_result_that_is_nothing_or_everything_is_no_setting(read: Read) -> None:
    sweep = read(
        {
            "threshold": [0.1, 0.30000000000000004, 0.5] * 8,
            "lambda_time": [0.9, 0.7] * 12,
            "lr": [0.1, 0.2, 0.3, 0.4] * 6,
            "precision": [0.01 * i for i in range(24)],
            "recall": [0.0, 1.0, 1.0] * 8,
            "f1": [0.02 * i for i in range(24)],
        }
    )
    assert roles(sweep) == {
        **dict.fromkeys(("threshold", "lambda_time", "lr"), "hyperparameter"),
        **dict.fromkeys(("precision", "recall", "f1"), "metric"),
    }


def test_the_whole_duration_and_those_of_parts(read: Read) -> None:
    sweep = read(
        {
            "lr": spread(0.1),
            "val_loss": spread(2),
            "runtime": spread(40),
            "train/noisy_train_runtime": spread(30),
        }
    )
    assert roles(sweep)["train/noisy_train_runtime"] == "ignored"
    assert roles(sweep)["runtime"] == "duration"
    assert roles(read({"lr": spread(0.1), "val_loss": spread(2), "train_min": spread(40)}))["train_min"] == "duration"


def test_names_of_languages_without_spaces(read: Read) -> None:
    sweep = read({"学习率": spread(0.1), "最终训练Loss": spread(2), "验证损失": spread(3), "参数量": spread(1e6)})
    assert roles(sweep) == {
        "学习率": "hyperparameter",
        "最终训练Loss": "metric",
        "验证损失": "metric",
        "参数量": "ignored",
    }
    assert [(pair.train.name, pair.held_out.name) for pair in sweep.pairs] == [("最终训练Loss", "验证损失")]


def test_a_few_texts_do_not_unmake_a_metric(read: Read) -> None:
    losses: list[Any] = spread(0.4, 0.01)
    losses[3] = "diverged"
    sweep = read({"lr": spread(0.1), "train_loss": spread(0.2), "val_loss": losses})
    assert roles(sweep)["val_loss"] == "metric"
    assert [pair.held_out.name for pair in sweep.pairs] == ["val_loss"]
    assert "column val_loss: 1 cell holds a text and no number, such as 'diverged'" in list(notes(sweep))
    texts = ["bce", "mse", "dice"] * 4
    assert roles(read({"lr": spread(0.1), "loss": texts, "val_loss": losses}))["loss"] == "hyperparameter"


def test_settings_beside_a_nested_configuration(read: Read) -> None:
    sweep = read(
        {
            "lr": spread(0.1),
            "optimizer": ["adam", "sgd"] * 6,
            "config.model.depth": [1, 2, 3] * 4,
            "val_loss": spread(0.4, 0.01),
        }
    )
    assert [column.name for column in sweep.columns(Role.HYPERPARAMETER)] == ["lr", "optimizer", "config.model.depth"]


@pytest.mark.parametrize(
    ("train", "held_out"),
    [
        ("loss/train", "loss/val"),
        ("trainLoss", "validationLoss"),
        ("tr_acc", "te_acc"),
        ("Train Accuracy (%)", "Val Accuracy (%)"),
        ("loss (train)", "loss (validation)"),
        ("running_loss", "val_loss"),
        ("learn_Logloss", "test_Logloss"),
        ("train-rmse-mean", "test-rmse-mean"),
        ("mape_in_sample", "mape_out_of_sample"),
        ("insample_sharpe", "oos_sharpe"),
        ("ce_train", "ce_val"),
    ],
)
def test_pairs_of_many_spellings(read: Read, train: str, held_out: str) -> None:
    sweep = read({"lr": spread(0.1), train: spread(0.2, 0.01), held_out: spread(0.3, 0.01)})
    assert [(pair.train.name, pair.held_out.name) for pair in sweep.pairs] == [(train, held_out)]


def test_pairs_are_of_the_mean_of_the_folds(read: Read) -> None:
    names = ["split0_test_score", "mean_test_score", "split0_train_score", "mean_train_score"]
    sweep = read({"param_clf__C": spread(0.1), "param_clf__random_state": [0, 1] * 6} | {n: spread(0.2) for n in names})
    assert [(pair.train.name, pair.held_out.name) for pair in sweep.pairs] == [("mean_train_score", "mean_test_score")]
    assert roles(sweep)["param_clf__random_state"] == "seed"


def test_an_arrow_marks_a_metric_and_says_which_way_is_better(read: Read) -> None:
    columns = {
        "lr": spread(0.1, 0.01),
        "KLD ↑": spread(1, 0.31),
        "Quux (↓)": spread(2, 0.17),
        "Params (M) ↓": spread(5),
    }
    sweep = read(columns)
    assert {reading.name: reading.metric and reading.metric.direction for reading in sweep.readings} == {
        "lr": None,
        "KLD ↑": "maximize",
        "Quux (↓)": "minimize",
        "Params (M) ↓": None,
    }


@pytest.mark.parametrize(
    "name", ["lr_G", "lr_D", "actor_lr", "critic_learning_rate", "lr_backbone", "wd_head", "text_encoder_lr"]
)
def test_each_part_of_a_model_may_have_its_own_learning_rate(read: Read, name: str) -> None:
    sweep = read({name: spread(0.001, 0.0007), "val_loss": spread(1, 0.1)})
    assert (sweep.readings[0].role, sweep.readings[0].confidence) == (Role.HYPERPARAMETER, "high")


def test_what_was_found_is_no_setting(read: Read) -> None:
    sweep = read({"n_clusters": [2, 3, 4] * 4, "n_found": [1, 2, 3] * 4, "silhouette": spread(0.1, 0.03)})
    assert roles(sweep) == {"n_clusters": "hyperparameter", "n_found": "ignored", "silhouette": "metric"}


def test_a_column_named_by_its_split_alone_measures_what_it_moves_with(read: Read) -> None:
    accuracy = spread(50.5, 3.1)
    sweep = read({"lr": spread(0.1, 0.01), "Train acc": accuracy, "Best Val": [x - 2.2 for x in accuracy]})
    metric = sweep.readings[2].metric
    assert metric is not None
    assert (metric.kind, metric.split, metric.direction) == ("accuracy", "val", "maximize")
    assert roles(read({"lr": spread(0.1, 0.01), "test": ["a", "b"] * 6, "val_loss": spread(1)}))["test"] != "metric"
    assert roles(read({"lr": spread(0.1, 0.01), "Training step": spread(9), "val_loss": spread(1)})) == {
        "lr": "hyperparameter",
        "Training step": "budget",
        "val_loss": "metric",
    }


def test_an_unknown_column_of_one_value_is_held_fixed_and_not_asked_about(read: Read) -> None:
    sweep = read(
        {"lr": spread(0.1, 0.01), "val_loss": spread(1, 0.1), "zork": [5000] * N, "val_acc": spread(0.1, 0.05)}
    )
    assert sweep.readings[2].reason == "held fixed at 5000"
    assert not any("not sure" in note for note in notes(sweep))


@pytest.mark.parametrize("name", ["log_lr", "log10_lr", "ln_weight_decay", "log2_bs", "lr_log"])
def test_the_logarithm_of_a_setting_is_one(read: Read, name: str) -> None:
    reading = read({name: [-5.1 + 0.317 * ((7 * i) % N) for i in range(N)], "val_loss": spread(1, 0.1)}).readings[0]
    assert (reading.role, reading.confidence) == (Role.HYPERPARAMETER, "high")


def test_the_number_of_a_configuration_is_no_setting_and_its_name_may_be_one(read: Read) -> None:
    numbers = read({"config": [0, 1, 2] * 4, "lr": [0.1, 0.2, 0.3] * 4, "val_loss": spread(1, 0.1)})
    assert roles(numbers)["config"] == "ignored"
    names = read({"config": ["tiny", "base", "large"] * 4, "lr": spread(0.1, 0.01), "val_loss": spread(1, 0.1)})
    assert roles(names)["config"] == "hyperparameter"
