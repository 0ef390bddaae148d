"""The numbers of a clause: each with its unit, what it is out of, and whether it is a bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from hparam_ci.crew.language import ABOUT, HOURS, NOUNS, TRIAL_NOUNS
from hparam_ci.crew.text import Token
from hparam_ci.crew.values import close

Base = Literal["", "issue", "condition"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a sentence.

    Attributes:
        at: index of its token; `until` that of the last token that belongs to it.
        token: the number.
        of: the second number of `a of n`.
        unit: trials, %, points, times, p, hours, a noun of NOUNS, trial (an id) or "".
        about: it is said to be approximate.
        base: what it is a share of, where that is said: trials with the issue, or those with a condition.
        bound: +1 where the number is said to be passed (`over 60%`), -1 where it is not reached.
    """

    at: int
    until: int
    token: Token
    of: Token | None = None
    unit: str = ""
    about: bool = False
    bound: int = 0
    base: Base = ""

    def fits(self, value: float, slack: float = 0.0) -> bool:
        """Whether it can be said of the value: equal as it is written, or beyond it where that is said."""
        if self.bound:
            beyond = (value - self.token.value) * self.bound
            return beyond >= -self.token.step * (self.token.step < 0.5) and (self.bound > 0 or self.token.value <= 100)
        if self.about and not self.token.text[:1].isdigit() and self.unit == "%":
            slack = max(slack, 0.12)  # `nearly half`, `about a quarter`
        return close(self.token, value, slack)


def numbers(tokens: Sequence[Token], values: frozenset[int]) -> list[Number]:
    """The numbers of a sentence, without those that are values of hyperparameters (`values`)."""
    found: list[Number] = []
    ids = ids_in(tokens)
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "number" and at not in values:
            number = Number(at, at, token, unit="trial") if at in ids else _number(tokens, at)
            if not _is_level(number, tokens):
                found.append(number)
            at = number.until + 1
        else:
            at += 1
    return _turned(tokens, found)


def _turned(tokens: Sequence[Token], found: list[Number]) -> list[Number]:
    """`Out of 32 diverged trials, 26 ...` is 26 of 32, and `of 19.6 hours, 7.81 were lost` 7.81 of 19.6."""
    if len(found) < 2 or found[0].of or found[0].at > 3:
        return found
    first, second, *rest = found
    timed = first.unit == "hours" and hours(first, tokens) == 1.0
    if first.unit and not timed:
        return found
    opens = "of" in {token.text for token in tokens[: first.at]}
    if not opens or second.unit or second.of or "," not in {token.text for token in tokens[first.at : second.at]}:
        return found
    if timed:
        return [replace(second, of=first.token, unit="hours"), *rest]
    return [replace(second, of=first.token, base=_base(tokens[first.until + 1 :])), *rest]


def _is_level(number: Number, tokens: Sequence[Token]) -> bool:
    """The 95 % of a confidence interval."""
    following = [token.text for token in tokens[number.until + 1 : number.until + 3]]
    return number.unit == "%" and number.token.value == 95 and bool({"interval", "confidence"} & set(following))


def ids_in(tokens: Sequence[Token]) -> set[int]:
    """Tokens that are ids of trials: a list of whole numbers after `trial` or after `such as`."""
    found: set[int] = set()
    for at, token in enumerate(tokens):
        starts = token.text in (
            "trial",
            "trials",
            "run",
            "runs",
            "example",
            "examples",
            "e.g",
            "like",
            "as",
            "instance",
            "them",
            "including",
            "namely",
        )
        if token.kind != "word" or not starts:
            continue
        start = at + 1
        while start < len(tokens) and tokens[start].text in (":", "(", ".", "are", "include", "trials", "trial"):
            start += 1
        listed = _list(tokens, start)
        if tokens[start - 1].text == "(" and len(listed) < 2:
            continue
        counted = tokens[listed[-1] + 1 : listed[-1] + 2] if listed else []
        is_count = bool(counted) and counted[0].text in ("of", "%", "out", "times", "points", "seconds", "minutes")
        if token.text.endswith("s") and tokens[start - 1].text == ":" and len(listed) == 1:
            continue  # `diverged trials: 33`
        if listed and not (is_count and len(listed) == 1) and (at == 0 or tokens[at - 1].kind != "number"):
            found.update(listed)
    return found


def _list(tokens: Sequence[Token], start: int) -> list[int]:
    found: list[int] = []
    at = start
    if tokens[at : at + 1] and tokens[at].kind not in ("number", "trial"):
        return []
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "number" and token.text.isdigit():
            found.append(at)
        elif token.kind == "trial" or token.text in (",", "and", "or", "trial"):
            pass
        else:
            break
        at += 1
    return found


def _number(tokens: Sequence[Token], at: int) -> Number:
    about = any(token.text in ABOUT for token in tokens[max(0, at - 2) : at])
    second = _second(tokens, at)
    until = second if second is not None else at
    unit, until = _unit(tokens, until)
    if not unit and any(token.text == "p" for token in tokens[max(0, at - 4) : at]):
        unit = "p"
    whole = tokens[second] if second is not None else None
    following = tokens[until + 1 :]
    base: Base = ""
    if whole is not None:
        base = _base(following) or _base_of_cases(tokens, at, following)
    elif unit == "%" and following and following[0].text == "of":
        base = _base(following[1:])
    bounded = unit in ("%", "times", "hours") or (unit != "p" and _is_bounded_count(tokens, at))
    bound = _bound(tokens, at) if bounded else 0
    return Number(at, until, tokens[at], whole, unit, about, bound, base)


