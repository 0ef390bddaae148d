"""Which values of a hyperparameter the words around its name speak of: high, low, or that it is set or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from hparam_ci.crew.language import HIGH, LOW, LOWERED, LOWERING, LYING, RAISED, RAISING, SWITCHING_OFF

Relation = Literal["high", "low", "equal", "other", "missing", "set", "between", "outside", "named", "torn"]

_HAVING = frozenset(
    "set use have specify define enable apply setting using having specifying defining enabling applying".split()
)


_GIVEN = frozenset("given specified provided defined present enabled active".split())


_BECOMING = frozenset("be been always stay remain left kept turned switched".split())


_YET = frozenset("yet even ever".split())


_TURNING = frozenset("turn turns turning turned switch switches switching switched leave leaving".split())


def set_or_not(left: list[str], lead: list[str], *, bare: bool) -> Relation | None:
    """Whether it is said to be on or off; `bare` where no value is given."""
    lead = [text for text in lead if text not in _YET and not text.endswith("ly")]  # `not explicitly set`
    words = set(lead)
    if told := _ordered(lead, bare=bare):
        return told
    if bare and _TURNING & set(left[-3:-1]) and left[-1] in ("on", "off"):
        return "set" if left[-1] == "on" else "missing"  # `turn off clipping`
    off = next((at for at, text in enumerate(lead[:4]) if text in _OFF), 0)
    if "not" in lead[max(0, off - 2) : off]:
        return "set"  # `is not missing`, `is not switched off`
    if {"unset", "missing", "blank", "disabled", "absent"} & words or (bare and _is_not_set(lead)):
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
    is_set = "set" in lead[:3] and not _is_valued(lead[lead.index("set") + 1 :])
    ordered = {"set", "setting", "enable", "enabling"} & set(left[-2:]) and not _is_valued(lead)
    return "set" if (bare and (is_set or ordered)) or "enabled" in lead[:3] else None


def _ordered(lead: list[str], *, bare: bool) -> Relation | None:
    """`should be set`, `must not be left unset`: on or off, its denial counted in."""
    if lead[:1] not in (["should"], ["must"]):
        return None
    rest = [text for text in lead[1:] if text not in _BECOMING]
    denied = rest[:1] in (["not"], ["never"])
    state = rest[denied : denied + 1]
    if state and state[0] in _OFF:
        return "set" if denied else "missing"
    if bare and state and state[0] in _ON and not _is_valued(rest[denied + 1 :]):
        return "missing" if denied else "set"
    return None


def _is_order(left: list[str]) -> bool:
    """`do not set it`, and not `trials that do not set it`."""
    opened = left[-1:] in (["do"], ["should"], ["must"])
    return opened and left[-2:-1] not in (["that"], ["which"], ["trials"], ["runs"])


def is_left_unused(left: list[str]) -> bool:
    """`trials that did not use lr above 0.1`, `not going above an lr of 0.1`, and not the order `do not use ...`."""
    words = [text for text in left if text not in ("a", "an", "the") and text not in LYING - _HAVING]
    ordered = _is_order(words[:-2]) or words[:-1] == ["never"]
    return words[-2:-1] in _DENIALS and words[-1] in _HAVING | HIGH | LOW and not ordered


_DENIALS = (["not"], ["never"], ["cannot"])


def _is_lacking(left: list[str]) -> bool:
    lacking = {"lack", "lacks", "lacked", "lacking"} & set(left[-3:])
    return bool(lacking) or "without" in left[-2:] or left[-1:] == ["no"] or bool({"unset", "missing"} & set(left[-2:]))


_OFF = frozenset("unset missing blank disabled absent off".split())
_ON = _GIVEN | {"on", "set"}
STATES = _OFF | _ON


def _is_not_set(lead: list[str]) -> bool:
    """`is not set`, `not being set`, and not `is not set above 0.1`."""
    at = lead.index("set") if "set" in lead else 0
    return "not" in lead[max(0, at - 3) : at] and not _is_valued(lead[at + 1 :])


def _is_valued(behind: list[str]) -> bool:
    """Whether `set` leads to values: `set too low`, `set to adamw`."""
    return next((text for text in behind if text not in ("too", "very")), "") in HIGH | LOW | {"to", "at"}


def direction(left: list[str], lead: list[str], after: list[str]) -> Relation | None:
    """High or low, from the words that lead to the value, else from those before the name or after the value."""
    joined = " ".join(text for text in lead if text not in LYING | RAISED | LOWERED).replace("never", "not")
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
    if found := _passive_side(lead):
        return found
    return "high" if left[-1:] == ["more"] else side_named(list(reversed(left[-3:])))


def _passive_side(lead: list[str]) -> Relation | None:
    """`lies above`, `is capped at`, else `should be raised`."""
    if {"capped", "limited", "restricted"} & set(lead[:-1]) and lead[-1] in ("at", "to"):
        return "low"
    if found := side_named([text for text in lead if text not in RAISED | LOWERED]):
        return found
    for at, text in enumerate(lead):
        if text in RAISED | LOWERED:
            return "high" if text in RAISED else "low"
        if text in ("up", "down") and lead[at - 1] in LYING:
            return "high" if text == "up" else "low"
    return None


def _moved_bound(left: list[str]) -> Relation | None:
    """`raise the upper bound of lr to 0.1` goes up, whatever bound it is."""
    ends = {"bound", "limit", "cap", "ceiling", "end", "edge", "threshold"} & set(left)
    if not ends:
        return None
    upper = bool({"upper", "top", "cap", "ceiling", "high"} & set(left))
    lower = "bottom" in left or any(text == "lower" and left[at + 1] in ends for at, text in enumerate(left[:-1]))
    if ends <= {"end", "edge"} and {"at", "near", "in", "towards"} & set(left) and upper != lower:
        return "high" if upper else "low"  # `it diverges at the upper end of lr`
    raised = bool(RAISING & set(left))
    lowered = any(text in LOWERING and left[at + 1] not in ends for at, text in enumerate(left[:-1]))
    if upper and not lower:
        return "high" if raised else "low"
    if lower and not upper:
        return "low" if lowered and not raised else "high"
    return "high" if raised else "low" if lowered else None


PHRASES: tuple[tuple[str, Relation], ...] = (
    *((f"{no} {more} than", "low") for no in ("no", "not") for more in ("more", "higher", "greater", "larger")),
    *((f"{no} {less} than", "high") for no in ("no", "not") for less in ("less", "fewer", "lower", "smaller")),
    *((f"not {beyond}", "low") for beyond in ("exceed", "above", "over", "beyond", "cross", "pass")),
    *((f"not {beyond}", "high") for beyond in ("below", "under", "beneath")),
    *((f"down {past}", "low") for past in ("past", "beyond", "over", "to")),
    ("at most", "low"),
    ("up to", "low"),
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
