"""Stores made file by file: old formats, damage, and what a hostile hand puts into them."""

from __future__ import annotations

import json
import sqlite3
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from hparam_ci.errors import SourceError
from hparam_ci.sources.read import read_sweeps
from hparam_ci.sources.stores import claims, open_store, open_url
from hparam_ci.sources.sweep import Role, Sweep


def sweep_in(path: Path) -> Sweep:
    [sweep] = read_sweeps(path, path.parent)
    return sweep


def settings(sweep: Sweep) -> list[str]:
    return [column.name for column in sweep.columns(Role.HYPERPARAMETER)]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def mlruns(root: Path) -> None:
    """The folder of files that MLflow wrote before it had a database (its documented layout)."""
    write(root / "7" / "meta.yaml", "name: wine\nlifecycle_stage: active\n")
    for i in range(6):
        run = root / "7" / f"run{i}"
        write(
            run / "meta.yaml",
            f"run_id: run{i}\nstatus: {4 if i == 2 else 3}\nstart_time: 1700000000000\nend_time: 1700000009000\n",
        )
        write(run / "params" / "lr", str(0.1 * (i + 1)))
        write(run / "metrics" / "val" / "loss", f"1 {1 + i} 0\n2 {'nan' if i == 4 else i} 1\n")
    write(root / "7" / "gone" / "meta.yaml", "run_id: gone\nlifecycle_stage: deleted\nstatus: 3\n")


def lightning(root: Path) -> None:
    for i in range(6):
        rows = [f"{e},{e * 10},{1 / (e + 1)},\n{e},{e * 10},,{1.5 / (e + 1)}\n" for e in range(3)]
        write(root / f"version_{i}" / "metrics.csv", "epoch,step,train_loss,val_loss\n" + "".join(rows))
        hparams = f"lr: {0.1 * (i + 1)}\nmodel:\n  depth: {i % 3}\nact: !!python/name:torch.nn.ReLU ''\n"
        write(root / f"version_{i}" / "hparams.yaml", hparams)


def smac(root: Path) -> None:
    """The lists of SMAC before version 2.1."""
    data = [[[i, None, 0, 0.0], [0.1 * i, 1.0, {"__enum__": "StatusType.SUCCESS"}, 0, 1, {}]] for i in range(1, 7)]
    configs = {str(i): {"lr": 0.1 * i, "act": None if i % 2 else "relu"} for i in range(1, 7)}
    write(root / "runhistory.json", json.dumps({"data": data, "configs": configs}))


def wandb(root: Path) -> None:
    for i in range(6):
        files = root / f"run-20260301_08000{i}-abc{i}" / "files"
        write(files / "config.yaml", f"lr:\n  desc: null\n  value: {0.1 * (i + 1)}\n_wandb:\n  value: {{}}\n")
        write(
            files / "wandb-summary.json",
            json.dumps({"val": {"loss": 1 / (i + 1)}, "_runtime": 5, "hist": {"_type": "x"}}),
        )


def hydra(root: Path) -> None:
    for i in range(6):
        write(root / str(i) / ".hydra" / "overrides.yaml", f"- lr={0.1 * (i + 1)}\n- +model=deep{i % 2}\n")
        write(root / str(i) / "metrics.csv", f"epoch,val_loss\n0,{i + 1}\n1,{i + 0.5}\n")


def ray(root: Path) -> None:
    """What remains of an experiment without its state file."""
    for i in range(6):
        write(root / f"t_{i}" / "params.json", json.dumps({"lr": 0.1 * (i + 1), "net": {"depth": i % 3}}))
        write(
            root / f"t_{i}" / "progress.csv", f"loss,training_iteration\n{i + 1},1\n{'nan' if i == 3 else i + 0.5},2\n"
        )
    write(root / "t_5" / "error.txt", "Traceback\n  File\nValueError: no\n")