def _is_bounded_count(tokens: Sequence[Token], at: int) -> bool:
    """`more than 25 of 31`, `fewer than 30 trials`: never the number itself."""
    before = [token.text for token in tokens[max(0, at - 2) : at]]
    return before in (["more", "than"], ["fewer", "than"], ["less", "than"])


def _base(following: Sequence[Token]) -> Base:
    """What the trials are that a count is out of: `failed trials`, `adamw trials`, `trials with lr > 0.1`."""
    issue = condition = False
    for at, token in enumerate(following[:8]):
        if token.text == "-":
            continue
        if token.kind in ("number", "mark") or (token.kind == "word" and token.text in _VERBS):
            return ""
        if token.text in TRIAL_NOUNS:
            behind = following[at + 1 : at + 5]
            linked = bool(behind) and behind[0].text in _LINKS
            if linked and len(behind) > 1 and behind[1].kind == "issue":
                return "issue"
            if behind and behind[0].text in ("that", "which") and any(one.kind == "issue" for one in behind[1:3]):
                return "issue"
            linked = linked and any(one.kind in ("param", "level") for one in behind[1:])
            return "issue" if issue else "condition" if condition or linked else ""
        if token.kind == "issue":
            issue = True
            if at + 1 < len(following) and token.text in _ISSUE_NOUNS and following[at + 1].text not in TRIAL_NOUNS:
                return "issue"
        condition = condition or token.kind in ("param", "level")
    return ""


def _base_of_cases(tokens: Sequence[Token], at: int, following: Sequence[Token]) -> Base:
    """`trials with lr > 0.1 failed in 3 of 5 cases` is of those with it, `failures have it in 3 of 5 cases` of them."""
    if [token.text for token in following[:1]] not in (["cases"], ["instances"]) or tokens[at - 1].text != "in":
        return ""
    if tokens[0].text in TRIAL_NOUNS and not any(token.kind == "issue" for token in tokens[1:5]):
        return "condition"
    named = next((token.kind for token in tokens[:at] if token.kind in ("param", "level", "issue")), "")
    return "issue" if named == "issue" else "condition" if named else ""


_VERBS = frozenset("had have has were was are is did do used use ran run that which who went saw come came".split())


_LINKS = frozenset("with without using at on of where whose".split())


_ISSUE_NOUNS = frozenset("failures crashes divergences explosions nans infs cases overfits".split())


def _bound(tokens: Sequence[Token], at: int) -> int:
    """Whether the number is one that is passed, as in `more than 60%`, or one that is not reached."""
    before = [token.text for token in tokens[max(0, at - 4) : at]]
    before = before[:-1] if before[-1:] == ["a"] else before
    if "limit" in before or not before:
        return 0
    if before[-1] == "than":
        return 1 if before[-2:-1] in (["more"], ["higher"], ["greater"]) and "no" not in before else -1
    if before[-1] in ("over", "above", "exceeding", "beyond") or before[-2:] == ["at", "least"]:
        return 1
    if before[-1] in ("under", "below", "beneath") or before[-2:] in (["at", "most"], ["up", "to"]):
        return -1
    return 0


def _second(tokens: Sequence[Token], at: int) -> int | None:
    """The index of n in `a of n`, `a out of the n`, `a/n`, `a trials of n`."""
    texts = [token.text for token in tokens[at + 1 : at + 7]]
    skipped = 0
    while texts[skipped : skipped + 1] and (texts[skipped] in TRIAL_NOUNS or tokens[at + 1 + skipped].kind == "issue"):
        skipped += 1
    if texts[skipped : skipped + 3] == ["times", "out", "of"]:
        skipped += 1  # `63 times out of 104`
    if texts[skipped : skipped + 2] == ["times", "in"]:
        texts[skipped : skipped + 2] = ["out", "of"]
    rest = texts[skipped:]
    if not (rest[:1] in (["of"], ["/"]) or rest[:2] == ["out", "of"]):
        return None
    skipped += 2 if rest[:2] == ["out", "of"] else 1
    while texts[skipped : skipped + 1] and texts[skipped] in ("the", "all", "its", "these", "those", "their"):
        skipped += 1
    index = at + 1 + skipped
    return index if index < len(tokens) and tokens[index].kind == "number" else None


def _unit(tokens: Sequence[Token], until: int) -> tuple[str, int]:
    """The unit behind the token `until`, and the last token that belongs to it."""
    following = [token.text for token in tokens[until + 1 : until + 4]]
    if following[:1] in (["to"], ["and"]) and [one.kind for one in tokens[until + 2 : until + 3]] == ["number"]:
        shared, _ = _unit(tokens, until + 2)  # `64 to 90 points`
        if shared in ("%", "points"):
            return shared, until
    if following[:1] == ["%"]:
        joint = following[1:2] == ["-"]  # `59%-points`
        points = following[1 + joint : 2 + joint] in (["points"], ["point"])
        return ("points", until + 2 + joint) if points else ("%", until + 1)
    spelt = following[:2] in (["percentage", "points"], ["percent", "points"])
    if spelt or following[:1] in (["points"], ["percentage-point"], ["percentage-points"]):
        return "points", until + 1 + spelt
    if following[:1] in (["times"], ["x"], ["fold"]) or (following[:1] == ["-"] and following[1:2] == ["fold"]):
        return "times", until + 1
    if following[:1] and following[0] in HOURS:
        return "hours", until + 1
    noun = next((text for text in following if text in NOUNS), None)
    if noun and not set(following[: following.index(noun)]) & {"of", "with", "in", "and", ",", ";"}:
        return NOUNS[noun], until
    return "", until


def hours(number: Number, tokens: Sequence[Token]) -> float:
    """Hours in one of the number's units."""
    return HOURS.get(tokens[number.until].text, 1.0)
