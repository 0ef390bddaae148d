"""Whatever holds the rows, the table is the same."""

from __future__ import annotations

import gzip
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.errors import SourceError
from hparam_ci.pipeline import inspect
from hparam_ci.sources.decode import UnreadableError
from hparam_ci.sources.json_text import read_json
from hparam_ci.sources.open import open_tables
from hparam_ci.sources.read import read_sweeps
from hparam_ci.sources.sweep import Role
from hparam_ci.sources.table import Cell, Table
from tests.unit.sources.conftest import Elsewhere

FRAME = pd.DataFrame(
    {
        "lr": [0.1, 0.2, 0.3],
        "opt": ["adam", "sgd", None],
        "val_loss": [1.5, 2.5, 3.5],
        "deep": [True, False, True],
        "n": [1, 2, 3],
    }
)
WRITERS: dict[str, Callable[[Path], object]] = {
    "t.csv": lambda path: FRAME.to_csv(path, index=False),
    "t.tsv": lambda path: FRAME.to_csv(path, index=False, sep="\t"),
    "t.csv.gz": lambda path: FRAME.to_csv(path, index=False),
    "t.csv.zip": lambda path: FRAME.to_csv(path, index=False),
    "records.json": lambda path: FRAME.to_json(path, orient="records"),
    "split.json": lambda path: FRAME.to_json(path, orient="split"),
    "columns.json": lambda path: FRAME.to_json(path, orient="columns"),
    "table.json": lambda path: FRAME.to_json(path, orient="table", index=False),
    "t.jsonl": lambda path: FRAME.to_json(path, orient="records", lines=True),
    "t.jsonl.gz": lambda path: FRAME.to_json(path, orient="records", lines=True),
    "lists.json": lambda path: path.write_text(FRAME.astype(object).where(FRAME.notna(), None).to_json(orient="split")),
    "inside.json": lambda path: path.write_text(
        json.dumps({"best": 1, "trials": json.loads(FRAME.to_json(orient="records"))})
    ),
}


def shown(table: Table) -> dict[str, list[str]]:
    return {column.name: [column.show(row) for row in range(table.n_rows)] for column in table.columns}


@pytest.mark.parametrize("name", WRITERS)
def test_one_table_in_many_forms(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    [table] = open_tables(Path(name), tmp_path)
    assert table.path == name
    assert shown(table) == {
        "lr": ["0.1", "0.2", "0.3"],
        "opt": ["adam", "sgd", ""],
        "val_loss": ["1.5", "2.5", "3.5"],
        "deep": ["True", "False", "True"],
        "n": ["1", "2", "3"],
    }


@pytest.mark.producers
def test_parquet_keeps_nan_apart_from_null(tmp_path: Path, elsewhere: Elsewhere) -> None:
    program = """
import json, sys
from pathlib import Path
import pyarrow as pa, pyarrow.parquet as pq
from hparam_ci.errors import SourceError
from hparam_ci.sources.nested import expand
from hparam_ci.sources.open import open_tables
path = Path("t.parquet")
pq.write_table(pa.table({"x": [1.0, None, float("nan")], "t": ["a", None, "b"], "d": [{"k": 1}, None, {"k": 2}]}), path)
[table] = map(expand, open_tables(path, Path()))
print(json.dumps({column.name: [column.show(row) for row in range(3)] for column in table.columns}))
path.write_bytes(path.read_bytes()[:-9])
try:
    open_tables(path, Path())
except SourceError as error:
    print(error)
"""
    columns, damage = elsewhere("-c", program).splitlines()
    assert json.loads(columns) == {"x": ["1", "", "NaN"], "t": ["a", "", "b"], "d.k": ["1", "", "2"]}, (
        "a mapping is cut up"
    )
    assert damage.startswith("t.parquet: a Parquet file that cannot be read")


def test_parquet_without_its_library_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "t.parquet").write_bytes(b"PAR1" + bytes(20))
    with pytest.raises(SourceError, match=r"pip install \"hparam-inspector\[parquet\]\""):
        open_tables(Path("t.parquet"), tmp_path)


def test_json_keeps_nan_infinity_and_null_apart_and_knows_its_lines() -> None:
    found = read_json('[\n {"a": NaN},\n {"a": -Infinity},\n\n {"a": null}]')
    assert [str(row["a"]) for row in found.rows] == ["nan", "-inf", "None"]
    assert found.lines == [2, 3, 5]


def test_trials_by_name_and_nested_settings(tmp_path: Path) -> None:
    runs = {f"run_{i}": {"config": {"lr": i / 10, "model": {"depth": i}}, "loss": 1 / (i + 1)} for i in range(3)}
    (tmp_path / "runs.json").write_text(json.dumps(runs))
    [table] = open_tables(Path("runs.json"), tmp_path)
    assert list(shown(table)) == ["trial_id", "config.lr", "config.model.depth", "loss"]


