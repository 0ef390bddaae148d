"""Largest, second, least: true of a fact among its like in the sweep."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from hparam_ci.crew.facts import Fact, Facts
from hparam_ci.crew.language import BOTTOM, NOUNS, NUMBERS, TOP
from hparam_ci.crew.text import Token, place_of, plain
from hparam_ci.crew.values import texts_of

_RANKED = ("count", "cause", "advice", "importance")


_PLACES = {"first": 1, "second": 2, "third": 3, "fourth": 4}


def misranked(facts: Facts, tokens: Sequence[Token], cited: Sequence[Fact]) -> str | None:
    """Largest, leading, most common: true of the fact among its like in the sweep."""
    remarks = [plain(fact.words[0]) for fact in cited if fact.kind == "finding"]
    turned = any(_turned_remark(tokens, remark) for remark in remarks)
    if turned or _misordered(tokens, cited) or _mismatters(tokens, cited) or _sweeps_misordered(facts, tokens, cited):
        return "ranks it wrongly"
    texts = [token.text for token in tokens]
    joined = " ".join(texts)
    own = {word for fact in cited if fact.kind == "finding" for text in fact.words for word in plain(text).split()}
    texts = ["" if text in own else text for text in texts]
    adverb = "most" in texts and any(fact.kind == "importance" for fact in cited)
    top = (
        adverb
        or bool(
            re.search(
                r"\bmost (?:common|frequent|often|frequently|prevalent|numerous)\b|\bthe most (?:trials|runs)\b", joined
            )
        )
        or any(text in TOP and not _is_value_word(tokens, at) for at, text in enumerate(texts))
    )
    bottom = bool(re.search(r"\bleast (?:common|frequent|often|numerous)\b", joined)) or any(
        text in BOTTOM and texts[max(0, at - 1)] != "at" and not _is_value_word(tokens, at)
        for at, text in enumerate(texts)
    )
    if (place := _place(joined)) and (ranked := [f for f in cited if f.kind in _RANKED]):
        return None if _is_at(facts, ranked[0], place) else "ranks it wrongly"
    if not top and not bottom:
        return None
    several = re.search(r"\b(two|three|four) (?:largest|biggest|main|leading|top|commonest|most \w+)", joined)
    if several and (ranked := [fact for fact in cited if fact.kind in _RANKED]):
        within = all(_is_within(facts, fact, int(NUMBERS[several[1]])) for fact in ranked)
        return None if within else "ranks it wrongly"
    ranked = [fact for fact in cited if fact.kind in (*_RANKED, "limit")]
    if not ranked and top and _leads_remark(tokens, cited):
        return None
    if not ranked:
        return "ranks something that the evidence does not rank"
    named = {token.name for token in tokens if token.kind == "issue"}
    subjects = [f for f in ranked if not named or named & set(f.codes)] or ranked
    subjects = [fact for fact in subjects if _named(tokens, fact)] or subjects
    return None if any(_is_extreme(facts, fact, top, named) for fact in subjects[:1]) else "ranks it wrongly"


def _misordered(tokens: Sequence[Token], cited: Sequence[Fact]) -> bool:
    """Whether `divergence is more common than overfitting` is neither so by the trials nor by the shares."""
    than = next((at for at, token in enumerate(tokens) if token.text == "than"), len(tokens))
    sign = next((_SIGN[token.text] for token in reversed(tokens[:than]) if token.text in _SIGN), 0)
    counts = {code: fact for fact in cited if fact.kind == "count" for code in fact.codes}
    sides = [[counts[t.name] for t in part if t.name in counts] for part in (tokens[:than], tokens[than:])]
    if _rated_otherwise(tokens[:than], tokens[than:], cited):
        return True
    if not sign:
        return False
    if _weighs_less(tokens[:than], tokens[than:], sign, cited):
        return True
    if not all(sides):
        return False
    (one, of), (other, whole) = ((fact.pairs[0].a, fact.pairs[0].n) for fact in (sides[0][-1], sides[1][0]))
    by_share = bool({"share", "rate", "shares", "rates", "proportion"} & {token.text for token in tokens})
    by_count = any(pair in _OF_TRIALS for pair in pairwise(token.text for token in tokens[:than]))
    fewer, rarer = (one - other) * sign <= 0, (one * whole - other * of) * sign <= 0
    return fewer if by_count else rarer and (by_share or fewer)


_OF_TRIALS = (("more", "trials"), ("fewer", "trials"), ("more", "runs"), ("fewer", "runs"))


def _rated_otherwise(left: Sequence[Token], right: Sequence[Token], cited: Sequence[Fact]) -> bool:
    """Whether `the NaN rate is higher than the divergence rate` is not so by their shares."""
    sign = next((_HIGHER[token.text] for token in reversed(left) if token.text in _HIGHER), 0)
    until = next((at for at, token in enumerate(right) if token.kind in ("issue", "number", "mark")), None)
    limits = {code: fact for fact in cited if fact.kind in ("limit", "count") for code in fact.codes}
    ours = [limits[token.name].pairs[0] for token in left if token.kind == "issue" and token.name in limits]
    if not sign or until is None or right[until].name not in limits or not ours:
        return False
    one, other = ours[-1], limits[right[until].name].pairs[0]
    return bool(one.n and other.n) and (one.a * other.n - other.a * one.n) * sign <= 0


_HIGHER = {"higher": 1, "larger": 1, "greater": 1, "lower": -1, "smaller": -1}


def _weighs_less(left: Sequence[Token], right: Sequence[Token], sign: int, cited: Sequence[Fact]) -> bool:
    """Whether what is said to matter, to spare or to cost more does so less: by importance, saving or remark."""
    for kind, weight in (("importance", _importance), ("advice", _saving)):
        ours, theirs = ([weight(f) for f in cited if f.kind == kind and _named(part, f)] for part in (left, right))
        if kind == "advice" and not _SPARING & {token.text for token in left}:
            continue
        if ours and theirs and (max(ours) - max(theirs)) * sign <= 0:
            return True
    for remark in (plain(fact.words[0]) for fact in cited if fact.kind == "finding"):
        places = [[place_of(t, remark) for t in part if t.kind == "issue"] for part in (left, right)]
        ordered = "most went into" in remark and all(places) and all(min(one) >= 0 for one in places)
        if ordered and (places[1][0] - places[0][-1]) * sign < 0:
            return True
    return False


def _named(part: Sequence[Token], fact: Fact) -> bool:
    names = {text for one in fact.conditions for text in (one.param, *texts_of(one))} | set(fact.words[:1])
    return any(token.kind in ("param", "level") and token.name in names for token in part)


def _importance(fact: Fact) -> float:
    return 0.0 if fact.outcome == "noise" else fact.rank


def _saving(fact: Fact) -> float:
    return next((amount.value for amount in fact.amounts if amount.unit == "hours"), fact.rank)


_SPARING = frozenset("save saves saved saving spare spares spared sparing".split())


def _turned_remark(tokens: Sequence[Token], remark: str) -> bool:
    """`diverged trials cost more than failed ones`, where the remark has the failed ones first."""
    issues = [token for token in tokens if token.kind == "issue"]
    places = [place_of(token, remark) for token in issues]
    texts = [token.text for token in tokens]
    if len(places) == 1 and "most went into" in remark and (place := _place_told(tokens)):
        first, _, then = remark.partition(";")
        return place_of(issues[0], {1: first, 2: then}.get(place, "")) < 0
    if len(places) != 2 or "than" not in texts or min(places) < 0:
        return False
    if {"more", "larger", "bigger", "higher", "greater"} & set(texts):
        return places[0] > places[1]
    return bool({"less", "smaller", "lower"} & set(texts)) and places[0] < places[1]


def _place_told(tokens: Sequence[Token]) -> int:
    """The place that the only issue is given among those of a remark; 0 where none is."""
    texts = [token.text for token in tokens]
    joined = " ".join(texts)
    if "least" in texts or "last" in texts:
        return len(_PLACES)
    if {"most", "first"} & set(texts) or re.search(r"\bmore than (?:any|every|all)\b", joined):
        return 1
    ranked = any(text in TOP and not _is_value_word(tokens, at) for at, text in enumerate(texts))
    return 2 if "second" in texts else 1 if ranked else _place(joined)


def _sweeps_misordered(facts: Facts, tokens: Sequence[Token], cited: Sequence[Fact]) -> bool:
    """Whether `a.csv lost more time than b.csv` is not so by what the two facts have of it."""
    than = next((at for at, token in enumerate(tokens) if token.text == "than"), len(tokens))
    sign = next((_SWEEP_SIGN[token.text] for token in reversed(tokens[:than]) if token.text in _SWEEP_SIGN), 0)
    named = {facts.sweeps[fact.sweep]: fact for fact in cited if fact.kind == "sweep"}
    sides = [[named[one.name] for one in part if one.name in named] for part in (tokens[:than], tokens[than:])]
    if not sign or not all(sides):
        return False
    texts = {token.text for token in tokens}
    one, other = (_measure(side, texts) for side in (sides[0][-1], sides[1][0]))
    return (one - other) * sign <= 0


def _measure(fact: Fact, texts: set[str]) -> float:
    """What the sweeps are compared by: time, issues, causes, or affected trials."""
    amounts = {amount.unit: amount.value for amount in fact.amounts}
    units = {NOUNS.get(text) for text in texts}
    if unit := next((unit for unit in ("kinds", "causes", "issues") if unit in units), ""):
        return amounts[unit]
    role = "time" if texts & {"time", "compute", "hours", "minutes", "seconds"} else "sweep"
    pair = next((pair for pair in fact.pairs if pair.role == role), None)
    if pair is None or not pair.n:
        return 0.0
    return pair.a / pair.n if texts & {"share", "rate", "%", "often", "its", "proportion"} else pair.a


_SWEEP_SIGN = {"more": 1, "higher": 1, "larger": 1, "greater": 1, "longer": 1, "worse": 1} | {
    "less": -1, "fewer": -1, "lower": -1, "smaller": -1, "shorter": -1, "better": -1
}  # fmt: skip


def _mismatters(tokens: Sequence[Token], cited: Sequence[Fact]) -> bool:
    """Whether `lr matters more than dropout` turns their importance round."""
    texts = [token.text for token in tokens]
    than = texts.index("than") if "than" in texts else len(texts)
    if not re.search(r"\b(?:more important|matters? (?:far |much )?more|more influential)\b", " ".join(texts[:than])):
        return False
    facts = {name: fact for fact in cited if fact.kind == "importance" for name in fact.words[:1]}
    sides = [[facts[t.name] for t in part if t.name in facts] for part in (tokens[:than], tokens[than:])]
    return all(sides) and sides[0][-1].rank <= sides[1][0].rank


_SIGN = {"more": 1, "likelier": 1, "commoner": 1, "less": -1, "fewer": -1, "rarer": -1}


def _leads_remark(tokens: Sequence[Token], cited: Sequence[Fact]) -> bool:
    """Whether a remark says `most` of the issue that the sentence calls the largest."""
    first = [plain(fact.words[0]).split(";")[0] for fact in cited if fact.kind == "finding"]
    issues = [token for token in tokens if token.kind == "issue"]
    return bool(issues) and any("most" in part and all(place_of(one, part) >= 0 for one in issues) for part in first)


def _is_value_word(tokens: Sequence[Token], at: int) -> bool:
    """`the largest lr` and `highest values` speak of values."""
    near = tokens[at + 1 : at + 3]
    return any(token.kind == "param" or token.text in ("value", "values", "settings") for token in near)


def _is_at(facts: Facts, fact: Fact, place: int) -> bool:
    """Whether as many of its like in the sweep rank before it as the place says."""
    return sum(other.rank > fact.rank for other in _like(facts, fact)) == place - 1


def _is_within(facts: Facts, fact: Fact, places: int) -> bool:
    return sum(other.rank > fact.rank for other in _like(facts, fact)) < places


def _like(facts: Facts, fact: Fact) -> list[Fact]:
    return [other for other in facts.of(fact.kind) if other.sweep == fact.sweep]


def _is_extreme(facts: Facts, fact: Fact, top: bool, named: set[str]) -> bool:
    like = _like(facts, fact)
    if fact.kind == "limit":
        shares = [pair.a / pair.n for other in like for pair in other.pairs if pair.n]
        own = [pair.a / pair.n for pair in fact.pairs if pair.n]
        return bool(own) and own[0] == (max(shares) if top else min(shares))
    whole = [other.rank for other in like]
    same = [other.rank for other in like if set(other.codes) & set(fact.codes)]
    best = max if top else min
    return fact.rank == best(whole) or (fact.kind != "count" and bool(named and same) and fact.rank == best(same))


def _place(text: str) -> int:
    """The place in `comes second`, `the second most frequent`; 0 where none is said."""
    places = "|".join(_PLACES)
    come = r"(?:comes?|came|ranks?|ranked|stands?|placed?|is|are|in)"
    found = re.search(
        rf"\b(?:{come} (?:only )?({places})\b|(second|third|fourth)[- ](?:most|largest|biggest|highest))", text
    )
    return _PLACES[found[1] or found[2]] if found else 0
