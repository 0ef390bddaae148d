"""Two counts in one clause: `failed trials outnumber NaN trials, 91 to 32`, `no cause was found in a.csv`.

And what is said of all trials: `most trials are healthy`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from hparam_ci.crew.facts import Amount, Fact, Facts, Pair
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


def told_together(facts: Facts, tokens: Sequence[Token], cited: Sequence[Fact]) -> bool | None:
    """Whether a sentence of one of these forms is true of the facts; None where it is of none."""
    if (compared := compares(tokens, cited)) is not None:
        return compared
    if (judged := of_verdict(tokens, cited)) is not None:
        return judged
    if invents_causes(tokens, cited):
        return False
    return True if lacks_causes(facts, tokens, cited) or of_all_trials(tokens, cited) else None


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


def lacks_causes(facts: Facts, tokens: Sequence[Token], cited: Sequence[Fact]) -> bool:
    """`no cause was found in a.csv`, where the overview of the sweep counts none."""
    said = " ".join(facts.sweeps[cited[0].sweep] if token.kind == "sweep" else token.text for token in tokens)
    none = len(cited) == 1 and any((one.unit, one.value) == ("causes", 0) for one in cited[0].amounts)
    named = {token.name for token in tokens if token.kind == "sweep"}
    own = cited[0].kind == "sweep" and named <= {facts.sweeps[cited[0].sweep]}
    return none and own and bool(_NO_CAUSE.match(said))


def invents_causes(tokens: Sequence[Token], cited: Sequence[Fact]) -> bool:
    """`a cause was found in a.csv`, where the overview of the sweep counts none."""
    overviews = [fact for fact in cited if fact.kind == "sweep"]
    none = bool(overviews) and all(Amount(0, "causes") in fact.amounts for fact in overviews)
    joined = " ".join(token.text for token in tokens)
    denied = re.search(r"\bcauses? (?:was|were|is|are) not\b", joined)
    return bool(_A_CAUSE.search(joined)) if none else bool(overviews and denied)


_A_CAUSE = re.compile(
    r"(?<!no )\b(?<!zero )(?<!0 )(?<!none of the )causes? (?:was|were|is|are|has been|have been) "
    r"(?:found|identified|determined|told|known|shown)"
)
_NO_CAUSE = re.compile(
    r"^no causes? (?:was|were|is|are|has been|could be) (?:found|identified|determined|told|known|shown)"
    r"(?: (?:in|for) \S+?| (?:in|for) the sweep| (?:in|for) this sweep)? ?\.?$"
)


def of_all_trials(tokens: Sequence[Token], cited: Sequence[Fact]) -> bool:
    """`most trials are healthy`, `fewer than half of the trials are affected`: by the overview or the verdict."""
    found = _OF_TRIALS.match(" ".join(token.text for token in tokens if token.text != "%"))
    pair = next((pair for fact in cited for pair in fact.pairs if pair.role == "sweep" and pair.n), None)
    if not found or pair is None or len(cited) != 1 or cited[0].kind not in ("sweep", "verdict"):
        return False
    affected = (found[3] in ("affected", "sick")) != bool(found[2])
    share = pair.a / pair.n if affected else 1 - pair.a / pair.n
    return _PARTS[found[1]](share)


def of_verdict(tokens: Sequence[Token], cited: Sequence[Fact]) -> bool | None:
    """`the sweep passes`, beside the verdict alone."""
    found = _VERDICT.match(" ".join(token.text for token in tokens))
    if not found or len(cited) != 1 or cited[0].kind != "verdict":
        return None
    return cited[0].outcome == found[1]


_VERDICT = re.compile(
    r"^(?:the|this) (?:sweep|check|inspection|gate) (pass|fail)(?:es|ed|s)?(?: the (?:gate|check|inspection))? ?\.?$"
)
_PARTS: dict[str, Callable[[float], bool]] = {
    "most": lambda share: share > 0.5,
    "the majority": lambda share: share > 0.5,
    "a majority": lambda share: share > 0.5,
    "more than half": lambda share: share > 0.5,
    "a minority": lambda share: share < 0.5,
    "fewer than half": lambda share: share < 0.5,
    "less than half": lambda share: share < 0.5,
    "all": lambda share: share == 1,
    "no": lambda share: share == 0,
}
_OF_TRIALS = re.compile(
    rf"^({'|'.join(_PARTS)})(?: of)?(?: the| all)? (?:trials|runs) (?:are|were|stayed|stay|remained) (not )?"
    r"(healthy|affected|sick|unaffected) ?\.?$"
)
