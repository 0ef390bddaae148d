"""What a clause says of limits and of the gate's verdict."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from hparam_ci.crew.facts import Fact
from hparam_ci.crew.language import KEEP, LOWERING, RAISED, RAISING
from hparam_ci.crew.text import Token


def wrong_limit(tokens: Sequence[Token], fact: Fact) -> str | None:
    """Above and within a limit, passed and failed: as the gate has it."""
    texts = [token.text for token in tokens]
    joined = " ".join(texts)
    if fact.kind not in ("limit", "verdict"):
        if (
            ("limit" in texts or ("rate" in texts and _ORDERING & set(texts)))
            and fact.kind in ("count", "sweep", "cause")
            and (_ABOVE.search(joined) or _WITHIN.search(joined))
            and not any(token.kind == "param" for token in tokens)
        ):
            return "it says nothing of a limit"
        if re.search(r"\b(?:gate|verdict)\b|\b(?:sweep|inspection|check|it) pass(?:es|ed)?\b", joined):
            return "it says nothing of the gate"
        return None
    above = _ABOVE.search(joined)
    within = _WITHIN.search(joined)
    denied = _DENIED.search(joined)
    if _LIMIT_FIRST.search(joined):  # `the limit is below the rate`
        above, within = within, above
    if denied:
        above, within = (None, denied) if _ABOVE.match(denied[1]) else (denied, None)
    if fact.kind == "limit" and _is_misplaced(joined, fact):
        return "it is not so near to its limit, or not so far"
    if problem := _turned(bool(above), bool(within) and "not within" not in joined, fact, texts):
        return problem
    joined = re.sub(r"\b(?:not|never|fails to|failed to) pass\w*", "fail", joined)
    verdict = re.search(r"\b(pass|passes|passed|fail|fails|failed|warn|warns|warning|inconclusive)\b", joined)
    gate = {"gate", "verdict"} & set(texts)
    if verdict and gate and not verdict[1].startswith(fact.outcome):
        return f"the verdict is {fact.outcome}"
    if verdict and verdict[1].startswith("pass") and fact.outcome != "pass":
        return f"the verdict is {fact.outcome}"
    return None


def _is_misplaced(joined: str, fact: Fact) -> bool:
    """`far from its limit` of a rate near it, `just above it` of one that is far."""
    times = [amount.value for amount in fact.amounts if amount.unit == "times"]
    near = bool(times) and all(2 / 3 <= one <= 1.5 for one in times)
    said = _FAR.search(joined)
    return bool(times) and ((bool(said) and near) or (bool(_NEAR.search(joined)) and not near))


_FAR = re.compile(r"\b(?:far|well|much|clearly) (?:from|above|over|below|under|within|beyond|exceeds)\b")
_NEAR = re.compile(
    r"\b(?:just|slightly|barely|narrowly|marginally) (?:above|over|below|under|within|beyond|exceeds)\b|"
    r"\b(?:close|near) to (?:its|the) limit"
)


def _turned(above: bool, within: bool, fact: Fact, texts: list[str]) -> str | None:
    """Above or within as it is, and never meant to be above."""
    passed = fact.outcome == "pass"
    ordered = bool(_ORDERING & set(texts)) or bool(set(texts[:1]) & (KEEP | RAISING | LOWERING | {"aim"}))
    allows = any(text in _ALLOWING and not behind[:1].isdigit() for text, behind in pairwise([*texts, ""]))
    if above and (ordered or allows):  # `may go above`, and not `is above the allowed 10%`
        return "no rate is meant to be above its limit"
    if ordered and not within and set(texts) & (RAISED | {"%"}):
        return "no rate is meant to be so high"
    if ordered and passed and set(texts) & _SINKING:
        return "it is within its limit"
    if above and passed:
        return "it is within its limit"
    return "it is above its limit" if within and not passed and not ordered else None


_ORDERING = frozenset("should must need needs needed required".split())
_SINKING = frozenset("down lower lowered reduced drop fall".split())
_ALLOWING = frozenset("may can could allowed fine good okay acceptable".split())


def turned_limit(tokens: Sequence[Token], fact: Fact) -> str | None:
    """`the failures that keep the rate within its limit`: what is said of the limit beside another claim."""
    found = _OF_LIMIT.search(" ".join(token.text for token in tokens))
    issues = {token.name for token in tokens if token.kind == "issue"}
    if not found or not issues & set(fact.codes) or " not " in found.string:
        return None
    above = _ABOVE.match(found[1]) is not None
    return None if above == (fact.outcome != "pass") else "it turns the limit round"


_LIMIT_FIRST = re.compile(
    r"\blimit (?:of [\d.]+ % )?(?:is|was|lies|sits|stays|(?:should|must) be) (?:not )?"
    r"(?:above|over|below|under|higher|lower)\b"
)
_OF_LIMIT = re.compile(
    r"\b(above|over|past|beyond|exceed\w*|within|below|under) (?:its|the|their) (?:\S+ (?:% )?)?limit"
)
_ABOVE = re.compile(
    r"\b(?:above|over|outside|missed|broken|breaks?|busted|exceed\w*|violat\w*|breach\w*|crosse[sd]|overrun\w*|oversho\w+|beyond|"
    r"higher than|past|(?:is|are|was|were) not kept|pass(?:ed|es|ing) (?:its|the|their) (?:\S+ (?:% )?)?limit)\b"
)
_DENIED = re.compile(
    r"\b(?:(?:not|never|nowhere) (?:\w+ ){0,2}|no (?=\w+ than))"
    r"(exceed\w*|above|over|past|beyond|inside|met|meet|within|respected|below|under|(?:less|fewer|lower|higher) than)"
)
_WITHIN = re.compile(
    r"\b(?:within|below|under|meets?|met|satisf\w+|respect(?:ed|s)?|fulfilled|less than|fewer than|lower than|inside|"
    r"clears?|holds?|held|(?:keeps?|kept|sticks?|stuck) (?:to )?(?:its|the|their) (?:[\d.]+ % )?limit|"
    r"limit (?:[\d.]+ % )?(?:is|was) kept)\b"
)
