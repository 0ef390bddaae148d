"""Optuna: a function that suggests one configuration."""

from __future__ import annotations

from hparam_ci.advice.exports.python_text import comment, excluded_function, header, is_set, literal, parents_first
from hparam_ci.inspection import Dimension, SearchSpace


def render(space: SearchSpace) -> str:
    """Python with a function `suggest(trial)`; what is excluded is pruned before it is trained."""
    by_param = {one.param: one for one in space.dimensions}
    lines = [*header(space, "Optuna"), "import optuna", "", ""]
    lines += excluded_function(space, "p", _get)
    lines += ["def suggest(trial):", '    """One configuration of the next search space."""', "    p = {}"]
    for one in parents_first(space):
        assignment = f"p[{literal(one.name)}] = {_suggested(one)}"
        condition = is_set(one, by_param, _get)
        lines += [f"    if {condition}:", f"        {assignment}"] if condition else [f"    {assignment}"]
    if space.excluded:
        lines += [
            "    if excluded(p):",
            '        raise optuna.TrialPruned("an earlier sweep was sick there")',
        ]
    lines += ["    return p", "", ""]
    direction = f"direction={literal(space.goal)}" if space.goal else ""
    lines += [comment(f"study = optuna.create_study({direction})")]
    lines += ["# study.optimize(lambda trial: train(**suggest(trial)), n_trials=100)"]
    return "\n".join(lines) + "\n"


def _get(one: Dimension) -> str:
    return f"p.get({literal(one.name)})" if one.parent else f"p[{literal(one.name)}]"


def _suggested(one: Dimension) -> str:
    name = literal(one.name)
    if one.kind == "choice":
        return f"trial.suggest_categorical({name}, {literal(one.choices)})"
    assert one.low is not None
    assert one.high is not None
    log = ", log=True" if one.log else ""
    if one.kind == "int":
        return f"trial.suggest_int({name}, {int(one.low)}, {int(one.high)}{log})"
    return f"trial.suggest_float({name}, {literal(one.low)}, {literal(one.high)}{log})"