STORES: dict[str, tuple[Callable[[Path], None], str, set[str]]] = {
    "mlflow": (mlruns, "metrics.val/loss", {"params.lr"}),
    "lightning": (lightning, "val_loss", {"hparams/lr", "hparams/model/depth"}),
    "smac": (smac, "cost", {"config/lr", "config/act"}),
    "wandb": (wandb, "summary.val.loss", {"config.lr"}),
    "hydra": (hydra, "val_loss", {"config/lr", "config/model"}),
    "ray": (ray, "loss", {"config/lr", "config/net/depth"}),
}


@pytest.mark.parametrize("tool", STORES)
def test_old_and_partial_stores(tmp_path: Path, tool: str) -> None:
    make, metric, expected = STORES[tool]
    make(tmp_path / "store")
    assert claims(tmp_path / "store") == tool
    sweep = sweep_in(tmp_path / "store")
    assert len(sweep) == 6
    assert set(settings(sweep)) == expected
    assert metric in {column.name for column, _ in sweep.metrics()}


def test_states_and_curves_of_files(tmp_path: Path) -> None:
    mlruns(tmp_path / "mlruns")
    sweep = sweep_in(tmp_path / "mlruns")
    assert [c.show(2) for c in sweep.columns(Role.STATUS)] == ["FAILED"]
    assert sweep.seconds is not None
    assert sweep.seconds[0] == 9
    assert sweep.table.history is not None
    assert sweep.table.history.columns["metrics.val/loss"].values[:2].tolist() == [1, 0]
    ray(tmp_path / "exp")
    [loss] = [column for column, _ in sweep_in(tmp_path / "exp").metrics()]
    assert loss.show(3) == "NaN"


TRACEBACK = 'Traceback (most recent call last):\n  File "t.py", line 3, in f\n    g()\nValueError: no\n'


def test_error_texts_of_stores(tmp_path: Path) -> None:
    """Where each tool keeps what went wrong: a column of messages."""
    mlruns(tmp_path / "mlflow")
    write(tmp_path / "mlflow" / "7" / "run2" / "tags" / "failure_reason", "ValueError: no")
    write(tmp_path / "mlflow" / "7" / "run2" / "tags" / "team", "vision")
    wandb(tmp_path / "wandb")
    write(tmp_path / "wandb" / "run-20260301_080002-abc2" / "files" / "output.log", "epoch 1\n" + TRACEBACK)
    write(tmp_path / "wandb" / "run-20260301_080003-abc3" / "files" / "output.log", TRACEBACK + "epoch 2\n" * 9)
    ray(tmp_path / "ray")
    write(tmp_path / "ray" / "t_2" / "error.txt", "Failure # 1\n" + TRACEBACK)
    smac(tmp_path / "smac")
    history = json.loads((tmp_path / "smac" / "runhistory.json").read_text())
    history["data"][2][1][2:6] = [2, 0, 1, {"error": "ValueError: no"}]
    write(tmp_path / "smac" / "runhistory.json", json.dumps(history))
    names = {"mlflow": "tags.failure_reason", "wandb": "error", "ray": "error", "smac": "error"}
    for tool, name in names.items():
        [column] = sweep_in(tmp_path / tool).columns(Role.MESSAGE)
        assert (column.name, column.show(2), column.show(3)) == (name, "ValueError: no", ""), tool


def outcome(path: Path, shown: str) -> str:
    """`read N rows`, or the one line that says why not."""
    try:
        return f"read {sum(table.n_rows for table in open_store(path, shown))} rows"
    except SourceError as error:
        return str(error)


