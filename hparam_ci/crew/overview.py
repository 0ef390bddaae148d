"""What a sentence says of a whole sweep: its verdict, most of its trials, that no cause was found in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from hparam_ci.crew.facts import Amount, Fact, Facts
from hparam_ci.crew.text import Token


def said_of_sweep(facts: Facts, tokens: Sequence[Token], cited: Sequence[Fact]) -> bool | None:
    """Whether a sentence of one of these forms is true of the facts; None where it is of none."""
    if (judged := of_verdict(tokens, cited)) is not None:
        return judged
    if invents_causes(tokens, cited):
        return False
    return True if lacks_causes(facts, tokens, cited) or of_all_trials(tokens, cited) else None


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
