"""The next search space as other tools read it: run by the tools themselves, and safe whatever the names are."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.advice.exports import FORMATS, export
from hparam_ci.inspection import Condition, Parent, SearchSpace
from hparam_ci.pipeline import inspect
from tests.conftest import EXAMPLES
from tests.unit.advice.spaces import (
    HOSTILE,
    everything,
    excluding,
    flat,
    is_excluded,
    listed,
    ranged,
    space,
    violations,
)
from tests.unit.sources.conftest import ROOT, run

FILES = {"optuna": "optuna.py", "ray": "ray.py", "keras-tuner": "keras-tuner.py", "wandb": "wandb.yaml"}
PYTHON = ("optuna", "ray", "keras-tuner")

# --- run by the tools -----------------------------------------------------------------------------


def drawn(within: SearchSpace, folder: Path) -> dict[str, Any]:
    """What each tool draws from the exported space."""
    for form, name in FILES.items():
        (folder / name).write_text(export(within, form), encoding="utf-8")
    run(folder, str(ROOT / "tests" / "producers" / "run_exports.py"), str(folder))
    found: dict[str, Any] = json.loads((folder / "drawn.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.producers
def test_every_tool_draws_from_the_space_and_nothing_else(tmp_path: Path) -> None:
    within = everything()
    found = drawn(within, tmp_path)
    assert found["optuna"]["failed"] == 0
    assert found["optuna"]["pruned"] > 20
    assert found["wandb"]["violations"] == []
    for form, result in found.items():
        configs = [flat(config) for config in result["drawn"]]
        assert len(configs) >= 40, form
        if form == "wandb":  # it draws conditional ones always, and cannot have every name
            named = [one for one in within.dimensions if one.name in configs[0]]
            assert {one.name for one in within.dimensions[:4]} - set(configs[0]) == {"optim/lr"}
            within_wandb = msgspec.structs.replace(
                within, dimensions=tuple(msgspec.structs.replace(one, parent=None) for one in named)
            )
            assert not [bad for config in configs for bad in violations(config, within_wandb)]
            continue
        assert not [bad for config in configs for bad in violations(config, within)], form
        assert len({config.get("optim/momentum") is None for config in configs}) == 2, form
        if form == "optuna":
            assert not any(map(is_excluded, configs))
        else:
            assert result["excluded"] == [is_excluded(config) for config in configs], form
            assert set(result["excluded"]) == {True, False}, form


@pytest.mark.producers
def test_the_space_of_a_real_sweep_runs_in_every_tool(tmp_path: Path) -> None:
    [sweep] = inspect(["digits_sweep.csv"], root=EXAMPLES).sweeps
    within = sweep.next_space
    assert within is not None
    assert within.excluded
    found = drawn(within, tmp_path)
    assert found["wandb"]["violations"] == []
    for form, result in found.items():
        assert not [bad for config in result["drawn"] for bad in violations(config, within)], form
    assert not any(c["batch_size"] == 512 and c["drop_last"] is True for c in found["optuna"]["drawn"])


# --- text -----------------------------------------------------------------------------------------

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**6), 10**6), st.floats(-1e9, 1e9), st.text(), st.sampled_from(HOSTILE)
)
NAMES = st.one_of(st.text(), st.sampled_from(HOSTILE))

NODES = (
    *(ast.Module, ast.Import, ast.ImportFrom, ast.alias, ast.FunctionDef, ast.arguments, ast.arg, ast.Expr),
    *(ast.Return, ast.Assign, ast.If, ast.Raise, ast.With, ast.withitem, ast.Lambda, ast.IfExp, ast.Subscript),
    *(ast.Dict, ast.List, ast.Name, ast.Load, ast.Store, ast.Constant, ast.Call, ast.keyword, ast.Attribute),
    *(ast.BoolOp, ast.And, ast.Or, ast.Compare, ast.In, ast.Is, ast.IsNot, ast.Eq, ast.NotEq, ast.Gt, ast.LtE),
    *(ast.UnaryOp, ast.Not, ast.USub),
)
OWN_NAMES = {"p", "trial", "hp", "config", "tune", "optuna", "ray", "excluded", "suggest", "search", "param_space"}
OWN_CALLS = {
    *("suggest_float", "suggest_int", "suggest_categorical", "get", "TrialPruned", "excluded"),
    *("uniform", "loguniform", "randint", "lograndint", "choice", "sample_from", "sample"),
    *("Float", "Int", "Choice", "Fixed", "conditional_scope"),
}


@st.composite
def hostile_spaces(draw: st.DrawFn) -> SearchSpace:
    names = draw(st.lists(NAMES, min_size=2, max_size=5, unique=True))
    choices = draw(st.lists(VALUES, min_size=1, max_size=4, unique_by=repr))
    parent = Parent(param=names[0], name=names[0], values=tuple(choices[:1]))
    low, high = sorted(draw(st.tuples(st.floats(1e-9, 1e9), st.floats(1e-9, 1e9))))
    dimensions = [listed(names[0], *choices), ranged(names[1], low, high, log=draw(st.booleans()), parent=parent)]
    dimensions += [listed(name, draw(VALUES), reasons=(draw(NAMES),)) for name in names[2:]]
    conditions = (
        Condition(param=names[0], op="==", value=draw(st.one_of(st.text(), st.floats(-1e9, 1e9)))),
        Condition(param=names[1], op=draw(st.sampled_from([">", "<=", "missing", "set"])), value=1.0),
    )
    return space(
        *dimensions,
        excluded=(excluding(*conditions, text=draw(NAMES)),),
        metric=draw(NAMES),
        notes=(draw(NAMES),),
    )


@given(hostile_spaces())
def test_generated_python_holds_names_and_values_as_literals_only(within: SearchSpace) -> None:
    texts = {one.name for one in within.dimensions}
    for form in PYTHON:
        tree = ast.parse(export(within, form))
        for node in ast.walk(tree):
            assert isinstance(node, NODES), (form, ast.dump(node))
            if isinstance(node, ast.Name):
                assert node.id in OWN_NAMES, form
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id  # type: ignore[attr-defined]
                assert called in OWN_CALLS, form
        constants = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        said = constants | {"/".join(name.split("/")) for name in constants if isinstance(name, str)}
        assert form == "ray" or texts <= said, form


@given(hostile_spaces())
def test_generated_yaml_reads_back_as_what_was_meant(within: SearchSpace) -> None:
    config = yaml.safe_load(export(within, "wandb"))
    assert set(config) <= {"method", "metric", "parameters"}
    for one in within.dimensions:
        if one.name not in config["parameters"]:
            continue
        said = config["parameters"][one.name]
        if one.kind == "choice":
            values = said["values"] if "values" in said else [said["value"]]
            assert [(type(v), v) for v in values] == [(type(v), v) for v in one.choices]
        elif "value" not in said:
            assert (said["min"], said["max"]) == (one.low, one.high)


@given(hostile_spaces())
def test_json_reads_back_as_the_space(within: SearchSpace) -> None:
    assert msgspec.json.decode(export(within, "json").encode(), type=SearchSpace) == within


def test_what_a_tool_cannot_say_is_said_in_a_comment() -> None:
    within = everything()
    wandb, ray, keras = export(within, "wandb"), export(within, "ray"), export(within, "keras-tuner")
    assert "# Left out, because W&B allows no parameter of this name: optim/lr" in wandb
    assert "# W&B cannot leave out a combination; skip runs with a pair (Diverged, C1)." in wandb
    assert "Ray cannot leave out a combination" in ray
    assert "KerasTuner cannot leave out a combination" in keras
    conditional = space(
        listed("opt", "adam", "sgd"), ranged("m", 0.0, 0.9, parent=Parent(param="opt", name="opt", values=("sgd",)))
    )
    assert "# m counts only where opt is sgd; W&B draws it always." in export(conditional, "wandb")


def test_a_name_that_is_the_folder_of_another_stays_whole_in_ray() -> None:
    text = export(space(ranged("a", 0.0, 1.0), ranged("a/b", 0.0, 1.0)), "ray")
    assert "'a': tune.uniform(0.0, 1.0)" in text
    assert "'a/b': tune.uniform(0.0, 1.0)" in text


def test_the_formats_are_those_of_the_command() -> None:
    from hparam_ci.commands.next_space import FORMATS as OFFERED

    assert set(OFFERED) == {*FORMATS, "terminal"}
