"""Ray Tune: a `param_space`, nested as the names of the columns were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hparam_ci.advice.exports.python_text import comment, excluded_function, header, is_set, literal, parents_first
from hparam_ci.inspection import Dimension, SearchSpace

SEPARATOR = "/"


def render(space: SearchSpace) -> str:
    """Python with `param_space`; Ray's samplers cannot leave out a combination, so `excluded` is for the trainable."""
    paths = _paths(space)

    def access(one: Dimension) -> str:
        return "config" + "".join(f"[{literal(part)}]" for part in paths[one.param])

    by_param = {one.param: one for one in space.dimensions}
    tree: dict[str, Any] = {}
    for one in parents_first(space):
        *folders, last = paths[one.param]
        place = tree
        for folder in folders:
            place = place.setdefault(folder, {})
        condition = is_set(one, by_param, access)
        drawn = _drawn(one)
        place[last] = (
            f"tune.sample_from(lambda config: {drawn}.sample() if {condition} else None)" if condition else drawn
        )
    lines = [*header(space, "Ray Tune")]
    if any(is_set(one, by_param, access) for one in space.dimensions):
        lines.append(comment("sample_from keeps a conditional parameter conditional; it needs Ray's own search."))
    if space.excluded:
        lines.append(comment("Ray cannot leave out a combination: end a trial at once where excluded(config) is true."))
    lines += ["from ray import tune", "", "", *excluded_function(space, "config", access)]
    return "\n".join([*lines, "param_space = " + _shown(tree, 0)]) + "\n"


def _paths(space: SearchSpace) -> dict[str, tuple[str, ...]]:
    """Where each dimension goes; names stay whole where a folder of one is the name of another."""
    paths = {one.param: tuple(one.name.split(SEPARATOR)) for one in space.dimensions}
    clash = any(a != b and a == b[: len(a)] for a in paths.values() for b in paths.values())
    empty = any(not part for path in paths.values() for part in path)
    return {one.param: (one.name,) for one in space.dimensions} if clash or empty else paths


def _shown(tree: Mapping[str, Any], depth: int) -> str:
    indent = "    " * (depth + 1)
    lines = [
        f"{indent}{literal(key)}: {_shown(value, depth + 1) if isinstance(value, dict) else value},"
        for key, value in tree.items()
    ]
    return "\n".join(["{", *lines, "    " * depth + "}"])


def _drawn(one: Dimension) -> str:
    if one.kind == "choice":
        return f"tune.choice({literal(one.choices)})"
    assert one.low is not None
    assert one.high is not None
    if one.low == one.high:
        return f"tune.choice({literal([int(one.low) if one.kind == 'int' else one.low])})"
    if one.kind == "int":
        return f"tune.{'lograndint' if one.log else 'randint'}({int(one.low)}, {int(one.high) + 1})"
    return f"tune.{'loguniform' if one.log else 'uniform'}({literal(one.low)}, {literal(one.high)})"