@pytest.mark.parametrize("tool", STORES)
@hypothesis(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_store_is_read_or_refused_in_one_line(
    tool: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("store") / "s"
    STORES[tool][0](root)
    files = sorted(file for file in root.rglob("*") if file.is_file())
    for _ in range(data.draw(st.integers(1, 3))):
        file = data.draw(st.sampled_from(files))
        content = file.read_bytes() if file.exists() else b""
        cut = data.draw(st.integers(0, len(content)))
        junk = data.draw(
            st.sampled_from([b"", b"\0\xff", b"{", b"- !!python/object/apply:os.system [exit]", b"[" * 5000])
        )
        file.write_bytes(content[:cut] + junk)
    if claims(root) is None:
        return
    assert outcome(root, "s").startswith(("read", "s: "))


@hypothesis(max_examples=40, deadline=None)
@given(cut=st.integers(0, 8192), junk=st.binary(max_size=60))
def test_a_damaged_database_is_read_or_refused(cut: int, junk: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("db") / "m.db"
    database(path)
    content = path.read_bytes()
    path.write_bytes(content[:cut] + junk + content[cut + len(junk) :])
    if claims(path) is None:
        return
    assert outcome(path, "m.db").startswith(("read", "m.db: "))


def database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE experiments (experiment_id, name);"
        "CREATE TABLE runs (run_uuid, name, status, start_time, end_time, lifecycle_stage, experiment_id);"
        "CREATE TABLE params (run_uuid, key, value); CREATE TABLE tags (run_uuid, key, value);"
        "CREATE TABLE latest_metrics (run_uuid, key, value, is_nan);"
        "CREATE TABLE metrics (run_uuid, key, step, value, is_nan);"
        "INSERT INTO experiments VALUES (1, 'x');"
    )
    for i in range(6):
        connection.execute("INSERT INTO runs VALUES (?, 'r', 'FINISHED', 1, 'later', 'active', 1)", [f"r{i}"])
        connection.execute("INSERT INTO params VALUES (?, 'lr', ?)", [f"r{i}", 0.1 * i])
        connection.execute(
            "INSERT INTO latest_metrics VALUES (?, 'loss', ?, 0)",
            [f"r{i}", "text" if i == 2 else 1.7976931348623157e308],
        )
    connection.commit()
    connection.close()


def test_odd_types_in_a_database_are_no_crash(tmp_path: Path) -> None:
    database(tmp_path / "m.db")
    [loss] = [column for column, _ in sweep_in(tmp_path / "m.db").metrics()]
    assert [loss.show(row) for row in range(6)] == ["inf", "inf", "NaN", "inf", "inf", "inf"]


def test_what_no_tool_wrote_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="a folder that no known tool wrote"):
        open_store(tmp_path / "empty", "empty")
    sqlite3.connect(tmp_path / "app.db").execute("CREATE TABLE users (id)").connection.close()
    with pytest.raises(SourceError, match="a database that no known tool wrote"):
        open_store(tmp_path / "app.db", "app.db")


def test_a_zip_bomb_in_a_store_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "metadata.json", "{}")
    with zipfile.ZipFile(tmp_path / "results.csv.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("results.csv", b"a,b\n" + b"1,2\n" * 20_000_000)
    with pytest.raises(SourceError, match="unpacks to more than"):
        open_store(tmp_path, "s")


def test_links_out_of_a_store_are_not_followed(tmp_path: Path) -> None:
    ray(tmp_path / "exp")
    (tmp_path / "secret.json").write_text('{"lr": 99, "token": "s3cret"}')
    (tmp_path / "exp" / "t_9").mkdir()
    (tmp_path / "exp" / "t_9" / "params.json").symlink_to(tmp_path / "secret.json")
    (tmp_path / "exp" / "t_8").symlink_to(tmp_path / "exp" / "t_1")
    assert len(sweep_in(tmp_path / "exp")) == 6


@pytest.mark.parametrize("tool", ["optuna", "mlflow", "wandb"])
def test_an_address_without_the_library_says_what_to_install(tool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (tool, "mlflow.tracking"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SourceError) as error:
        open_url(f"{tool}:mysql://root:hunter2@host/db#study")
    assert f'pip install "hparam-inspector[{tool}]"' in str(error.value)
    assert "hunter2" not in str(error.value)
