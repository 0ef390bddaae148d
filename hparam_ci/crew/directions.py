"""Whether a clause leads away from the sick side of a cause, and blames that side alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from hparam_ci.crew.facts import Fact
from hparam_ci.crew.language import AVOID, HIGH, HOURS, LOW, TRIAL_NOUNS
from hparam_ci.crew.mentions import Mention
from hparam_ci.crew.mood import Mood, expected, mood_of
from hparam_ci.crew.sides import side_of
from hparam_ci.crew.text import Token, plain
from hparam_ci.inspection import Condition


def misdirection(
    tokens: Sequence[Token], found: Sequence[Mention], fact: Fact, counted: set[int], *, compared: bool
) -> str | None:
    """Advice leads away from the sick side; what is said to be sick lies on it."""
    last = max((mention.at for mention in found), default=-1)
    said = tokens if last > 0 and tokens[last - 1].text == "for" else tokens[last + 1 :]
    if _either(tokens, found, fact):
        return "its conditions hold only together"
    if _trials_avoid(tokens) or _aims_at_harm(tokens) or _of_such_values(said, fact):
        return "its advice contradicts it"
    return _by_mention(tokens, found, fact, counted, compared=compared) or _by_clause(tokens, found, fact, counted)


def _by_mention(
    tokens: Sequence[Token], found: Sequence[Mention], fact: Fact, counted: set[int], *, compared: bool
) -> str | None:
    """Each hyperparameter is named on the side that the clause's mood is right about."""
    for mention in found:
        condition = next((c for c in fact.conditions if c.param == mention.param), None)
        side = side_of(mention, condition, fact, tokens) if condition else 0
        if condition and _blames_setting(tokens, mention, condition):
            return f"it turns the direction of {mention.param} round"
        if not side or (mention.negated and any(one.negated and one.at < mention.at for one in found)):
            continue
        mood = mood_of(tokens, mention)
        if counted and mood in ("worse", "none"):
            continue
        if mood == "none" and (compared or side > 0 or _advises(tokens, found, fact)):
            continue
        if side > 0 and mood == "keep" and len(fact.conditions) > 1 and _advises_apart(tokens, found, fact, mention):
            continue  # `use adamw with lr below 0.1`: where the advice holds
        if problem := _wrong(mood, side, mention, fact, prevented=_prevents(tokens), counted=bool(counted)):
            return problem
    return None


def _blames_setting(tokens: Sequence[Token], mention: Mention, condition: Condition) -> bool:
    """`dropout causes overfitting`, where it is to be without dropout that does."""
    off = condition.op == "missing" or (condition.op == "==" and str(condition.value).lower() in ("0", "0.0", "false"))
    behind = [one.text for one in tokens[mention.at + 1 : mention.at + 3]]
    return off and mention.relation == "named" and (behind[:1] or [""])[0] in _CAUSING and "not" not in behind


_CAUSING = frozenset(
    "cause causes caused mean means make makes made trigger triggers produce produces bring brings".split()
)


def _by_clause(tokens: Sequence[Token], found: Sequence[Mention], fact: Fact, counted: set[int]) -> str | None:
    if fact.kind == "advice" and _costs_time(tokens):
        return "it spares them"
    if _advises_elsewhere(tokens, found, fact):
        return "it advises that for the other values"
    if not counted and _advises_nothing(tokens, found, fact):
        return "it names the sick side without advising against it"
    if fact.kind == "advice" and not fact.conditions:
        return _general_direction(tokens, fact)
    return None


def _wrong(mood: Mood, side: int, mention: Mention, fact: Fact, *, prevented: bool, counted: bool) -> str | None:
    """Whether the side is not the one that the mood is right about."""
    if fact.stays and mood in ("avoid", "keep"):
        return f"it does not advise to give up {mention.param}"
    if counted and mood == "better" and not (side > 0 and prevented):
        return None
    if mood == "none" or (expected(mood) and expected(mood) != side):
        advice = mood in ("avoid", "keep")
        return (
            f"its advice on {mention.param} contradicts it"
            if advice
            else f"it turns the direction of {mention.param} round"
        )
    return None


def _either(tokens: Sequence[Token], found: Sequence[Mention], fact: Fact) -> bool:
    """Whether `or` stands between two conditions that hold only together."""
    ordered = sorted((m for m in found if any(c.param == m.param for c in fact.conditions)), key=lambda one: one.at)
    for first, second in pairwise(ordered):
        between = [token.text for token in tokens[first.at + 1 : second.at]]
        behind = [at for at, text in enumerate(between) if text == "or"]
        free = [at for at in behind if between[at + 1 : at + 2] == [] or between[at + 1] not in _OR_MORE]
        side = side_of(second, next(c for c in fact.conditions if c.param == second.param), fact, tokens)
        if first.param != second.param and free and side == 1:
            return True
    return False


def _of_such_values(tokens: Sequence[Token], fact: Fact) -> bool:
    """Whether `higher values should be explored` leads to the sick side of the one threshold."""
    cuts = [condition for condition in fact.conditions if condition.op in ("<=", ">")]
    ordered = _ORDERING & {token.text for token in tokens}
    if len(cuts) != 1 or not ordered:
        return False
    for at, token in enumerate(tokens[:-1]):
        if token.text in HIGH | LOW and tokens[at + 1].text in ("values", "ones", "settings", "rates", "value"):
            sick = (token.text in HIGH) == (cuts[0].op == ">")
            avoided = bool(AVOID & {one.text for one in tokens})
            return sick != avoided
    return False


