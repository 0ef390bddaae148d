"""KerasTuner: a function that declares the space on `hp`, for a hypermodel's `build`."""

from __future__ import annotations

from hparam_ci.advice.exports.python_text import comment, excluded_function, header, is_set, literal, parents_first
from hparam_ci.inspection import Dimension, SearchSpace, Value


def render(space: SearchSpace) -> str:
    """Python with a function `search(hp)`; KerasTuner cannot leave out a combination, so `excluded` says it."""
    by_param = {one.param: one for one in space.dimensions}
    lines = header(space, "KerasTuner")
    if space.excluded:
        lines.append(comment("KerasTuner cannot leave out a combination: skip a trial where excluded(p) is true."))
    lines += ["", "", *excluded_function(space, "p", _get)]
    lines += ["def search(hp):", '    """One configuration of the next search space."""', "    p = {}"]
    for one in parents_first(space):
        assignment = f"p[{literal(one.name)}] = {_declared(one)}"
        condition = is_set(one, by_param, _get)
        if condition and one.parent:
            parent = by_param[one.parent.param]
            values = literal([_code(value) if _is_coded(parent) else value for value in one.parent.values])
            lines += [f"    with hp.conditional_scope({literal(parent.name)}, {values}):"]
            lines += [f"        if {condition}:", f"            {assignment}"]
        else:
            lines.append(f"    {assignment}")
    return "\n".join([*lines, "    return p"]) + "\n"


def _get(one: Dimension) -> str:
    return f"p.get({literal(one.name)})" if one.parent else f"p[{literal(one.name)}]"


def _declared(one: Dimension) -> str:
    name = literal(one.name)
    if one.kind == "choice" and _is_coded(one):
        coded = ", ".join(f"{_code(value)!r}: {literal(value)}" for value in one.choices)
        return f"{{{coded}}}[hp.Choice({name}, {literal([_code(value) for value in one.choices])})]"
    if one.kind == "choice":
        return f"hp.Choice({name}, {literal(one.choices)})"
    assert one.low is not None
    assert one.high is not None
    ends = (int(one.low), int(one.high)) if one.kind == "int" else (one.low, one.high)
    if ends[0] == ends[1]:
        return f"hp.Fixed({name}, {literal(ends[0])})"
    log = ', sampling="log"' if one.log else ""
    method = "Int" if one.kind == "int" else "Float"
    return f"hp.{method}({name}, min_value={literal(ends[0])}, max_value={literal(ends[1])}{log})"


def _is_coded(one: Dimension) -> bool:
    """Whether the choices go as texts: KerasTuner takes no None, no mixture of types, and makes numbers of booleans."""
    types = {type(value) for value in one.choices}
    return one.kind == "choice" and (len(types) > 1 or bool(types & {bool, type(None)}))


def _code(value: Value) -> str:
    return repr(value)
