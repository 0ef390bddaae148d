"""What a sentence makes of a remark on the sweep, of one trial's issue, and of two sweeps beside each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from hparam_ci.crew.facts import Fact
from hparam_ci.crew.language import HIGH, LOW
from hparam_ci.crew.text import Token, plain
from hparam_ci.crew.values import value_after

_CHANCE = re.compile(
    r"\b(?:more|fewer|less|oftener|beyond|above|below|rather) (?:\w+ )?(?:than )?chance\b|\bnot chance\b"
)
_LOWER = re.compile(r"\b(?:as (?:low|small)|times (?:lower|smaller|less))\b")
_UPPER = re.compile(r"\b(?:upper|higher|top) quartile\b")
_SPENT = re.compile(r"(?:most went|then) into (.+?) \(")
_FIRST = re.compile(
    r"\b(?:comes?|came|ranks?|ranked|stands?|is|are) first\b|"
    r"\bmore than (?:any (?:other|others)|(?:all )?(?:the )?others?|anything else|the rest)\b"
)
_SECOND = re.compile(r"\b(?:comes?|came|ranks?|ranked|stands?|is|are) second\b")
_WELL = frozenset("normally successfully properly healthy fine unaffected flawlessly".split())
_TIMES = frozenset("time hours hour minutes seconds compute longer".split())
_COUNTED = frozenset("kind kinds cause causes pattern patterns often share".split())  # ranked with others of their kind
_TRIALS = frozenset("affected sick issues trials".split())


def misreads_remark(tokens: Sequence[Token], cited: Sequence[Fact]) -> str | None:
    """Where the sentence departs from a remark, from a trial's issue or from the order of two sweeps."""
    joined = " ".join(token.text for token in tokens)
    for remark in (plain(fact.words[0]) for fact in cited if fact.kind == "finding"):
        if "as many as chance" in remark and _CHANCE.search(joined):
            return "it is as many as chance would give"
        if _is_misplaced(tokens, joined, remark):
            return "ranks it wrongly"
    if any("times as high" in word for fact in cited for word in fact.words) and _LOWER.search(joined):
        return "it turns the comparison round"
    if any("lower quartile" in word for fact in cited for word in fact.words) and _UPPER.search(joined):
        return "it is the lower quartile"
    for message in (plain(fact.words[0]) for fact in cited if fact.kind == "issue"):
        if problem := _of_trial(tokens) or _of_value(joined, message):
            return problem
    return _of_sweeps(tokens, cited)


def _is_misplaced(tokens: Sequence[Token], joined: str, remark: str) -> bool:
    """`diverged trials come first in lost compute`, where most went into others."""
    place = 1 if _FIRST.search(joined) else 2 if _SECOND.search(joined) else 0
    spent = _SPENT.findall(remark)
    issue = next((token.text[:5] for token in tokens if token.kind == "issue"), "")
    if not place or not spent or not issue:
        return False
    return not (place <= len(spent) and issue in spent[place - 1])


def _of_trial(tokens: Sequence[Token]) -> str | None:
    """A trial that is listed for an issue did not end well, and what is above is more."""
    texts = [token.text for token in tokens]
    for at, text in enumerate(texts):
        if text in _WELL and "not" not in texts[max(0, at - 3) : at]:
            return "the trial has an issue"
    for first, second in pairwise(at for at, token in enumerate(tokens) if token.kind == "number"):
        words = {one for one, after in pairwise(texts[first + 1 : second + 1]) if after != "quartile"}
        more, less = bool(words & (HIGH | {"more"})), bool(words & LOW)
        if more == less or "not" in words or texts[first].isalpha() or _is_id(tokens, first):
            continue
        if (tokens[first].value > tokens[second].value) != more:
            return "it turns the comparison round"
    return None


def _of_value(joined: str, message: str) -> str | None:
    """`val_loss is above 3`: what the message has of it is."""
    for name, word, written in _COMPARED.findall(joined):
        value = value_after(name, message)
        if value is not None and (value > float(written)) != (word in ("above", "over")):
            return "it turns the comparison round"
    return None


_COMPARED = re.compile(r"(\w+_\w+)(?: [a-z]+| \d+)* (above|over|below|under) (\d+(?:\.\d+)?)(?![\d.e]| (?:quartile|%))")


def _is_id(tokens: Sequence[Token], at: int) -> bool:
    return at > 0 and tokens[at - 1].text in ("trial", "run", "row")


def _of_sweeps(tokens: Sequence[Token], cited: Sequence[Fact]) -> str | None:
    """`a.csv lost more time than b.csv`, `b.csv has fewer sick trials than a.csv`."""
    texts = [token.text for token in tokens]
    named = [token.name for token in tokens if token.kind == "sweep"]
    if len(named) != 2 or "than" not in texts or _COUNTED & set(texts):
        return None
    said = texts[: texts.index("than")]
    more, less = bool({"more", "longer"} & set(said)), bool({"less", "fewer"} & set(said))
    role = "time" if _TIMES & set(said) else "sweep" if _TRIALS & set(said) else ""
    measured = {name: pair.a for fact in cited for name in fact.words for pair in fact.pairs if pair.role == role}
    if more == less or any(name not in measured for name in named):
        return "compares what the evidence does not"
    one, other = (measured[name] for name in named)
    return None if (one > other if more else one < other) else "ranks it wrongly"
