"""`hparam_ci.inspect` as a notebook calls it: data frames, paths, lists of paths; how an Inspection shows itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hparam_ci
from hparam_ci.errors import SettingsError
from hparam_ci.inspection import Inspection, SweepResult
from hparam_ci.settings import build
from hparam_ci.sources.given import sweep_of_frame
from tests.conftest import EXAMPLES

DIGITS = EXAMPLES / "digits_sweep.csv"


def told(sweep: SweepResult) -> list[tuple[str, str, int, int]]:
    return [(one.issue, one.text, one.explains, one.of) for one in sweep.causes]


def test_a_frame_of_texts_is_inspected_as_its_file_is() -> None:
    [of_file] = hparam_ci.inspect(DIGITS).sweeps
    [of_frame] = hparam_ci.inspect(pd.read_csv(DIGITS, dtype=str, keep_default_na=False)).sweeps
    assert told(of_frame) == told(of_file) != []
    assert [(d.code, d.count) for d in of_frame.detectors] == [(d.code, d.count) for d in of_file.detectors]
    assert of_frame.path == "data frame"


def test_the_same_settings_hold_for_a_frame() -> None:
    settings = build({"max_failed_rate": "1%", "ignore": "HP2"}, label=str)
    it = hparam_ci.inspect(pd.read_csv(DIGITS), settings)
    assert it.verdict == "fail"
    assert "limit 1%" in " ".join(it.gate.reasons)
    assert not [cause for cause in it.sweeps[0].causes if cause.code.startswith("HP2")]


def test_paths_may_be_one_or_many_and_lie_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for files in (DIGITS, str(DIGITS), [DIGITS], [str(EXAMPLES / "dig*.csv")]):
        assert [Path(sweep.path).name for sweep in hparam_ci.inspect(files).sweeps] == ["digits_sweep.csv"]
    assert len(hparam_ci.inspect([DIGITS, EXAMPLES / "healthy_sweep.csv"]).sweeps) == 2


def test_with_a_root_nothing_outside_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        hparam_ci.inspect([str(DIGITS)], root=tmp_path)


def test_every_kind_of_column_keeps_its_meaning() -> None:
    began = pd.Timestamp("2026-01-01 10:00:00")
    frame = pd.DataFrame(
        {
            "trial": [f"t{n}" for n in range(30)],
            "config": [{"lr": 10.0**-n, "net": {"depth": n % 3}} for n in range(30)],
            "units": pd.array([16, None, 64] * 10, dtype="Int64"),
            "amp": pd.array([True, False, None] * 10, dtype="boolean"),
            "optimizer": pd.Categorical(["adam", "sgd", "adam"] * 10),
            "val_loss": [0.5, np.inf, np.nan] * 10,
            "started": [began + pd.Timedelta(minutes=n) for n in range(30)],
            "duration": [pd.Timedelta(seconds=90 + n) for n in range(30)],
        }
    ).set_index("trial")
    sweep = sweep_of_frame(frame)
    columns = {column.name: column for column in sweep.table.columns}
    roles = {reading.name: reading.role.value for reading in sweep.readings}
    assert roles["trial"] == "id"
    assert roles["config.lr"] == roles["config.net.depth"] == roles["optimizer"] == "hyperparameter"
    assert [columns["units"].show(row) for row in range(3)] == ["16", "", "64"]
    assert [columns["amp"].show(row) for row in range(3)] == ["True", "False", ""]
    assert [columns["val_loss"].show(row) for row in range(3)] == ["0.5", "inf", ""]
    assert sweep.seconds is not None
    assert sweep.seconds[:2].tolist() == [90, 91]
    assert list(sweep.trial_ids)[:2] == ["t0", "t1"]


def test_names_of_several_levels_and_repeated_names_become_one_each() -> None:
    frame = pd.DataFrame([[1, 0.1, 2, 0.5]] * 3)
    frame.columns = pd.MultiIndex.from_tuples([("number", ""), ("params", "lr"), ("params", "lr"), ("value", "")])
    assert [column.name for column in sweep_of_frame(frame).table.columns] == [
        "number",
        "params_lr",
        "params_lr.1",
        "value",
    ]


def test_a_frame_without_trials_is_nothing_to_judge() -> None:
    assert hparam_ci.inspect(pd.DataFrame({"lr": [], "loss": []})).verdict == "inconclusive"
    assert hparam_ci.inspect(pd.DataFrame({"a": [1], "b": ["x"]})).verdict == "inconclusive"


@given(
    st.lists(
        st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=5), st.binary(max_size=3)),
        min_size=1,
        max_size=20,
    )
)
def test_any_values_make_a_sweep(values: list[object]) -> None:
    frame = pd.DataFrame({"lr": pd.Series(values, dtype=object), "loss": range(len(values))})
    assert len(sweep_of_frame(frame)) == len(values)


def test_an_inspection_is_one_line_at_a_prompt_and_a_page_in_a_notebook() -> None:
    it = hparam_ci.inspect(DIGITS)
    assert repr(it).startswith("<Inspection fail: 88 of 240 trials affected")
    assert len(repr(it)) < 200
    assert it._repr_markdown_().startswith("## ❌ Sweep inspection: fail")
    page = it._repr_html_()
    assert page.startswith('<div class="hparam-ci">')
    assert "<script" not in page
    assert Inspection.from_json(it.to_json()) == it


def test_the_package_alone_loads_neither_pandas_nor_templates() -> None:
    code = "import sys, hparam_ci; print(sorted({'pandas', 'jinja2', 'numpy', 'msgspec'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_trials_for_pictures_are_the_same_whatever_the_order_of_the_rows(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    n = 2_000
    frame = pd.DataFrame(
        {"trial": range(n), "lr": 10 ** draw.uniform(-5, 1, n), "val_loss": draw.normal(1, 0.1, n).astype(object)}
    )
    frame.loc[frame.lr > 3, "val_loss"] = "nan"
    [one] = hparam_ci.inspect(frame).sweeps
    [other] = hparam_ci.inspect(frame.sample(frac=1, random_state=1)).sweeps
    assert one.sample is not None
    assert other.sample is not None
    assert len(one.sample.trials) == 300
    assert set(one.sample.trials) == set(other.sample.trials)
    [mark] = one.sample.marks.values()
    sick = int((frame.val_loss == "nan").sum())
    assert mark.count("x") == min(150, sick), "as many sick ones as others, where there are as many"
    assert one.sample.columns[0].log
    assert msgspec.json.encode(one.sample)
