"""Pieces of generated Python. Names and values come from files: they appear as literals only, comments on one line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hparam_ci.inspection import Condition, Dimension, Exclusion, SearchSpace, Value

WIDTH = 200

Access = Callable[[Dimension], str]


def comment(text: str) -> str:
    """A comment of one line, without anything that is not printed."""
    line = "".join(char if char.isprintable() else "?" for char in " ".join(text.split()))
    return f"# {line[:WIDTH]}{'…' if len(line) > WIDTH else ''}"


def header(space: SearchSpace, tool: str) -> list[str]:
    """What the text is, what it aims at, and what was left open."""
    goal = f", to {space.goal} {space.metric}" if space.metric else ""
    lines = [comment(f"Next search space for {tool}, proposed by hparam-inspector{goal}.")]
    for one in space.dimensions:
        lines += [comment(f"{one.name}: {reason}") for reason in one.reasons]
    return lines + [comment(note) for note in space.notes]


def literal(value: Value | Sequence[Value]) -> str:
    """A Python literal."""
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(repr(one) for one in value) + "]"
    return repr(value)


def parents_first(space: SearchSpace) -> list[Dimension]:
    """The dimensions, each behind the one that decides whether it is set."""
    done: dict[str, Dimension] = {}
    waiting = list(space.dimensions)
    present = {one.param for one in waiting}
    while waiting:
        ready = [
            one for one in waiting if not one.parent or one.parent.param in done or one.parent.param not in present
        ]
        for one in ready or waiting:
            done[one.param] = one
        waiting = [one for one in waiting if one.param not in done]
    return list(done.values())


def is_set(one: Dimension, by_param: dict[str, Dimension], access: Access) -> str | None:
    """The expression under which a conditional dimension is set; None for any other."""
    if one.parent is None or one.parent.param not in by_param:
        return None
    return among(access(by_param[one.parent.param]), one.parent.values)


def among(name: str, values: Sequence[Value]) -> str:
    """The expression that a name has one of these values."""
    if len(values) != 1:
        return f"{name} in {literal(values)}"
    return f"{name} {'is' if values[0] is None or isinstance(values[0], bool) else '=='} {literal(values[0])}"


def excluded_function(space: SearchSpace, argument: str, access: Access) -> list[str]:
    """A function that says whether a configuration lies in an excluded part; nothing where no part is."""
    if not space.excluded:
        return []
    by_param = {one.param: one for one in space.dimensions}
    terms = [
        f"        {'or ' if i else ''}({_all_of(one, by_param, access)})  {comment(f'{one.issue} ({one.evidence})')}"
        for i, one in enumerate(space.excluded)
    ]
    doc = '    """Whether a configuration lies where trials were sick."""'
    return [f"def excluded({argument}):", doc, "    return (", *terms, "    )", "", ""]


def _all_of(one: Exclusion, by_param: dict[str, Dimension], access: Access) -> str:
    return " and ".join(meets(condition, by_param[condition.param], access) for condition in one.conditions)


def meets(condition: Condition, one: Dimension, access: Access) -> str:
    """The condition as an expression."""
    name = access(one)
    if one.kind == "choice":
        return among(name, [value for value in one.choices if _met(condition, value)])
    if condition.op in ("missing", "set"):
        return f"{name} is {'not ' if condition.op == 'set' else ''}None"
    guard = f"{name} is not None and " if one.parent else ""
    return guard + _compared(condition, name)


def _compared(condition: Condition, name: str) -> str:
    value = condition.value
    if isinstance(value, tuple):
        if condition.op == "in":
            return f"{name} in {literal(value)}"
        inside = f"{literal(value[0])} <= {name} <= {literal(value[1])}"
        return f"({inside})" if condition.op == "between" else f"(not {inside})"
    return f"{name} {condition.op} {literal(value)}"


def _met(condition: Condition, value: Value) -> bool:
    """Whether a choice meets a condition; texts of causes are what a number or a boolean prints as."""
    op, wanted = condition.op, condition.value
    if op in ("missing", "set"):
        return (value is None) == (op == "missing")
    if value is None:
        return op in ("==", "in") and "None" in (wanted if isinstance(wanted, tuple) else (wanted,))
    if op in ("==", "!=", "in"):
        same = any(_prints_as(value, each) for each in (wanted if isinstance(wanted, tuple) else (wanted,)))
        return same != (op == "!=")
    if isinstance(value, (str, bool)):
        return False
    if isinstance(wanted, tuple):
        inside = float(wanted[0]) <= value <= float(wanted[1])
        return inside == (op == "between")
    limit = float(wanted or 0)
    return value > limit if op == ">" else value <= limit


def _prints_as(value: Value, wanted: float | str | None) -> bool:
    if isinstance(wanted, str):
        shown = format(value, ".6g") if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
        return shown == wanted or (isinstance(value, bool) and shown.lower() == wanted.lower())
    return not isinstance(value, (str, bool)) and value == wanted
