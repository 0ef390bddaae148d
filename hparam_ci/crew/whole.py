"""What no clause alone can show: how sure a text is, what it denies and promises, whether it is half told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise, takewhile

from hparam_ci.crew.counts import false_part
from hparam_ci.crew.facts import Fact, Facts
from hparam_ci.crew.language import HEDGES, HIGH, LOW, STRENGTHS, TRIAL_NOUNS, UNDENIABLE
from hparam_ci.crew.limits import turned_limit, wrong_limit
from hparam_ci.crew.promises import false_promise
from hparam_ci.crew.ranks import misranked
from hparam_ci.crew.remarks import misreads_remark
from hparam_ci.crew.text import Token, plain
from hparam_ci.crew.unproven import is_open, told_as_known
from hparam_ci.crew.values import texts_of

_UNKNOWN = re.compile(
    r"\b(?:undetermined|unknown|unclear|unexplained|inconclusive evidence|cannot (?:be )?(?:tell|told|determined?)|"
    r"more trials (?:are |would be )?(?:needed|required|necessary))\b"
)


def untrue_as_a_whole(facts: Facts, text: str, tokens: Sequence[Token], cited: Sequence[Fact]) -> str | None:
    """What is wrong with the text as a whole; None if nothing is."""
    limits = [fact for fact in cited if fact.kind == "limit"]
    if len(limits) == 1 and len(cited) > 1 and (problem := turned_limit(tokens, limits[0])):
        return problem
    return (
        _denied_or_led(text, tokens, cited)
        or false_promise(tokens, cited)
        or _of_limits(facts, text, cited)
        or _of_all_limits(tokens, cited)
        or _unknown(text, cited)
        or _strength(_affirmed(tokens), cited)
        or _undetermined(tokens, cited)
        or told_as_known(tokens, cited)
        or misreads_remark(tokens, cited)
        or _halves(tokens, cited)
        or _of_both(tokens, cited)
        or _of_whole(tokens, cited)
        or misranked(facts, tokens, cited)
    )


def _denied_or_led(text: str, tokens: Sequence[Token], cited: Sequence[Fact]) -> str | None:
    words = {token.text for token in tokens if token.kind == "word"}
    if not any(token.kind in ("param", "level", "issue", "trial", "number", "sweep") for token in tokens) and not (
        words & {"verdict", "gate"}
    ):
        return "states nothing that can be checked"
    if problem := false_part(tokens):
        return problem
    if _AT_MOST_ONE.search(" ".join(token.text for token in tokens)):
        return "counts what the evidence does not"
    told = any(fact.kind == "undetermined" for fact in cited)
    if words & UNDENIABLE or (
        not told
        and re.search(
            r"\bno (?:effect|influence|link|relation|cause|pattern)|\bneither .* nor .*\bmatters?\b", text.lower()
        )
    ):
        return "denies something that the evidence does not deny"
    if _ONLY.search(text.lower()) and not any(fact.kind == "importance" for fact in cited):
        return "says that nothing else matters"
    if _is_praised(tokens) and not all(fact.kind == "limit" and fact.outcome == "pass" for fact in cited):
        return "praises what the evidence does not"
    if "best" in words and all(fact.kind in ("sweep", "verdict", "count", "limit") for fact in cited):
        return "ranks something that the evidence does not rank"
    if problem := _of_values(tokens):
        return problem
    if any(fact.conditions for fact in cited) and _leads_towards(text.lower()):
        return "leads towards the sick side"
    return None


_BROKEN = r"\b(?:over|above|beyond|breaks?|broken|exceed\w*|violat\w*)\b"


def _of_limits(facts: Facts, text: str, cited: Sequence[Fact]) -> str | None:
    failing = [fact for fact in facts.of("limit") if fact.outcome != "pass"]
    own = [fact for fact in failing if fact in cited]
    alone = re.search(r"\bonly (?:the )?(?:\S+ ){0,4}(?:rate|limit)", text.lower())
    named = [
        fact for fact in cited if fact.kind == "limit" and str(fact.data["rate"]).split()[0].lower() in text.lower()
    ]
    if alone and named and not any(fact in failing for fact in named) and re.search(_BROKEN, text.lower()):
        return "that limit is not passed"
    if alone and own and len([fact for fact in failing if fact.sweep == own[0].sweep]) > 1:
        return "it is not the only limit that is passed"
    return None


def _of_all_limits(tokens: Sequence[Token], cited: Sequence[Fact]) -> str | None:
    """`all three rates are comfortably within their limits`: each of those that are cited is."""
    limits = [fact for fact in cited if fact.kind == "limit"]
    texts = {token.text for token in tokens}
    named = any(token.kind == "issue" for token in tokens)
    if (
        len(limits) < 2
        or named
        or not texts & {"all", "every", "each", "both"}
        or not texts & {"rate", "rates", "limits"}
    ):
        return None
    return next((problem for fact in limits if (problem := wrong_limit(tokens, fact))), None)


def _unknown(text: str, cited: Sequence[Fact]) -> str | None:
    open_ = any(fact.kind == "undetermined" or (fact.kind == "advice" and not fact.conditions) for fact in cited)
    return "says that the cause is unknown, which it is not" if _UNKNOWN.search(text.lower()) and not open_ else None


def _strength(words: set[str], cited: Sequence[Fact]) -> str | None:
    """Certain, strong and suggestive are said of causes that are; a hint is called one."""
    strengths = {fact.outcome for fact in cited if fact.kind in ("cause", "hint", "advice") and fact.outcome}
    own = {word for fact in cited for text in fact.words for word in plain(text).split()}
    for word in words & STRENGTHS.keys() - own:
        if strengths and not STRENGTHS[word] & strengths:
            return f"calls the evidence {word}, which it is not"
    if strengths == {"suggestive"} and not words & HEDGES:
        return "states a hint as if it were proven"
    return None


def _undetermined(tokens: Sequence[Token], cited: Sequence[Fact]) -> str | None:
    open_ = not cited or any(fact.kind != "undetermined" for fact in cited) or is_open(tokens)
    return None if open_ else "names a cause where none could be told"


def _halves(tokens: Sequence[Token], cited: Sequence[Fact]) -> str | None:
    """A cause of two conditions is not half told where one of them is named."""
    named = {token.name for token in tokens if token.kind in ("param", "level")}
    if not named:
        return None
    partial = None
    for fact in cited:
        if fact.kind not in ("cause", "hint", "advice", "space") or not fact.conditions:
            continue
        told = [bool(named & {c.param, *texts_of(c)}) for c in fact.conditions]
        if all(told):
            return None
        if any(told):
            partial = fact
    counted = any(token.kind == "number" or token.text in ("alone", "itself") for token in tokens)
    if partial is None or not (counted or partial.kind == "space"):
        return None
    missing = [c.param for c in partial.conditions if not named & {c.param, *texts_of(c)}]
    return f"leaves out that {partial.id} holds only together with {', '.join(missing)}"


def _of_whole(tokens: Sequence[Token], cited: Sequence[Fact]) -> str | None:
    """`Of 44 trials, 75% went NaN`: the share is one of so many."""
    opened = _SHARE_OF.match(" ".join(token.text for token in tokens))
    shares = [100 * pair.a / pair.n for fact in cited for pair in fact.pairs if opened and pair.n == float(opened[1])]
    if not opened or not shares:
        return None
    near = any(abs(float(opened[2]) - one) < 1 for share in shares for one in (share, 100 - share))
    return None if near else f"{opened[2]}% is no share of {opened[1]}"


_SHARE_OF = re.compile(r"(?:out )?of (?:the )?(\d+) (?:[\w-]+ ){0,4}, (?:only |just |about )?(\d+(?:\.\d+)?) %")


def _of_both(tokens: Sequence[Token], cited: Sequence[Fact]) -> str | None:
    """What `both NaN causes` have is in the conditions of each."""
    texts = [token.text for token in tokens]
    shared = any(
        text in ("both", "all", "each", "every") and _CAUSES & set(texts[at : at + 4]) for at, text in enumerate(texts)
    )
    if not shared:
        return None
    for fact in (fact for fact in cited if fact.conditions):
        own = {name for one in fact.conditions for name in (one.param, *texts_of(one))}
        if strange := [token.text for token in tokens if token.kind in ("param", "level") and token.name not in own]:
            return f"{fact.id} does not speak of {strange[0]}"
    return None


_CAUSES = frozenset("cause causes pattern patterns condition conditions combination combinations".split())
_ONLY = re.compile(r"\b(?:only|sole) (?:hyper)?(?:parameter|setting|factor|variable)\b")
_AT_MOST_ONE = re.compile(
    r"\b(?:at most|no more than|only|exactly|just|up to) (?:one|a single|1) (?:issue|problem|finding)|"
    r"\b(?:at most|fewer than|less than|no more than|up to|under|below) [\w.-]+ (?:more|further|additional)\b|"
    r"\b(?:fewer|less) than chance\b|\bevery (?:second|other|third|few) (?:trial|run)"
)


def _is_praised(tokens: Sequence[Token]) -> bool:
    """`divergence is harmless`, `sweep.csv is a good one`, and not `160 trials of sweep.csv are healthy`."""
    for at, token in enumerate(tokens):
        subject = [one for one in tokens[:at] if one.text not in TRIAL_NOUNS][-1:]
        if token.text not in _COPULAS or not subject or any(one.kind == "number" for one in tokens[:at]):
            continue
        said = [one.text for one in tokens[at + 1 : at + 4] if one.text not in ("a", "the", "very", "quite")]
        named = subject[0].kind in ("issue", "sweep") or subject[0].text in ("rate", "sweep", "gate", "verdict")
        if named and said[:1] and said[0] in _PRAISING:
            return True
    return False


_COPULAS = frozenset("is are was were looks look seems seem stays stay remains remain".split())
_PRAISING = frozenset("better good healthy clean fine safe stable acceptable tolerable harmless".split())


def _of_values(tokens: Sequence[Token]) -> str | None:
    """`at any lr` denies that its values matter; `leave relu` may mean both."""
    for at, (one, after) in enumerate(pairwise(tokens)):
        ends = all(token.kind == "mark" for token in tokens[at + 2 : at + 3])
        if one.text == "leave" and after.kind in ("param", "level") and ends:
            return "may mean to keep it as well as to give it up"
    return "denies that the values matter" if _of_any_value(tokens) else None


def _of_any_value(tokens: Sequence[Token]) -> bool:
    """`at any lr`, `at any lr with adamw`, and not `at any lr above 0.1`."""
    for at, token in enumerate(tokens[:-1]):
        if token.text in ("any", "every", "all", "each") and tokens[at + 1].kind == "param":
            behind = takewhile(lambda one: one.text not in _ELSEWHERE, tokens[at + 2 : at + 5])
            if not any(one.kind in ("sign", "number", "level") or one.text in HIGH | LOW for one in behind):
                return True
    return False


_ELSEWHERE = frozenset("with and when where if , ;".split())  # what follows is said of something else


def _leads_towards(line: str) -> bool:
    """Whether the text is for the combination that it speaks of."""
    found = [match.start() for match in _TOWARDS.finditer(line)]
    return any(not re.search(r"\b(?:avoid|not|never|exclude|drop) (?:to |the )?$", line[:at]) for at in found)


_TOWARDS = re.compile(
    r"\b(?:preferring|using|keeping|choosing|prefer|use|keep|choose|try|repeat|favou?r|stick (?:to|with))\b[^.;,]{0,12}"
    r"\b(?:that|this|such an?|these|those) (?:combination|settings?|region|values?|range|pair|configurations?)\b|"
    r"\b(?:the two|both|they|these|it|this|that) (?:should|must|can) be (?:combined|used|kept|repeated|preferred|"
    r"paired|explored|tried|increased|extended)\b"
)


def _affirmed(tokens: Sequence[Token]) -> set[str]:
    """The words that no `not` stands before."""
    return {
        token.text
        for at, token in enumerate(tokens)
        if token.kind == "word" and not {"not", "no"} & {before.text for before in tokens[max(0, at - 1) : at]}
    }
