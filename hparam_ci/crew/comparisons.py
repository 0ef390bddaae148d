"""Two counts in one clause: `failed trials outnumber NaN trials, 91 to 32`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hparam_ci.crew.facts import Fact, Pair
from hparam_ci.crew.language import ABOUT, TIMES, TRIAL_NOUNS
from hparam_ci.crew.text import Token
from hparam_ci.crew.values import close

_MORE = re.compile(
    r"^(?:more (?:trials|runs) issue than issue|issue outnumbers? issue|there are more issue than issue|"
    r"issue (?:is|are) (?:more (?:frequent|common|numerous)|commoner) than issue)$"
)
_FEWER = re.compile(
    r"^(?:fewer (?:trials|runs) issue than issue|issue are outnumbered by issue|there are fewer issue than issue|"
    r"issue (?:is|are) (?:less (?:frequent|common|numerous)|rarer) than issue)$"
)
_SO_MANY = re.compile(
    r"^(?:(more than|over|nearly|almost|about) )?(twice|thrice) as many (?:trials |runs )?issue as issue$"
)


def compares(tokens: Sequence[Token], cited: Sequence[Fact]) -> bool | None:
    """Whether the sentence is right about which of two cited issues has more trials; None if it says nothing of it."""
    counts = {code: fact for fact in cited if fact.kind == "count" for code in fact.codes}
    issues = [token.name for token in tokens if token.kind == "issue"]
    if len(issues) != 2 or len(counts) != len(cited) or not set(issues) <= counts.keys() or issues[0] == issues[1]:
        return None
    first, second = (counts[name].pairs[0] for name in issues)
    claim, numbers = _claim(tokens)
    shares = any(token.text == "%" for token in tokens)
    more, fewer, ratio = _MORE.match(claim), _FEWER.match(claim), _SO_MANY.match(claim)
    if not (more or fewer or ratio):
        return None
    if not _are(numbers, first, second, shares=shares):
        return False
    if ratio:
        return not shares and _is_so_many(first.a / second.a if second.a else 0.0, ratio)
    by_share, by_count = first.a / first.n - second.a / second.n, first.a - second.a
    frequent = not claim.startswith(("more", "fewer", "there")) and "outnumber" not in claim
    sides = [by_share] if shares else [by_count] if numbers or not frequent else [by_share, by_count]
    return all(side * (1 if more else -1) > 0 for side in sides)


def _claim(tokens: Sequence[Token]) -> tuple[str, list[Token]]:
    """What is said without its numbers, and the numbers."""
    numbers = [token for token in tokens if token.kind == "number"]
    first = next((at for at, token in enumerate(tokens) if token.kind == "number"), len(tokens))
    counted = {"%", *TRIAL_NOUNS}
    tail = [
        token.text for token in tokens[first:] if token.kind not in ("number", "mark") and token.text not in counted
    ]
    words = [
        token for token in tokens[:first] if token.kind != "mark" and token.text not in ("the", "have", "had", "were")
    ]
    if tail not in ([], ["against"], ["to"], ["versus"], ["vs"]):
        return "", numbers
    said = ["issue" if token.kind == "issue" else token.text for token in words]
    said = [text for at, text in enumerate(said) if not (text in TRIAL_NOUNS and said[at - 1 : at] == ["issue"])]
    said = said[:-1] if said[-1:] in (["at"], ["with"], ["by"]) else said
    return " ".join(said).replace("issue in a metric", "issue"), numbers


def _are(numbers: Sequence[Token], first: Pair, second: Pair, *, shares: bool) -> bool:
    """Whether the two numbers, if there are any, are those of the two issues in their order."""
    own = [100 * pair.a / pair.n if shares else pair.a for pair in (first, second) if pair.n]
    return not numbers or (len(numbers) == len(own) and all(map(close, numbers, own)))


def _is_so_many(ratio: float, found: re.Match[str]) -> bool:
    times = TIMES[found[2]]
    if found[1] in ABOUT:
        return 0.9 * times <= ratio <= 1.1 * times
    return times < ratio < 1.25 * times if found[1] else ratio == times
