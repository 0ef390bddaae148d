"""Every `not` and `without` of a clause must deny something that is understood, or it turns the clause round unseen.

What is understood: values of a hyperparameter (not set, not adamw), bounds (not above 0.1), advice (do not combine),
certainty (not proven), limits and verdict, trials that did not fail, and what a fact says is not known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hparam_ci.crew.facts import Fact
from hparam_ci.crew.language import AVOID, HIGH, KEEP, LOW, LOWERING, RAISING, TRIAL_NOUNS
from hparam_ci.crew.text import Token, plain

_DENYING = frozenset("not never cannot".split())
_GIVEN = frozenset(
    "set given specified provided defined present enabled active used applied configured being use have setting using "
    "having specifying in equal".split()
)
_MODALS = frozenset("do should must shall ought can may to please".split())
_AUXILIARY = frozenset("be been being get it them this that either".split())
_FORBIDDEN_ACTS = (
    KEEP
    | RAISING
    | LOWERING
    | frozenset(
        "go exceed combine combined pair paired let run schedule scheduled used kept set left allow allowed repeat repeated "
        "mix mixed push put pass chosen tried paired raised lowered sampled explored searched included extended lifted "
        "exceeded reach include lower higher train launch rerun".split()
    )
) - AVOID
_HARM = frozenset("affected sick occur happen appear arise show exhibit have produce hit go suffer report".split())
_UNKNOWN = frozenset(
    "determined told known explained established identified found show tell clear enough yet be say".split()
)
_UNTRUE_OF_NOISE = frozenset(
    "matter matters move moves affect affects influence important drive drives decide decides more beyond".split()
)
_MET = frozenset("pass passed passing met meet within respected kept satisfied inside below under".split())
_PASSED = frozenset("exceed exceeded exceeding above over beyond cross crossed breach breached violated".split())
_OBJECTS = frozenset(
    "it them both either that this these those the such any exception combination condition conditions setting settings "
    "pair pairing region corner , ; : ) ( . and or but while in is are was were one a an at having having of these"
    " alone being".split()
)


def stray_denial(tokens: Sequence[Token], fact: Fact, sides: set[int]) -> str | None:
    """The first denial in the clause that nothing has looked at; None if there is none."""
    own = plain(" ".join(fact.words))
    for at, token in enumerate(tokens):
        if token.text in _DENYING and token.kind == "word":
            problem = _denied(tokens, at, fact, sides, own)
        elif token.text == "without":
            problem = _without(tokens, at, fact, own)
        else:
            continue
        if problem:
            return problem
    return None


def _denied(tokens: Sequence[Token], at: int, fact: Fact, sides: set[int], own: str) -> str | None:
    following = list(tokens[at + 1 : at + 6])
    texts = [one.text for one in following]
    first = texts[0] if texts else ""
    if not following or re.search(rf"\b{tokens[at].text} {re.escape(first)}\b", own):
        return None if following else "denies something that the evidence does not deny"
    if first in ("all", "every", "each"):
        return None  # a share, which is looked at as one
    if _of_values(tokens, at) or _of_a_bound(following) or _of_the_unknown(texts, fact):
        return None
    if fact.kind in ("limit", "verdict") and set(texts[:3]) & (_MET | _PASSED):
        return None  # what the gate says, which is looked at there
    if _of_advice(tokens, at):
        return "denies what it advises" if set(texts[:2]) & (AVOID - {"not", "never"}) else None
    if fact.kind == "hint" and set(texts[:3]) & {"proven", "certain", "proof", "cause", "causal"}:
        return None
    if first in ("certain", "proven") and fact.outcome in ("strong", "suggestive"):
        return None
    if "cause" in texts[:3] and ("not a cause" in own or "association" in own):
        return None
    return _of_issue(tokens, at, fact, sides)


def _of_values(tokens: Sequence[Token], at: int) -> bool:
    """`not set`, `is not adamw`, `not having lr > 0.1`: beside the hyperparameter whose value it is."""
    following = tokens[at + 1 : at + 4]
    named = any(one.kind in ("param", "level") for one in [*tokens[max(0, at - 4) : at], *following])
    valued = following[0].kind in ("level", "sign") or (
        following[0].kind == "number" and any(one.kind == "param" for one in tokens[max(0, at - 3) : at])
    )
    blank = {"unset", "blank", "off", "missing", "out"} & {one.text for one in following}
    return named and (valued or following[0].text in _GIVEN or bool(blank))


def _of_a_bound(following: Sequence[Token]) -> bool:
    """`not above 0.1`, `not more than 0.1`, `not exceed`."""
    if following[0].text in ("exceed", "exceeding", "exceeded", "surpass"):
        return True
    bound = following[0].text in HIGH | LOW | {"more", "less"}
    return bound and any(one.kind == "number" for one in following[1:3])


def _of_the_unknown(texts: Sequence[str], fact: Fact) -> bool:
    if fact.kind == "importance":
        return fact.outcome == "noise" and bool(set(texts[:3]) & _UNTRUE_OF_NOISE)
    if fact.kind == "space":
        return bool(set(texts[:4]) & {"searched", "left", "among", "part", "unset", "included", "explored"})
    unknown = fact.kind == "undetermined" or (fact.kind == "advice" and not fact.conditions)
    return unknown and bool(set(texts[:4]) & _UNKNOWN)


def _of_advice(tokens: Sequence[Token], at: int) -> bool:
    before = tokens[at - 1].text if at else ""
    rest = [one.text for one in tokens[at + 1 : at + 5] if one.text not in _AUXILIARY]
    opened = before in _MODALS or tokens[at].text == "never" or before in ("", ",", ";", ":", "and", "so")
    told = bool(rest) and (rest[0] in _FORBIDDEN_ACTS or rest[0] in AVOID)
    return opened and told


def _of_issue(tokens: Sequence[Token], at: int, fact: Fact, sides: set[int]) -> str | None:
    """`5 of 31 did not diverge` counts them, `trials below it did not diverge` says that none of them did."""
    near = tokens[at + 1 : at + 5]
    harmed = next((one for one in near if one.kind == "issue" or one.text in _HARM | {"affected"}), None)
    if harmed is None:
        return "denies something that the evidence does not deny"
    if _counts_before(tokens, at):
        return None
    role = "outside" if sides == {-1} else "inside" if sides == {1} else ""
    pairs = [pair for pair in fact.pairs if pair.role == role]
    return None if pairs and all(pair.a == 0 for pair in pairs) else "denies something that the evidence does not deny"


def _counts_before(tokens: Sequence[Token], at: int) -> bool:
    """Whether a count of trials stands before, whose trials are the ones spoken of."""
    for one in reversed(tokens[max(0, at - 9) : at]):
        if one.text in (";", ":", ","):
            return False
        if one.kind == "number":
            return True
    return False


def _without(tokens: Sequence[Token], at: int, fact: Fact, own: str) -> str | None:
    """`without` leads to a hyperparameter, to what was said before, or to the issue that counted trials are free of."""
    following = tokens[at + 1 : at + 5]
    if not following:
        return None
    if following[0].kind == "number" and following[1:2] and following[1].text in ("of", "%", "out"):
        return "says without what"
    first = next((one for one in following if one.text not in ("a", "an", "any", "the", "such", "-", "both", "either")), None)
    if first is None or first.kind in ("param", "level", "sign", "number", "mark"):
        return None
    if first.kind == "issue":
        counted = any(one.kind == "number" for one in tokens[max(0, at - 4) : at])
        nouns = {one.text for one in tokens[max(0, at - 3) : at]} & TRIAL_NOUNS
        return None if counted and nouns else "denies something that the evidence does not deny"
    if first.text in _OBJECTS | HIGH | LOW or re.search(rf"\b{re.escape(first.text)}\b", own):
        return None
    return f"says without {first.text}"
