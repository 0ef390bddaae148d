"""All, none, most and their like: true of the counts that the clause means."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hparam_ci.crew.facts import Fact, Pair
from hparam_ci.crew.language import ALL, KEEP, NONE, SHARES, TRIAL_NOUNS
from hparam_ci.crew.quantifiers import OF_THE_ISSUE, claimed_shares, counted_roles
from hparam_ci.crew.quantities import Number, numbers
from hparam_ci.crew.ranges import is_outlook
from hparam_ci.crew.text import Token, place_of, plain


def untrue_share(tokens: Sequence[Token], fact: Fact, sides: set[int]) -> str | None:
    """The first word of the clause that claims a share which the fact does not have; None if there is none."""
    if fact.kind == "finding":
        return _of_remark(tokens, fact)
    if fact.kind == "undetermined" and any(pair in _ONE_MORE for pair in pairwise(token.text for token in tokens)):
        return None if any(one.value == 1 for one in fact.amounts[1:]) else "more trials than one are needed"
    if fact.kind in ("range", "issue", "undetermined"):
        return None
    given = [number for number in numbers(tokens, frozenset()) if number.of and number.unit != "hours"]
    if _of_some(tokens, fact, sides):
        return "there are none"
    for at, low, high in claimed_shares(tokens):
        if _is_no_share(tokens, at, fact) or (tokens[at].text == "never" and _counts_spared(given, at, fact)):
            continue
        if is_outlook(fact) and tokens[at].text in SHARES:
            return f"{tokens[at].text} is not what it says"
        pairs = _meant(tokens, at, fact, sides, given)
        if not any(low - 1e-9 <= pair.a / pair.n <= high + 1e-9 for pair in pairs if pair.n):
            return f"{tokens[at].text} is not what it counts"
    return None


_ONE_MORE = (("one", "more"), ("another", "trial"), ("another", "run"), ("one", "further"), ("one", "additional"))


def _of_some(tokens: Sequence[Token], fact: Fact, sides: set[int]) -> bool:
    """Whether `some`, `several` or `many` are said to have the issue where none have, or few."""
    role = {"limit": "limit", "count": "count"}.get(fact.kind, "outside" if sides == {-1} else "")
    pairs = [pair for pair in fact.pairs if pair.role == role and pair.n]
    for at, token in enumerate(tokens[:-1]):
        behind = tokens[at + 1 :]
        if token.text not in _SOME or behind[0].kind in ("number", "param") or behind[0].text in ("more", "as"):
            continue
        issue = next((place for place, one in enumerate(behind) if one.kind == "issue"), None)
        if issue is None or any(one.text in NONE | {"not"} for one in behind[:issue]):
            continue
        least = 0.1 if token.text == "many" and tokens[at - 1].text not in ("as", "how", "so") else 0.0
        if fact.kind == "limit" and tokens[at - 1].text == "too":
            return fact.outcome == "pass" or token.text == "few"
        if pairs and all(pair.a == 0 or pair.a / pair.n < least for pair in pairs):
            return True
    return False


_SOME = frozenset("some something several many few".split())


def _counts_spared(given: Sequence[Number], at: int, fact: Fact) -> bool:
    """`9 of 37 trials with it never overfit`, where 28 of the 37 did."""
    before = [(number.token.value, number.of.value) for number in given if number.of and number.at < at]
    return any((pair.n - pair.a, pair.n) in before for pair in fact.pairs)


def _is_no_share(tokens: Sequence[Token], at: int, fact: Fact) -> bool:
    """Whether the word is the fact's own, or looked at elsewhere."""
    text, texts = tokens[at].text, {token.text for token in tokens}
    own = plain(" ".join(fact.words)).split()
    if is_outlook(fact) and (text in NONE or (text in _MOST and fact.kind == "importance")):
        return True
    if fact.kind == "limit" and text in ALL and {"within", "above", "below"} & texts:
        return True  # `all stay within their limits`, one limit at a time
    if fact.kind == "advice" and not fact.conditions and (text in own or ("most" in own and text in _MOST)):
        return True
    told = {"should", "must"} & texts or tokens[0].text in KEEP
    of_the = [token.text for token in tokens[at + 1 : at + 3]] == ["of", "the"]  # `all of the best 21 trials`
    return fact.kind in ("advice", "space") and text in ALL and bool(told) and not of_the


_MOST = frozenset(("most", "majority"))


def _meant(tokens: Sequence[Token], at: int, fact: Fact, sides: set[int], given: Sequence[Number]) -> list[Pair]:
    """The counts that the word can speak of: those that are written beside it, if they can be."""
    roles = counted_roles(tokens, at, sides)
    pairs = [pair for pair in fact.pairs if pair.role in roles]
    written = [(number.token.value, number.of.value) for number in given if number.of]
    if len(written) != 1 or not (same := [pair for pair in fact.pairs if (pair.a, pair.n) == written[0]]):
        return pairs
    behind = [token.text for token in tokens[given[0].until + 1 : given[0].until + 2]]
    apart = tokens[at].text not in OF_THE_ISSUE or (bool(behind) and behind[0] in TRIAL_NOUNS)
    return [pair for pair in same if pair in pairs] or (pairs if apart else [])


def _most_of_it(tokens: Sequence[Token], fact: Fact) -> bool:
    """Whether the issue of which `most` is said is the one of which the remark says it."""
    issues = [token for token in tokens if token.kind == "issue"]
    parts = [part for part in plain(fact.words[0]).split(";") if "most" in part]
    if not parts:
        return not issues or any(token.kind == "number" for token in tokens)
    return not issues or any(all(place_of(one, part) >= 0 for one in issues) for part in parts)


def _of_remark(tokens: Sequence[Token], fact: Fact) -> str | None:
    """`most of the 14.2 hours, 9.17 of them`: as the remark says, or as the two numbers do."""
    own = plain(" ".join(fact.words)).split()
    if "most went into" in plain(fact.words[0]) and _SAVING & {token.text for token in tokens}:
        return "it does not say that they saved it"
    if any(token.text == "most" for token in tokens) and not _most_of_it(tokens, fact):
        return "most is not what it says"
    values = [token.value for token in tokens if token.kind == "number" and token.value > 0]
    for at, low, high in claimed_shares(tokens):
        if _is_not_told(tokens, at, fact, own, values):
            return f"{tokens[at].text} is not what it says"
        if tokens[at].text not in SHARES or tokens[at].text in own:
            continue
        if len(values) == 2 and values[0] < values[1]:
            return "a part of it is more than the whole"
        share = min(values) / max(values) if len(values) == 2 else 0.6 if not values else None
        if share is None or not low <= share <= high:
            return f"{tokens[at].text} is not what it says"
    return None


def _is_not_told(tokens: Sequence[Token], at: int, fact: Fact, own: list[str], values: Sequence[float]) -> bool:
    """Whether the word claims all, none or most where the remark has no such word."""
    text, every = tokens[at].text, {"every", "all", "always"}
    if text in ("mostly", "mainly"):
        return not _most_of_it(tokens, fact)
    if text == "all" and [one.text for one in tokens[at + 1 : at + 3]] == ["of", "the"] and len(values) == 1:
        return True  # `all of the 14.2 hours`
    if text in every:
        return not every & set(own) and not values
    turned = bool(every & set(own)) and not NONE & set(own)  # `fails for no run`, where it is for every run
    return text in NONE and text not in own and (turned or tokens[at - 1].text == "of")


_SAVING = frozenset("saved saves spared spares".split())