_ORDERING = frozenset(
    "should must can may recommended advised advisable needed required necessary preferable better best safe "
    "safer".split()
)


def _trials_avoid(tokens: Sequence[Token]) -> bool:
    """`failing trials mostly avoid it`: no advice, but what trials do."""
    for at, token in enumerate(tokens):
        if token.text not in ("avoid", "avoids", "avoided", "exclude", "excludes"):
            continue
        before = [one for one in tokens[:at] if one.kind != "word" or not one.text.endswith(("ly", "always", "never"))]
        before = [one for one in before if one.text not in ("almost", "often")]
        if before and (before[-1].kind == "issue" or before[-1].text in TRIAL_NOUNS):
            return True
    return False


def _aims_at_harm(tokens: Sequence[Token]) -> bool:
    """`aim for divergence with lr above 0.1`."""
    kinds = [token.kind if token.kind == "issue" else token.text for token in tokens]
    return any(verb == "aim" and kinds[at + 1 : at + 3] == ["for", "issue"] for at, verb in enumerate(kinds))


_OR_MORE = frozenset("more less fewer above below higher lower larger smaller equal greater".split())


def _advises_elsewhere(tokens: Sequence[Token], found: Sequence[Mention], fact: Fact) -> bool:
    """`cap lr without adamw`, where the advice is for adamw."""
    if len(fact.conditions) < 2:
        return False
    kept = absent = False
    for mention in found:
        condition = next((c for c in fact.conditions if c.param == mention.param), None)
        side = side_of(mention, condition, fact, tokens) if condition else 0
        before = {one.text for one in tokens[max(0, mention.at - 2) : mention.at]}
        left_out = (mention.relation == "other" and "without" in before) or (
            {"when", "whenever", "where", "if"} & before and mood_of(tokens, mention) == "none"
        )
        if side == -1 and left_out:
            absent = True
        elif (side == -1 or mention.relation == "named") and mood_of(tokens, mention) in ("keep", "better"):
            kept = True
    return kept and absent


def _advises_nothing(tokens: Sequence[Token], found: Sequence[Mention], fact: Fact) -> bool:
    """Whether advice names sick values alone, and says nothing bad of them."""
    if fact.kind != "advice" or fact.stays or any(token.kind == "issue" for token in tokens):
        return False
    sides = []
    for mention in found:
        condition = next((c for c in fact.conditions if c.param == mention.param), None)
        side = side_of(mention, condition, fact, tokens) if condition else 0
        if mood_of(tokens, mention) in ("avoid", "worse"):
            return False
        sides.append(side)
    return 1 in sides and -1 not in sides


def _advises_apart(tokens: Sequence[Token], found: Sequence[Mention], fact: Fact, one: Mention) -> bool:
    """Whether another of the cause's conditions is what the clause leads away from."""
    for mention in found:
        condition = next((c for c in fact.conditions if c.param == mention.param != one.param), None)
        side = side_of(mention, condition, fact, tokens) if condition else 0
        if side and expected(mood_of(tokens, mention)) == side and mood_of(tokens, mention) in ("keep", "avoid"):
            return True
    return False


def _advises(tokens: Sequence[Token], found: Sequence[Mention], fact: Fact) -> bool:
    """Whether the clause sends away from the sick side by another of its mentions: replace adamw with another one."""
    for mention in found:
        condition = next((c for c in fact.conditions if c.param == mention.param), None)
        if condition and side_of(mention, condition, fact, tokens) == 1 and mood_of(tokens, mention) == "avoid":
            return True
    return False


def _general_direction(tokens: Sequence[Token], fact: Fact) -> str | None:
    """General advice may only go the way that it goes."""
    own = set(re.findall(r"[a-z]+", plain(" ".join(fact.words))))
    for group in (HIGH, LOW):
        used = {token.text for token in tokens if token.kind == "word"} & group
        if used - _ADJECTIVES and not own & group:
            return f"the advice does not say {min(used - _ADJECTIVES)}"
    words = {token.text for token in tokens}
    if turned := [word for word, opposite in _OPPOSITES.items() if word in words - own and opposite in own]:
        return f"the advice does not say {turned[0]}"
    avoiding = {token.text for token in tokens if token.kind == "word"} & AVOID - {"not", "stop", "drop"}
    return f"the advice does not say {min(avoiding)}" if avoiding - own else None


def _costs_time(tokens: Sequence[Token]) -> bool:
    """`would cost about 4 hours`, of advice that spares them."""
    return any(
        token.text in _COSTING and {one.text for one in tokens[at + 1 : at + 5]} & HOURS.keys()
        for at, token in enumerate(tokens)
    )


_COSTING = frozenset("cost costs costing lose loses losing waste wastes".split())
_OPPOSITES = {"later": "earlier", "narrower": "wider", "top": "between", "bottom": "between"}
_ADJECTIVES = frozenset("less great high large above".split())
"""Of what advice changes: `lower a high lr`."""


def _prevents(tokens: Sequence[Token]) -> bool:
    return any(
        token.text in _PREVENTING and not {"not", "never"} & {one.text for one in tokens[max(0, at - 2) : at]}
        for at, token in enumerate(tokens)
    )


_PREVENTING = frozenset(
    "prevent prevents prevented preventing protect protects protected protecting cure cures cured eliminate eliminates "
    "eliminated safe safer safest stable harmless immune best ideal optimal".split()
)
