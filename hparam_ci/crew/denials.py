"""Every `not` and `without` of a clause must deny something that is understood, or it turns the clause round unseen.

What is understood: values of a hyperparameter (not set, not adamw), bounds (not above 0.1), advice (do not combine),
certainty (not proven), limits and verdict, trials that did not fail, and what a fact says is not known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hparam_ci.crew.facts import Fact
from hparam_ci.crew.language import (
    AVOID,
    BOUNDS,
    HIGH,
    KEEP,
    LOW,
    LOWERED,
    LOWERING,
    LYING,
    NEARLY,
    NONE,
    RAISED,
    RAISING,
    SWITCHING_OFF,
    TRIAL_NOUNS,
)
from hparam_ci.crew.ranges import is_outlook
from hparam_ci.crew.text import Token, plain

_UNTOLD = "denies something that the evidence does not deny"
_NAUGHT = NONE - {"zero", "never"}
_DENYING = frozenset("not never cannot".split())
_NEED = ("need", "needs")
_FILLING = frozenset("be being been yet even ever".split())
_GIVEN = frozenset(
    "set given specified provided defined present enabled active used applied configured being use have setting using "
    "having specifying in equal on turned switched".split()
)
_HAVING = frozenset("have having use using apply specify".split())
_MODALS = frozenset("do should must shall can may to please".split())
_AUXILIARY = frozenset("be been being get it them this that either".split())
_FORBIDDEN_ACTS = (
    KEEP
    | RAISING
    | LOWERING
    | frozenset(
        "go exceed combine combined pair paired let run schedule scheduled used kept set left allow allowed repeat "
        "repeated mix mixed push put pass chosen tried raised lowered sampled explored searched included extended "
        "lifted exceeded reach include lower higher train launch rerun".split()
    )
) - AVOID
_SEARCHED = frozenset("searched tried explored sampled covered".split())
_HARM = frozenset("affected sick occur happen appear arise show exhibit have produce hit go suffer report".split())
_UNKNOWN = frozenset(
    "determined told known explained established identified found show tell clear enough yet be say".split()
)
_UNTRUE_OF_NOISE = frozenset(
    "matter matters move moves affect affects influence important drive drives decide decides more beyond "
    "distinguishable influence effect measurable significant role".split()
)
_MET = frozenset("pass passed passing met meet within respected kept satisfied inside below under".split())
_PASSED = frozenset("exceed exceeded exceeding above over beyond cross crossed breach breached violated".split())
_CHANGED = frozenset("narrow extend widen shrink move shift".split())
COUNTED = TRIAL_NOUNS | {"of", "%", "out"}
_OBJECTS = frozenset(
    "it them both either that this these those the such any exception combination condition conditions setting "
    "settings hyperparameter hyperparameters pair pairing region corner , ; : ) ( . and or but while in is are was "
    "were one a an at having of alone being".split()
)


_OPPOSITES = [
    *(("earlier", "later"), ("early", "late"), ("wider", "narrower"), ("short", "long"), ("smaller", "larger")),
    *(
        ("first", "last"),
        ("add", "remove"),
        ("up", "down"),
        ("up", "downward"),
        ("up", "downwards"),
        ("more", "less"),
        ("more", "fewer"),
    ),
]


def _turned(tokens: Sequence[Token], fact: Fact, own: str) -> str | None:
    """The word whose opposite is what a fact of free text says: `stop later` for `stop earlier`."""
    if fact.conditions or fact.kind not in ("advice", "finding", "issue"):
        return None
    if fact.kind == "issue" and (found := _of_trial(tokens, own)):
        return found
    told = set(re.findall(r"[a-z]+", own))
    said = {token.text for token in tokens if token.kind == "word"}
    pairs = [*_OPPOSITES, *((other, one) for one, other in _OPPOSITES)]
    return next((other for one, other in pairs if one in told and other in said and other not in told), None)


def _of_trial(tokens: Sequence[Token], own: str) -> str | None:
    """What one trial is said to have come to: it is sick, and its numbers compare as the message has them."""
    joined = " ".join(token.text for token in tokens)
    if well := re.search(r"\b(?<!not )(?<!never )(finished|completed|survived|stable|clean|healthy|fine)\b", joined):
        return well[1] if well[1] not in own else None
    told = re.search(r"(\w+) (-?[\d.e+-]+) against (\w+) (-?[\d.e+-]*\d)", own)
    found = told or re.search(
        r"(\w+) is (-?[\d.e+-]*\d); the (?:lower|sweep's) (quartile|median)\D*(-?[\d.e+-]*\d)", own
    )
    if not found:
        return None
    up, down = (rf"{re.escape(found[1])}\b.*\b({words})\b(?:.*\b{found[3]}|(?: than)?\W*$)" for words in (_UP, _DOWN))
    wrong = re.search(down if float(found[2]) > float(found[4]) else up, joined)
    return wrong[1] if wrong else None


_UP = "above|over|higher|greater|larger|exceeds"
_DOWN = "below|under|less|smaller|lower than"


def stray_denial(tokens: Sequence[Token], fact: Fact, sides: set[int]) -> str | None:
    """The first denial in the clause that nothing has looked at; None if there is none."""
    own = plain(" ".join((*fact.words, fact.issue)))
    if turned := _turned(tokens, fact, own):
        return f"it does not say {turned}"
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
    if not following or texts[0] == "need" or texts[:2] == ["have", "to"] or (at and tokens[at - 1].text in _NEED):
        return _UNTOLD
    if _is_share(tokens, at) or re.search(rf"\b{tokens[at].text} {re.escape(texts[0])}\b", own):
        return None  # looked at as a share, or the fact's own words
    counted = {"cause": {"explained"}, "space": _SEARCHED}.get(fact.kind, set())
    if texts[0] in counted and any(one.kind == "number" for one in tokens[:at]):
        return None  # `4 of the 24 are not explained`, `lr above 0.1 is not searched`: held to its numbers
    if _of_the_gate(tokens, at, fact):
        return _UNTOLD
    chosen = not is_outlook(fact) or bool(fact.conditions or fact.dropped or fact.levels)
    if (chosen and _of_values(tokens, at)) or _of_a_bound(tokens[at + 1 : at + 9]):
        return None
    if tokens[at].text != "cannot" and any(one.text in _NAUGHT for one in [*tokens[:at], *following]):
        return "denies twice"
    if tokens[at].text == "never" and following[0].kind == "issue" and fact.kind in ("cause", "hint", "advice"):
        return None  # a share as well
    if _of_the_unknown(texts, fact) or (fact.kind in ("limit", "verdict") and set(texts[:3]) & (_MET | _PASSED)):
        return None
    if _of_advice(tokens, at):
        return _against_advice(texts, fact)
    return None if _of_certainty(texts, fact, own) else _of_issue(tokens, at, fact, sides)


def _is_share(tokens: Sequence[Token], at: int) -> bool:
    """`not all`, `almost never`."""
    nearly = bool(at) and tokens[at - 1].text in NEARLY
    return tokens[at + 1].text in ("all", "every", "each") or (tokens[at].text == "never" and nearly)


def _of_the_gate(tokens: Sequence[Token], at: int, fact: Fact) -> bool:
    """`the verdict is not fail`."""
    named = {"verdict", "gate"} & {one.text for one in tokens[:at]}
    return bool(named) and fact.kind in ("limit", "verdict") and tokens[at + 1].kind == "issue"


def _against_advice(texts: Sequence[str], fact: Fact) -> str | None:
    blank = {c.param for c in fact.conditions if c.op == "missing" or str(c.value).lower() in ("0", "0.0", "false")}
    if texts[0] in SWITCHING_OFF and blank & set(texts[1:2]):
        return None  # `do not remove clipping`
    if not fact.conditions and (not fact.dropped or "set" in texts[:2]):
        return "denies what it advises"
    against = (AVOID - {"not", "never"}) | (_CHANGED if fact.kind == "space" else frozenset())
    return "denies what it advises" if set(texts[:2]) & against else None


def _of_certainty(texts: Sequence[str], fact: Fact, own: str) -> bool:
    """`not proven` of a hint, `not a cause` of what moves the objective."""
    if fact.kind == "hint" and set(texts[:3]) & {"proven", "certain", "proof", "cause", "causal"}:
        return True
    if texts[0] in ("certain", "proven") and fact.outcome in ("strong", "suggestive"):
        return True
    return "cause" in texts[:3] and ("not a cause" in own or "association" in own)


def _of_values(tokens: Sequence[Token], at: int) -> bool:
    """`not set`, `is not adamw`, `not having lr > 0.1`: beside the hyperparameter whose value it is."""
    bare = [one for one in tokens[at + 1 : at + 5] if one.text not in _FILLING and not one.text.endswith("ly")]
    following = bare[:3] or tokens[at + 1 :]
    near = list(tokens[max(0, at - 5) : at])
    last = max((place for place, one in enumerate(near) if one.kind in ("param", "level")), default=-1)
    valued_before = last >= 0 and any(one.kind in ("sign", "number") for one in near[last:])
    named = any(one.kind in ("param", "level") for one in [*near, *following]) and not valued_before
    valued = following[0].kind in ("level", "sign") or (
        following[0].kind == "number" and any(one.kind == "param" for one in tokens[max(0, at - 4) : at])
    )
    blank = {"unset", "blank", "off", "missing", "disabled"} & {one.text for one in following}
    having = following[0].text in _HAVING and not any(one.kind == "param" for one in following)
    having = having or following[0].text in AVOID
    return named and not having and (valued or following[0].text in _GIVEN or bool(blank))


def _of_a_bound(following: Sequence[Token]) -> bool:
    """`not above 0.1`, `not more than 0.1`, `not exceed`."""
    following = [one for one in following if one.text not in LYING | BOUNDS | RAISED | LOWERED]
    bound = bool(following) and following[0].text in HIGH | LOW | {"more", "pass", "cross"}
    return bound and any(one.kind in ("number", "param") for one in following[1:3])


def _of_the_unknown(texts: Sequence[str], fact: Fact) -> bool:
    if fact.kind == "importance":
        return fact.outcome == "noise" and bool(set(texts[:3]) & _UNTRUE_OF_NOISE)
    if fact.kind == "space":
        if {"left", "remain"} & set(texts[:1]):
            return "not set" in fact.dropped and bool(set(texts[:3]) & {"unset", "blank", "out"})
        gone = bool(fact.dropped or fact.conditions)
        return gone and bool(set(texts[:3]) & {"searched", "among", "part", "included", "explored", "kept"})
    unknown = fact.kind == "undetermined" or (fact.kind == "advice" and not fact.conditions)
    rest = [text for text in texts if text not in _AUXILIARY]
    return unknown and bool(set(rest[:1]) & _UNKNOWN)


def _of_advice(tokens: Sequence[Token], at: int) -> bool:
    before = tokens[at - 1].text if at else ""
    rest = [one.text for one in tokens[at + 1 : at + 5] if one.text not in _AUXILIARY]
    opened = before in _MODALS or tokens[at].text == "never" or before in ("", ",", ";", ":", "and")
    told = bool(rest) and (rest[0] in _FORBIDDEN_ACTS or rest[0] in AVOID | _CHANGED)
    return opened and told


def _of_issue(tokens: Sequence[Token], at: int, fact: Fact, sides: set[int]) -> str | None:
    """`5 of 31 did not diverge` counts them, `trials below it did not diverge` says that none of them did."""
    near = tokens[at + 1 : at + 3]
    harmed = next((one for one in near if one.kind == "issue" or one.text in _HARM), None)
    issues = {one.kind for one in tokens[at + 1 : at + 6]}
    if harmed is None or (harmed.kind != "issue" and harmed.text not in ("affected", "sick") and "issue" not in issues):
        return _UNTOLD
    universal = {"all", "every", "each"} & {one.text for one in tokens[:at]}
    if _counts_before(tokens, at) and not universal and fact.kind not in ("finding", "issue"):
        return None
    behind = tokens[at + 2 : at + 4]  # `did not diverge in 14 of 45 cases`, which is held to the count
    if tokens[at].text == "not" and near[0].kind == "issue" and [one.text for one in behind[:1]] == ["in"]:
        return None if behind[-1].kind == "number" else _UNTOLD
    if any(one.kind == "number" for one in tokens[at + 1 : at + 8]):
        return _UNTOLD
    outside = [pair for pair in fact.pairs if pair.role == "outside"]
    return None if sides == {-1} and outside and all(pair.a == 0 for pair in outside) else _UNTOLD


def _counts_before(tokens: Sequence[Token], at: int) -> bool:
    """Whether a count of trials stands before, whose trials are the ones spoken of."""
    for place in range(at - 1, max(-1, at - 14), -1):
        one = tokens[place]
        if one.text in (";", ":", ","):
            return False
        opened = tokens[max(0, place - 2)]  # `6 of 31`, `out of 31`
        counted = tokens[place - 1].text == "of" and (opened.kind == "number" or opened.text == "out")
        counted = counted or tokens[place + 1].text in COUNTED
        if one.kind == "number" and counted:
            return True
    return False


def _without(tokens: Sequence[Token], at: int, fact: Fact, own: str) -> str | None:
    """`without` leads to a hyperparameter, to what was said before, or to the issue that counted trials are free of."""
    following = tokens[at + 1 : at + 5]
    if not following:
        return None
    if "%" in [one.text for one in following[1:3]]:
        return "says without what"
    if following[0].kind == "number" and not any(one.kind == "param" for one in following[1:2]):
        return "says without what"
    first = next(
        (one for one in following if one.text not in ("a", "an", "any", "the", "such", "-", "both", "either")), None
    )
    if first is None or first.kind in ("param", "level", "sign", "number", "mark"):
        return None
    if first.kind == "issue":
        turned = tokens[0].text in ("of", "out")  # `of the 11 trials without NaN, 10 ...`
        counted = any(one.kind == "number" for one in tokens[max(0, at - 4) : at]) and not turned
        nouns = {one.text for one in tokens[max(0, at - 3) : at]} & TRIAL_NOUNS
        return None if counted and nouns else _UNTOLD
    if first.text in _OBJECTS | HIGH | LOW:
        return None
    inner = [one.text for one in following]
    inner = inner[: inner.index("(")] if "(" in inner else inner
    if not any(text[:1].isdigit() for text in inner) and re.search(rf"\b{re.escape(first.text)}\b", own):
        return None
    return f"says without {first.text}"