def test_a_last_line_that_was_cut_off_is_left_out_and_said(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text('{"lr": 1}\n{"lr": 2}\n{"lr')
    [table] = open_tables(Path("log.jsonl"), tmp_path)
    assert table.n_rows == 2
    assert [repair.what for repair in table.repairs] == ["line 3, cut off while it was written, left out"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"a": 1,\n"b" 2}', "line 2 is no JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('[{"a": ' + "9" * 5000 + "}]", "a number is too long"),
        ("[]", "without a single row"),
        ("3", "without a single row"),
        ('{"columns": ["a"], "data": [[1, 2]]}', "a row of 2 values under 1 names"),
        ('{"a": 1}\nnonsense\n{"a": 2}', "line 2 is no JSON"),
    ],
)
def test_what_is_wrong_with_json_is_said(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / "t.json").write_text(text)
    with pytest.raises(SourceError, match=what):
        open_tables(Path("t.json"), tmp_path)


@given(st.text(max_size=60) | st.recursive(st.integers(0, 3), lambda x: st.lists(x, max_size=3)).map(json.dumps))
def test_any_text_is_json_rows_or_one_error(text: str) -> None:
    try:
        found = read_json(text)
    except UnreadableError:
        return
    assert found.rows
    assert len(found.rows) == len(found.lines)


def test_archives_are_bounded_and_damage_is_said(tmp_path: Path) -> None:
    bomb = gzip.compress(b"a,b\n" + b"1,2\n" * 1_000_000)
    (tmp_path / "bomb.csv.gz").write_bytes(bomb)
    with pytest.raises(SourceError, match="unpacks to more than 1,000,000 bytes"):
        open_tables(Path("bomb.csv.gz"), tmp_path, max_unpacked=1_000_000)
    (tmp_path / "cut.csv.gz").write_bytes(bomb[:-20])
    with pytest.raises(SourceError, match="gzip archive that is damaged"):
        open_tables(Path("cut.csv.gz"), tmp_path)
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", "a\n1\n")
        archive.writestr("b.csv", "a\n1\n")
    with pytest.raises(SourceError, match="a zip archive of 2 files"):
        open_tables(Path("two.zip"), tmp_path)
    (tmp_path / "bad.zip").write_bytes((tmp_path / "two.zip").read_bytes()[:40])
    with pytest.raises(SourceError, match="zip archive that is damaged"):
        open_tables(Path("bad.zip"), tmp_path)


def test_half_a_surrogate_pair_in_json_is_no_reason_to_stop(tmp_path: Path) -> None:
    rows = [{"lr\ud800": f"a\udfff{n}", "config": '{"x\ud800": "\ud800"}', "loss": n / 10} for n in range(12)]
    (tmp_path / "half.json").write_text(json.dumps(rows))
    [table] = open_tables(tmp_path / "half.json", tmp_path)
    assert [column.name for column in table.columns] == ["lr?", "config", "loss"]
    assert table.columns[0].levels[0] == "a?0"
    found = inspect(["half.json"], root=tmp_path)
    assert [sweep.trials for sweep in found.sweeps] == [12]
    assert found.to_json()


def test_the_trials_of_hyperopt(tmp_path: Path) -> None:
    """As `json.dumps(trials.trials)` writes them: each setting in a list, which is empty where it does not count."""
    trials = [
        {
            "state": 2,
            "tid": i,
            "result": {"loss": 0.3 + 0.07 * (i * 5 % 12), "status": "ok"},
            "misc": {
                "tid": i,
                "cmd": ["domain_attachment", "FMinIter_Domain"],
                "idxs": {"lr": [i], "momentum": [i] if i % 2 else []},
                "vals": {"lr": [0.01 * (i + 1)], "momentum": [0.05 * i] if i % 2 else []},
            },
        }
        for i in range(12)
    ]
    (tmp_path / "t.json").write_text(json.dumps(trials), encoding="utf-8")
    [sweep] = read_sweeps(Path("t.json"), tmp_path)
    settings = {column.name: column for column in sweep.columns(Role.HYPERPARAMETER)}
    assert list(settings) == ["misc.vals.lr", "misc.vals.momentum"]
    assert settings["misc.vals.lr"].known.tolist() == [0.01 * (i + 1) for i in range(12)]
    assert settings["misc.vals.momentum"].count(Cell.MISSING) == 6
    assert [column.name for column, _ in sweep.metrics()] == ["result.loss"]
