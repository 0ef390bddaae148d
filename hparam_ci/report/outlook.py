"""What to say of what moves the objective and of the next search space. Plain text: each sink sanitises it."""

from __future__ import annotations

from collections.abc import Sequence

from hparam_ci.inspection import Dimension, Drivers, Importance, SearchSpace, SweepResult, Value
from hparam_ci.wording import show_number

MOST_NAMES = 8
FORMATS = "wandb, ray, keras-tuner or json"


def moving(drivers: Drivers) -> list[Importance]:
    """The hyperparameters that move the objective more than noise would."""
    return [one for one in drivers.hyperparameters if not one.noise]


def drivers_note(drivers: Drivers) -> str:
    """What the ranking rests on, and which hyperparameters chance alone would rank as high."""
    noise = [one.param for one in drivers.hyperparameters if one.noise]
    among = f"best {drivers.top} of {drivers.trials} finished trials against all of them"
    if not moving(drivers):
        return f"No hyperparameter moves {drivers.metric} more than chance would ({among})."
    said = f"Share of PED-ANOVA importance with its 95% interval, {among}: associations, not causes."
    return said + (f" No more than noise: {few(noise)}." if noise else "")


def importance(one: Importance) -> str:
    """`49% (24 to 78%)`."""
    return f"{100 * one.share:.0f}% ({100 * one.low:.0f} to {100 * one.high:.0f}%)"


def best(one: Importance) -> str:
    """Where the best trials lie: `low, 0.001 to 0.06`, `adam or sgd`."""
    side = {"higher": "high, ", "lower": "low, ", "interior": "in between, "}.get(one.direction, "")
    if one.levels:
        return side + values(one.levels, " or ")
    if one.best is None:
        return "–"
    return side + span(one.best[0], one.best[1])


def changed(space: SearchSpace) -> list[Dimension]:
    """The dimensions that are not searched as before."""
    return [one for one in space.dimensions if one.change != "same"]


def space_title(space: SearchSpace) -> str:
    """`Next search space: lr and optimizer change, 2 combinations are excluded, 41% of the space is kept`."""
    names = [one.name for one in changed(space)]
    verb = "change" if len(names) > 1 else "changes"
    said = [f"{few(names)} {verb}"] if names else []
    if space.excluded:
        n = len(space.excluded)
        said.append(f"{n} region{'s' if n > 1 else ''} excluded")
    if not said:
        return "Next search space: as before"
    return f"Next search space: {', '.join(said)}; {100 * space.kept:.0f}% of the space is kept"


def worth_telling(sweep: SweepResult) -> bool:
    """Whether the next search space differs from the old one."""
    return sweep.next_space is not None and bool(changed(sweep.next_space) or sweep.next_space.excluded)


def searched(one: Dimension) -> str:
    """The range or the choices of before."""
    if one.kind == "choice":
        return values(one.searched)
    low, high = one.searched
    return span(_number(low), _number(high)) + (", log" if one.log else "")


def proposed(one: Dimension) -> str:
    """The range or the choices of the next search."""
    if one.kind == "choice":
        return values(one.choices)
    return span(float(one.low or 0), float(one.high or 0)) + (", log" if one.log else "")


def condition_of(one: Dimension) -> str:
    """`only where optimizer is sgd`, or nothing."""
    return f"only where {one.parent.name} is {values(one.parent.values, ' or ')}" if one.parent else ""


def command(path: str) -> str:
    """How to get the space as code."""
    return f"hparam-ci next {path} --format optuna"


def span(low: float, high: float) -> str:
    """`0.001 to 0.06`, or one number."""
    return _rounded(low) if low == high else f"{_rounded(low)} to {_rounded(high)}"


def values(listed: Sequence[Value], last: str = ", ") -> str:
    """`adam, sgd`, `16, 32, not set`."""
    texts = ["not set" if value is None else _shown(value) for value in listed]
    return last.join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else "".join(texts)


def few(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    rest = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")


def _rounded(value: float) -> str:
    whole = value.is_integer() and abs(value) < 1e6
    return f"{value:.0f}" if whole else show_number(value, 3)


def _shown(value: Value) -> str:
    return f"{value:.6g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def _number(value: Value) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0
