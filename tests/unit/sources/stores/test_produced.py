"""Stores that the real tools wrote: trials, states, settings, directions, ranges and curves as the tool knows them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hparam_ci.pipeline import inspect
from hparam_ci.sources.notes import notes
from hparam_ci.sources.read import read_sweeps, understand
from hparam_ci.sources.stores import claims, open_store
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Cell, Column, History
from tests.unit.sources.conftest import Elsewhere, Produced

pytestmark = pytest.mark.producers


def settings(sweep: Sweep) -> list[str]:
    return sorted(column.name for column in sweep.columns(Role.HYPERPARAMETER))


def cells(sweep: Sweep, name: str) -> list[str]:
    column = column_of(sweep, name)
    return [column.show(row) for row in range(len(sweep))]


def column_of(sweep: Sweep, name: str) -> Column:
    return next(column for column in sweep.table.columns if column.name == name)


def direction(sweep: Sweep, name: str) -> str | None:
    return next(metric.direction for column, metric in sweep.metrics() if column.name == name)


def curve(history: History | None, trial: int, name: str) -> list[float]:
    assert history is not None
    values: list[float] = history.columns[name].values[history.starts[trial] : history.starts[trial + 1]].tolist()
    return values


def test_an_optuna_storage(produced: Produced) -> None:
    path = produced("optuna") / "study.db"
    before = path.read_bytes()
    assert claims(path) == "optuna"
    tables = open_store(path, "study.db")
    assert [table.path for table in tables] == ["study.db#digits", "study.db#two"]
    digits, two = map(understand, tables)
    assert settings(digits) == ["params_layers", "params_lr", "params_momentum", "params_optimizer"]
    assert direction(digits, "value") == "minimize"
    states = dict(zip(cells(digits, "number"), cells(digits, "state"), strict=True))
    assert set(states.values()) == {"COMPLETE", "PRUNED", "FAIL", "RUNNING"}
    assert set(cells(digits, "params_optimizer")) == {"adam", "sgd", "None", ""}, (
        "indices are decoded, None is a choice"
    )
    lr = digits.table.hints["params_lr"]
    assert (lr.low, lr.high, lr.log) == (1e-5, 1.0, True)
    value, history = column_of(digits, "value"), digits.table.history
    pruned = [row for row in range(len(digits)) if cells(digits, "state")[row] == "PRUNED"]
    last = [curve(history, row, "value")[-1] for row in pruned]
    np.testing.assert_array_equal(value.values[pruned], last)
    assert value.count(Cell.NAN, Cell.POS_INF) > 0
    assert direction(two, "values_val_loss") == "minimize"
    assert direction(two, "values_val_acc") == "maximize"
    assert path.read_bytes() == before
    assert sorted(file.name for file in path.parent.iterdir() if file.name.startswith("study")) == ["study.db"]


def test_an_optuna_storage_by_url_is_the_same_study(produced: Produced, elsewhere: Elsewhere) -> None:
    path = produced("optuna") / "study.db"
    program = (
        "import sys, json; from hparam_ci.sources.stores import open_url\n"
        "[table] = open_url(sys.argv[1])\n"
        "print(json.dumps([table.path, {c.name: [c.show(i) for i in range(table.n_rows)] for c in table.columns}]))"
    )
    shown, columns = json.loads(elsewhere("-c", program, f"optuna:sqlite:///{path}#digits"))
    assert shown == f"optuna:sqlite:///{path}#digits"
    digits = understand(open_store(path, "x")[0])
    for name in ("number", "state", "value", "params_lr", "params_optimizer", "user_attrs_val_acc"):
        assert columns[name] == cells(digits, name), name


def test_an_mlflow_database(produced: Produced) -> None:
    path = produced("mlflow", "table") / "mlflow.db"
    assert claims(path) == "mlflow"
    [sweep] = read_sweeps(path, path.parent)
    assert len(sweep) == 15, "neither the parent, which only holds a run, nor the deleted run"
    assert settings(sweep) == ["params.hidden", "params.lr", "params.optimizer", "params.wd"]
    assert sorted(set(cells(sweep, "status"))) == ["FAILED", "FINISHED", "RUNNING"]
    loss = column_of(sweep, "metrics.val_loss")
    assert loss.count(Cell.NAN) + loss.count(Cell.POS_INF) > 0
    assert sweep.table.history is not None
    assert len(curve(sweep.table.history, 0, "metrics.val_loss")) == 4
    assert sweep.seconds is not None
    assert np.nanmin(sweep.seconds) > 0
    assert any("1 trial is marked as running" in note for note in notes(sweep))
    by_table = read_sweeps(path.parent / "runs.csv", path.parent)[0]
    assert settings(by_table) == settings(sweep)
    for each in (sweep, by_table):
        assert [column.name for column in each.columns(Role.MESSAGE)] == ["tags.error"]
        assert set(cells(each, "tags.error")) == {"", "ValueError: exploded"}
    assert by_table.seconds is not None
    assert np.isin(sweep.seconds.round(3), by_table.seconds.round(3)).all(), "which has the parent beside them"


def test_an_mlflow_database_by_uri(produced: Produced, elsewhere: Elsewhere) -> None:
    path = produced("mlflow", "table") / "mlflow.db"
    program = (
        "import sys; from hparam_ci.sources.stores import open_url\n"
        "[table] = open_url(sys.argv[1]); print(table.n_rows, sorted(c.name for c in table.columns))"
    )
    said = elsewhere("-c", program, f"mlflow:sqlite:///{path}#wine")
    assert said.startswith("15 ['duration_seconds', 'end_time', 'metrics.n_params', 'metrics.train_loss'")


def test_a_ray_tune_experiment(produced: Produced) -> None:
    folder = produced("ray")
    path = folder / "ray" / "exp"
    assert claims(path) == "ray"
    [sweep] = read_sweeps(path, folder)
    assert sweep.table.path == "ray/exp"
    assert len(sweep) == 8
    assert settings(sweep) == ["config/batch_size", "config/number", "config/optim/lr", "config/optim/name"]
    by_number = dict(zip(cells(sweep, "config/number"), range(len(sweep)), strict=True))
    assert [cells(sweep, "status")[by_number[str(i)]] for i in range(5)] == [
        "ERROR",
        "ERROR",
        "TERMINATED",
        "TERMINATED",
        "ERROR",
    ]
    assert cells(sweep, "error")[by_number["4"]] == "RuntimeError: lost the worker"
    assert cells(sweep, "error")[by_number["0"]] == "ValueError: cannot reshape", "the first line of what was raised"
    assert [column.name for column in sweep.columns(Role.MESSAGE)] == ["error"]
    assert len(curve(sweep.table.history, by_number["4"], "loss")) == 3
    assert any("2 trials ended before their first report" in note for note in notes(sweep))
    assert len(read_sweeps(folder / "frame.csv", folder)[0]) == 6, "the table leaves them out"


def test_a_keras_tuner_project(produced: Produced) -> None:
    folder = produced("keras_tuner")
    [sweep] = read_sweeps(folder / "project", folder)
    assert settings(sweep) == ["hp/lr", "hp/momentum", "hp/optimizer"]
    assert set(cells(sweep, "status")) == {"COMPLETED", "FAILED"}
    pairs = set(zip(cells(sweep, "hp/optimizer"), [bool(x) for x in cells(sweep, "hp/momentum")], strict=True))
    assert pairs <= {("adam", False), ("sgd", True), ("sgd", False)}, "a stale value of an inactive parameter is none"
    assert direction(sweep, "val_loss") == "minimize"
    assert sweep.table.hints["hp/lr"].log is True
    done = cells(sweep, "status").index("COMPLETED")
    assert len(curve(sweep.table.history, done, "val_loss")) == 3
    said = {text for text, status in zip(cells(sweep, "message"), cells(sweep, "status"), strict=True) if text}
    assert said == {"keras_tuner.src.errors.FailedTrialError: lr is too high"}
    assert [column.name for column in sweep.columns(Role.MESSAGE)] == ["message"]


def test_a_smac_run_history(produced: Produced) -> None:
    [path] = (produced("smac") / "smac").rglob("runhistory.json")
    for each in (path, path.parent):
        [sweep] = read_sweeps(each, path.parent)
        assert settings(sweep) == ["config/lr", "config/optimizer"]
        assert set(cells(sweep, "status")) == {"SUCCESS", "CRASHED"}
        crashed = [
            cost
            for cost, status in zip(cells(sweep, "cost"), cells(sweep, "status"), strict=True)
            if status == "CRASHED"
        ]
        assert set(crashed) == {""}, "the cost of a crash is no result"
        assert "ValueError: exploded" in set(cells(sweep, "error"))
        assert [column.name for column in sweep.columns(Role.MESSAGE)] == ["error"]


def test_a_syne_tune_experiment(produced: Produced) -> None:
    folder = Path((produced("syne_tune") / "where").read_text())
    for path in (folder, folder / "results.csv.zip"):
        [sweep] = read_sweeps(path, folder.parent)
        assert settings(sweep) == ["config_lr", "config_width"]
        assert len(sweep) >= 4
        assert not sweep.has_status, "a state at the time of a report is not how the trial ended"
        assert curve(sweep.table.history, 0, "val_loss")[0] > curve(sweep.table.history, 0, "val_loss")[-1]


def test_a_tensorboard_log(produced: Produced, elsewhere: Elsewhere) -> None:
    folder = produced("tensorboard")
    assert claims(folder / "logs") == "tensorboard"
    program = (
        "import sys, json; from pathlib import Path; from hparam_ci.sources.stores import open_store\n"
        "[t] = open_store(Path(sys.argv[1]), 'logs')\n"
        "print(json.dumps([t.n_rows, [c.name for c in t.columns], len(t.history.steps)]))"
    )
    rows, names, steps = json.loads(elsewhere("-c", program, str(folder / "logs")))
    assert rows == 10
    assert set(names) == {"run", "hparams/lr", "hparams/optimizer", "hparams/use_bn", "status", "val/loss"}
    assert steps == 30


def test_a_hydra_multirun(produced: Produced, tmp_path: Path) -> None:
    from tests.unit.sources.conftest import ROOT, run

    script = str(ROOT / "tests" / "producers" / "make_hydra.py")
    run(tmp_path, script, "-m", "lr=0.1,0.2,0.3,0.4", "model.depth=1,2", "hydra.sweep.dir=out")
    assert claims(tmp_path / "out") == "hydra"
    [sweep] = read_sweeps(Path("out"), tmp_path)
    assert len(sweep) == 8
    assert settings(sweep) == ["config/lr", "config/model.depth"]
    assert sorted({column.name for column, _ in sweep.metrics()}) == ["val/acc", "val_loss"]


def test_an_mlflow_tracking_server(produced: Produced) -> None:
    read = json.loads((produced("mlflow_server") / "read.json").read_text())
    assert read["path"] == "mlflow:http://127.0.0.1:PORT"
    assert read["cells"]["metrics.val_loss"] == ["0.333333"] * 5 + ["NaN"]
    assert read["cells"]["params.optimizer"] == ["sgd", "adam"] * 3


def test_an_mlflow_file_store(produced: Produced) -> None:
    [sweep] = read_sweeps(Path("mlruns"), produced("mlruns"))
    assert len(sweep) == 6
    assert settings(sweep) == ["params.lr", "params.optimizer"]
    assert column_of(sweep, "metrics.val_loss").count(Cell.NAN) == 1
    first = [curve(sweep.table.history, row, "metrics.val_loss")[0] for row in range(6)]
    assert sorted(map(str, first)) == ["1.0"] * 5 + ["nan"]


def test_the_versions_of_a_lightning_logger(produced: Produced) -> None:
    [sweep] = read_sweeps(Path("logs"), produced("lightning"))
    assert len(sweep) == 8
    assert settings(sweep) == ["hparams/lr", "hparams/optimizer", "hparams/width"]
    assert sorted(column.name for column, _ in sweep.metrics()) == ["train_loss", "val_loss"]
    mad = column_of(sweep, "hparams/lr").values == 1e30
    assert not column_of(sweep, "val_loss").is_(Cell.NUMBER)[mad].any()
    assert column_of(sweep, "val_loss").is_(Cell.NUMBER)[~mad].all()
    history = sweep.table.history
    assert history is not None
    assert {len(curve(history, row, "val_loss")) >= 3 for row in range(8)} == {True}


@pytest.mark.parametrize("name", ["experiment.json", "summary.csv"])
def test_an_ax_experiment_and_the_table_of_its_client(produced: Produced, name: str) -> None:
    [sweep] = read_sweeps(Path(name), produced("ax"))
    assert settings(sweep) == ["layers", "lr", "optimizer"]
    assert cells(sweep, "trial_status") == ["COMPLETED", "COMPLETED", "FAILED", "COMPLETED", "ABANDONED"] + [
        "COMPLETED"
    ] * (len(sweep) - 5)
    assert cells(sweep, "status_reason")[2] == "CUDA out of memory"
    assert cells(sweep, "val_loss")[2] == ""
    assert direction(sweep, "val_loss") == "minimize"
    lr, loss, layers = (column_of(sweep, each).values for each in ("lr", "val_loss", "layers"))
    done = ~np.isnan(loss)
    np.testing.assert_allclose(loss[done], (0.3 + lr + 0.05 * layers)[done], rtol=1e-6)


def test_an_ax_experiment_knows_its_search_space(produced: Produced) -> None:
    [sweep] = read_sweeps(Path("experiment.json"), produced("ax"))
    hints = sweep.table.hints
    assert (hints["lr"].low, hints["lr"].high, hints["lr"].log) == (1e-5, 1.0, True)
    assert (hints["layers"].low, hints["layers"].high, hints["layers"].log) == (1, 4, False)
    assert (column_of(sweep, "duration_sec").values >= 0).sum() >= 6


def test_a_leaderboard_of_autogluon(produced: Produced) -> None:
    [sweep] = read_sweeps(Path("leaderboard.csv"), produced("autogluon"))
    assert len(sweep) == 6
    assert {"hyperparameters.n_estimators", "hyperparameters.max_depth", "hyperparameters.n_neighbors"} <= set(
        settings(sweep)
    )
    assert all(name.startswith("hyperparameters.") for name in settings(sweep)), "nothing that the fit found out"
    assert {column.name for column, _ in sweep.metrics()} == {"score_test", "score_val"}


def test_offline_runs_of_wandb_say_what_to_do(produced: Produced) -> None:
    folder = produced("wandb")
    [skipped] = inspect(["wandb"], root=folder).skipped
    assert "wandb sync" in skipped.reason


def test_a_project_of_wandb_through_its_client(elsewhere: Elsewhere) -> None:
    from tests.unit.sources.conftest import ROOT

    said = elsewhere(str(ROOT / "tests" / "producers" / "read_wandb.py"))
    trials, roles = json.loads(said.splitlines()[-1])
    assert trials == 12
    assert {name for name, role in roles.items() if role == "hyperparameter"} == {"config.lr", "config.model.depth"}
    assert {name for name, role in roles.items() if role == "metric"} == {"summary.val/loss", "summary.train/loss"}
    assert (roles["state"], roles["summary._runtime"], roles["summary.hist"]) == ("status", "duration", "ignored")


@pytest.mark.parametrize(
    ("tool", "file", "trials", "expected"),
    [
        ("optuna", "frame.csv", 41, ["params_layers", "params_lr", "params_momentum", "params_optimizer"]),
        ("optuna", "multi.csv", 41, ["params_layers", "params_lr", "params_momentum", "params_optimizer"]),
        ("mlflow", "runs.csv", 16, ["params.hidden", "params.lr", "params.optimizer", "params.wd"]),
        ("ray", "frame.csv", 6, ["config/batch_size", "config/number", "config/optim/lr", "config/optim/name"]),
        (
            "sklearn",
            "grid.csv",
            16,
            ["param_sgdclassifier__alpha", "param_sgdclassifier__eta0", "param_sgdclassifier__penalty"],
        ),
        ("sklearn", "halving.csv", 12, ["param_max_depth", "param_min_samples_leaf"]),
    ],
)
def test_tables_that_the_tools_write(
    produced: Produced, tool: str, file: str, trials: int, expected: list[str]
) -> None:
    folder = produced(tool, *(["table"] if tool == "mlflow" else []))
    [sweep] = read_sweeps(Path(file), folder)
    assert len(sweep) == trials
    assert settings(sweep) == expected


@pytest.mark.parametrize(
    ("tool", "name"),
    [
        ("optuna", "study.db"),
        ("optuna", "frame.csv"),
        ("optuna", "multi.csv"),
        ("ray", "ray/exp"),
        ("ray", "frame.csv"),
        ("sklearn", "grid.csv"),
        ("sklearn", "halving.csv"),
        ("smac", "smac"),
        ("keras_tuner", "project"),
    ],
)
def test_what_the_tools_wrote_is_inspected(produced: Produced, tool: str, name: str) -> None:
    inspection = inspect([name], root=produced(tool))
    assert not inspection.skipped
    assert all(sweep.trials > 0 and sweep.detectors for sweep in inspection.sweeps)
