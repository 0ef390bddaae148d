"""Which values of a hyperparameter the words around its name speak of: high, low, or that it is set or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from hparam_ci.crew.language import HIGH, LOW, LOWERING, RAISING, SWITCHING_OFF

Relation = Literal["high", "low", "equal", "other", "missing", "set", "between", "outside", "named", "torn"]

_HAVING = frozenset(
    "set use have specify define enable apply setting using having specifying defining enabling applying".split()
)


_GIVEN = frozenset("given specified provided defined present enabled active".split())


_TURNING = frozenset("turn turns turning turned switch switches switching switched leave leaving".split())


def set_or_not(left: list[str], lead: list[str], *, bare: bool) -> Relation | None:
    """Whether it is said to be on or off; `bare` where no value is given."""
    words = set(lead)
    off = next((at for at, text in enumerate(lead[:4]) if text in _OFF), 0)
    if "not" in lead[max(0, off - 2) : off]:
        return "set"  # `is not missing`, `is not switched off`
    if {"unset", "missing", "blank", "disabled", "absent"} & words or _is_not_set(lead):
        return "missing"
    being = lead[lead.index("be") + 1 :][:1] if "be" in lead[:3] else []
    turned = ("on" in lead[:1] and _TURNING & set(left[-2:])) or ("on" in lead[1:4] and _TURNING & set(lead[:3]))
    turned_on = bool(turned) or being == ["on"]  # `must be on`
    if bare and (turned_on or {"non-zero", "nonzero", "positive"} & {*left[-2:], *lead[:3]}):
        return "set"
    if bare and ("zero" in left[-1:] or "zero" in lead[:3]):
        return "missing"
    if bare and left[-2:-1] == ["not"] and left[-1] in _HAVING:
        return "set" if _is_order(left[:-2]) else "missing"
    if bare and _GIVEN & set(lead[:3]):
        return "missing" if "not" in lead[:3] else "set"
    turned_off = "off" in (*lead[:2], *being) or ("off" in lead[2:4] and _TURNING & set(lead[:3]))
    if turned_off or (bare and SWITCHING_OFF & set(left[-2:])) or _is_lacking(left):
        return "missing"
    is_set = "set" in lead[:3] and lead[lead.index("set") + 1 :][:1] not in (["to"], ["at"])
    ordered = {"set", "setting", "enable", "enabling"} & set(left[-2:]) and "to" not in lead[:4]
    return "set" if (bare and (is_set or ordered)) or "enabled" in lead[:3] else None


def _is_order(left: list[str]) -> bool:
    """`do not set it`, and not `trials that do not set it`."""
    opened = left[-1:] in (["do"], ["should"], ["must"])
    return opened and left[-2:-1] not in (["that"], ["which"], ["trials"], ["runs"])


def is_left_unused(left: list[str]) -> bool:
    """`trials that did not use lr above 0.1`, and not the order `do not use lr above 0.1`."""
    return left[-2:-1] == ["not"] and left[-1] in _HAVING and not _is_order(left[:-2])


def _is_lacking(left: list[str]) -> bool:
    lacking = {"lack", "lacks", "lacked", "lacking"} & set(left[-3:])
    return bool(lacking) or "without" in left[-2:] or left[-1:] == ["no"] or bool({"unset", "missing"} & set(left[-2:]))


STATES = frozenset("unset set blank missing enabled disabled given specified".split())
_OFF = frozenset("unset missing blank disabled absent off".split())


def _is_not_set(lead: list[str]) -> bool:
    """`is not set`, `not being set`; in `must not be left set` the leaving is denied."""
    at = lead.index("set") if "set" in lead else 0
    return "not" in lead[max(0, at - 2) : at] and "left" not in lead[:at]


def direction(left: list[str], lead: list[str], after: list[str]) -> Relation | None:
    """High or low, from the words that lead to the value, else from those before the name or after the value."""
    joined = " ".join(lead)
    for phrase, relation in PHRASES:
        if phrase in joined:
            return relation
    for at, text in enumerate(after[:2]):
        following = after[at + 1 : at + 2]
        if text in ("or", "and") and following and (following[0] in HIGH | LOW or following[0] == "more"):
            return "low" if following[0] in LOW else "high"
    if moved := _moved_bound(left):
        return moved
    if {"cap", "capping", "capped", "limit", "limiting", "restrict"} & set(left[-3:]) and lead[:1] in (["at"], ["to"]):
        return "low"
    if left[-2:-1] == ["too"] and left[-1] in ("much", "little", "many", "few"):
        return "high" if left[-1] in ("much", "many") else "low"
    if found := side_named(lead):
        return found
    return "high" if left[-1:] == ["more"] else side_named(list(reversed(left[-3:])))


def _moved_bound(left: list[str]) -> Relation | None:
    """`raise the upper bound of lr to 0.1` goes up, whatever bound it is."""
    ends = {"bound", "limit", "cap", "ceiling", "end", "edge", "threshold"} & set(left)
    if not ends:
        return None
    upper = bool({"upper", "top", "cap", "ceiling", "high"} & set(left))
    lower = "bottom" in left or any(text == "lower" and left[at + 1] in ends for at, text in enumerate(left[:-1]))
    raised = bool(RAISING & set(left))
    lowered = any(text in LOWERING and left[at + 1] not in ends for at, text in enumerate(left[:-1]))
    if upper and not lower:
        return "high" if raised else "low"
    if lower and not upper:
        return "low" if lowered and not raised else "high"
    return "high" if raised else "low" if lowered else None


PHRASES: tuple[tuple[str, Relation], ...] = (
    ("not exceed", "low"),
    ("never exceed", "low"),
    ("never above", "low"),
    ("never below", "high"),
    ("no fewer than", "high"),
    ("no lower than", "high"),
    ("no smaller than", "high"),
    ("not more than", "low"),
    ("not higher than", "low"),
    ("not greater than", "low"),
    ("not larger than", "low"),
    ("not above", "low"),
    ("not over", "low"),
    ("no more than", "low"),
    ("no higher than", "low"),
    ("no larger than", "low"),
    ("at most", "low"),
    ("up to", "low"),
    ("not below", "high"),
    ("no less than", "high"),
    ("at least", "high"),
)


def side_named(texts: Sequence[str]) -> Relation | None:
    """High or low, by the first word that says either."""
    for text in texts:
        if text in HIGH:
            return "high"
        if text in LOW:
            return "low"
    return None
