"""One clause against one fact: numbers in their roles, hyperparameters on their side, advice, limits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from hparam_ci.crew.facts import Fact, measures_in
from hparam_ci.crew.language import ALL, AVOID, HIGH, LOW, NONE
from hparam_ci.crew.mentions import Mention, close, mentions
from hparam_ci.crew.mood import expected, mood_of
from hparam_ci.crew.quantities import (
    OF_THE_ISSUE,
    Match,
    Number,
    amount_of,
    claimed_shares,
    claimed_times,
    counted_roles,
    matches,
    numbers,
)
from hparam_ci.crew.ranges import aims_apart, choices_in, is_outlook
from hparam_ci.crew.sides import side_of, stated_side
from hparam_ci.crew.text import Token, plain


def disagreement(tokens: Sequence[Token], fact: Fact, *, compared: bool = False) -> str | None:
    """Where the clause, perhaps a comparison's second half, departs from the fact; None if it does not."""
    issues = {token.name for token in tokens if token.kind == "issue"}
    if fact.codes and issues - set(fact.codes) and not _is_verdict_clause(tokens, fact):
        part = _part_about(tokens, fact)
        if part is None:
            return "it is about another issue"
        fact = part
    found = mentions(tokens, fact)
    for mention in found:
        if mention.param not in fact.params and not _worded(tokens[mention.at].text, fact):
            return f"it does not speak of {mention.param}"
    values = frozenset(at for mention in found for at in mention.numbers)
    if is_outlook(fact):
        problem = aims_apart(tokens, found, fact)
        values |= choices_in(tokens, fact)
        if problem or not fact.conditions:
            return problem or _numbers(tokens, fact, values)[1] or _shares(tokens, fact, set())
    sides, problem = _sides(tokens, found, fact)
    if problem:
        return problem
    counted, problem = _numbers(tokens, fact, values)
    if problem:
        return problem
    if (
        counted
        and not sides
        and any(mention.relation == "named" for mention in found)
        and not _spells_out(tokens, fact)
    ):
        return "it does not say for which values that holds"
    if sides and counted and sides != counted:
        return "its counts belong to the other side of the condition"
    return (
        _direction(tokens, found, fact, counted, compared=compared)
        or _shares(tokens, fact, sides or counted)
        or _limit_words(tokens, fact)
        or _compared(tokens, fact, sides or counted)
    )


def _part_about(tokens: Sequence[Token], fact: Fact) -> Fact | None:
    """The part of a remark that is about the clause's issues, as a fact; None where it has none."""
    if fact.kind != "finding":
        return None
    issues = [token.text for token in tokens if token.kind == "issue"]
    parts = [part for part in re.split(r";|\.\s", plain(fact.words[0])) if all(text[:5] in part for text in issues)]
    return (
        replace(fact, codes=(), amounts=measures_in(" ".join(parts)), words=(*parts, *fact.words[1:]))
        if parts
        else None
    )


def _spells_out(tokens: Sequence[Token], fact: Fact) -> bool:
    """Whether the clause speaks of a combination of all its hyperparameters, as `lr and optimizer together`."""
    named = {token.name for token in tokens if token.kind == "param"}
    return len(fact.conditions) > 1 and all(condition.param in named for condition in fact.conditions)


_PREVENTING = frozenset(
    "prevent prevents prevented preventing protect protects protected protecting cure cures cured eliminate eliminates "
    "eliminated safe safer safest stable harmless immune best ideal optimal".split()
)


def _prevents(tokens: Sequence[Token]) -> bool:
    return any(
        token.text in _PREVENTING and not {"not", "never"} & {one.text for one in tokens[max(0, at - 2) : at]}
        for at, token in enumerate(tokens)
    )


def _sides(tokens: Sequence[Token], found: Sequence[Mention], fact: Fact) -> tuple[set[int], str | None]:
    """The sides of the cause that the clause names: by its hyperparameters, and by `with it` and `without it`."""
    sides: set[int] = set()
    advised = remedied = False
    for mention in found:
        problem, side = _mention(tokens, mention, fact)
        if problem:
            return sides, problem
        if side:
            sides.add(side)
        mood = mood_of(tokens, mention)
        advised = advised or (side == -1 and mood == "keep")
        remedied = remedied or (side == -1 and mood == "better")
    if problem := _bare_blank(tokens, found, fact, sides):
        return sides, problem
    if advised or (remedied and len(sides) > 1):  # keep lr low when the optimizer is adamw
        sides = set()
    if stated := stated_side(tokens):
        sides.add(stated)
    return sides, "it mixes the two sides of the condition" if len(sides) > 1 else None


def _worded(name: str, fact: Fact) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", plain(text)) for text in fact.words)


def _is_verdict_clause(tokens: Sequence[Token], fact: Fact) -> bool:
    return fact.kind in ("verdict", "limit") and any(t.text in ("gate", "verdict", "limit") for t in tokens)


def _bare_blank(tokens: Sequence[Token], found: Sequence[Mention], fact: Fact, sides: set[int]) -> str | None:
    """`momentum and clipping`: beside a value, a name alone says that it is set."""
    blank = {c.param for c in fact.conditions if c.op == "missing"}
    told = {m.param for m in found if m.relation != "named"}
    for mention in found:
        if mention.param not in blank - told:
            continue
        mood = mood_of(tokens, mention)
        if mood == "avoid":
            return f"its advice on {mention.param} contradicts it"
        if sides and mood != "keep":
            return f"it says that {mention.param} is set"
    return None


def _mention(tokens: Sequence[Token], mention: Mention, fact: Fact) -> tuple[str | None, int]:
    """The side of the cause that the mention names."""
    conditions = [c for c in fact.conditions if c.param == mention.param]
    if not conditions:
        return _of_range(tokens, mention, fact), 0
    sides = [side_of(mention, condition, fact, tokens) for condition in conditions]
    right = [one for one in sides if one is not None]
    if not right:
        return f"it says something else of {mention.param}", 0
    return None, right[0]


def _of_range(tokens: Sequence[Token], mention: Mention, fact: Fact) -> str | None:
    if mention.relation == "named" or fact.kind not in ("advice", "issue"):
        return None if mention.relation == "named" else f"it says nothing of the values of {mention.param}"
    given = [tokens[at] for at in mention.numbers]
    if fact.kind == "advice" and not given:
        return None
    amounts = [amount.value for amount in fact.amounts if amount.of == mention.param]
    if all(any(close(token, value) for value in amounts) for token in given) and given:
        return None
    return f"it says nothing of such values of {mention.param}"


def _numbers(tokens: Sequence[Token], fact: Fact, values: frozenset[int]) -> tuple[set[int], str | None]:
    """The sides that the clause's numbers are counts of, or which of them is not the fact's."""
    sides: set[int] = set()
    for number in numbers(tokens, values):
        found = [match for match in matches(number, fact, tokens) if _fits(number, match, tokens)]
        if fact.kind == "issue" and number.unit != "trial" and not _follows_its_name(number, fact, tokens):
            found = []
        if not found:
            return sides, f"{_shown(number)} is not one of its numbers"
        roles = {match.role for match in found}
        if len(roles) == 1 and roles <= {"inside", "outside"}:
            sides.add(1 if roles == {"inside"} else -1)
    for token in tokens:
        times = claimed_times(token)
        ratio = amount_of(fact, "times")
        if times is not None and (ratio is None or not 0.85 * times <= ratio.value <= 1.15 * times):
            return sides, f"{token.text} is not one of its numbers"
    if len(sides) > 1:
        return ({1}, None) if _rises(tokens) else (sides, "it mixes the two sides of the condition")
    return sides, None


def _follows_its_name(number: Number, fact: Fact, tokens: Sequence[Token]) -> bool:
    """`val_loss 0.8`: in the issue's message the number stands after the same name."""
    message = plain(fact.words[0])
    names = [token.text for token in tokens[: number.at] if "_" in token.text and token.text in message]
    if not names:
        return True
    following = re.search(rf"(?<!\w){re.escape(names[-1])}\D*([-\d.e+]*\d)", message)
    return following is not None and close(number.token, float(following[1]))


def _rises(tokens: Sequence[Token]) -> bool:
    """`raises it from 2.4% to 25.5%`: the first is the share without the condition, the second that with it."""
    text = " ".join(token.text for token in tokens)
    grows = re.search(r"\b(?:increas\w+|rais\w+|ris\w+|rose|grows?|grew|climbs?|jumps?)\b", text)
    span = re.search(r"from ([\d.]+) % to ([\d.]+) %", text)
    return bool(grows and span and float(span[1]) < float(span[2]))


def _fits(number: Number, match: Match, tokens: Sequence[Token]) -> bool:
    """Whether what stands around a count says which count it is: affected trials or all that could be."""
    if match.pair is None or match.role == "time":
        return True
    if number.base == "issue" and match.role in ("inside", "outside", "count", "sweep"):
        return False
    if number.base == "condition" and match.role in ("explains", "count"):
        return False
    rest = tokens[number.until + 1 :]
    spared = _stays_healthy(rest)
    if match.part in ("pair", "share"):
        return not spared
    exempt = [token.text for token in tokens[max(0, number.at - 2) : number.at]] == ["all", "but"]
    if match.part == "other":  # the trials of the pair that are not affected
        return spared or exempt
    if [token.text for token in rest[:2]] in (["of", "which"], ["of", "them"], ["of", "these"], ["of", "those"]):
        return match.part == "a"
    following = tokens[number.until + 1 : number.until + 5]
    before = tokens[max(0, number.at - 4) : number.at]
    skipped = {"of", "the", "them", "trials", "runs", "that", "have", "were", "all", "to"}
    subject = next((token for token in following if token.text not in skipped), None)
    if match.part == "n" and "of" in {token.text for token in tokens[max(0, number.at - 3) : number.at]}:
        return True  # the whole of a share
    leading_in = tokens[number.at - 1].text in ("in", ":", "(", "for")
    issue = (subject is not None and subject.kind == "issue") or (
        leading_in and any(token.kind == "issue" for token in before)
    )
    healthy = exempt or spared or any(token.text in _FINE for token in following)
    affected = any(token.text in ("affected", "sick") for token in following) and not healthy
    if match.part == "a":
        return not healthy
    if match.part == "rest":
        return healthy
    if match.role == "explains":  # all trials with the issue
        return not healthy
    return not (issue or affected) or healthy


def _stays_healthy(rest: Sequence[Token]) -> bool:
    """Whether what follows a count says that its trials were fine."""
    for at, token in enumerate(rest[:9]):
        if token.kind == "number" or token.text in (";", ",", ":", "("):
            return False
        near = {before.text for before in rest[max(0, at - 2) : at]}
        denied = bool(near & {"not", "never"}) and "set" not in near
        if token.text in _FINE:
            return not denied
        if token.kind == "issue":
            return denied or rest[at - 1].text == "without"
    return False


_END_OF_CLAUSE = Token("mark", ".")
_FINE = frozenset(
    "healthy unaffected clean fine finite survive survives survived completed finished escaped escape stable "
    "unharmed".split()
)
_HEALTHY = _FINE | frozenset({"not", "without"})


def _shown(number: Number) -> str:
    return number.token.text + (f" of {number.of.text}" if number.of else "") + ("%" if number.unit == "%" else "")


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


_OR_MORE = frozenset("more less fewer above below higher lower larger smaller equal greater".split())


def _direction(
    tokens: Sequence[Token], found: Sequence[Mention], fact: Fact, counted: set[int], *, compared: bool
) -> str | None:
    """Advice leads away from the sick side; what is said to be sick lies on it."""
    if _either(tokens, found, fact):
        return "its conditions hold only together"
    if not counted and _advises_nothing(tokens, found, fact):
        return "it names the sick side without advising against it"
    for mention in found:
        condition = next((c for c in fact.conditions if c.param == mention.param), None)
        side = side_of(mention, condition, fact, tokens) if condition else 0
        if not side or (mention.negated and any(one.negated and one.at < mention.at for one in found)):
            continue
        mood = mood_of(tokens, mention)
        if fact.stays and mood in ("avoid", "keep"):
            return f"it does not advise to give up {mention.param}"
        if side > 0 and mood == "better" and _prevents(tokens):
            return f"it turns the direction of {mention.param} round"
        if counted and mood in ("worse", "better", "none"):
            continue
        if mood == "none" and side < 0 and not compared and not _advises(tokens, found, fact):
            return f"it turns the direction of {mention.param} round"
        if side > 0 and mood == "keep" and len(fact.conditions) > 1 and _advises_apart(tokens, found, fact, mention):
            continue  # `use adamw with lr below 0.1`: where the advice holds
        if expected(mood) and expected(mood) != side:
            return (
                f"its advice on {mention.param} contradicts it"
                if mood in ("avoid", "keep")
                else f"it turns the direction of {mention.param} round"
            )
    if fact.kind == "advice" and not fact.conditions:
        return _general_direction(tokens, fact)
    return None


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
        if used and not own & group and not used <= {"less", "great", "high", "large", "above"}:
            return f"the advice does not say {min(used)}"
    avoiding = {token.text for token in tokens if token.kind == "word"} & AVOID - {"not", "stop", "drop"}
    return f"the advice does not say {min(avoiding)}" if avoiding - own else None


def _shares(tokens: Sequence[Token], fact: Fact, sides: set[int]) -> str | None:
    """`all`, `none`, `most` and their like hold for the pair that the clause means."""
    if fact.kind in ("range", "issue", "finding", "undetermined"):
        return None
    written = [(n.token.value, n.of.value) for n in numbers(tokens, frozenset()) if n.of and n.unit != "hours"]
    own = plain(" ".join(fact.words)).split()
    for at, low, high in claimed_shares(tokens):
        if is_outlook(fact) and tokens[at].text in NONE:
            continue
        if fact.kind == "limit" and tokens[at].text in ALL and {"within", "above", "below"} & {t.text for t in tokens}:
            continue  # `all stay within their limits`, one limit at a time
        if fact.kind == "advice" and tokens[at].text in ALL and {"should", "must"} & {token.text for token in tokens}:
            continue  # `should be set in every trial`
        if tokens[at].text == "most" and is_outlook(fact) and "most" in own:
            continue
        roles = counted_roles(tokens, at, sides)
        pairs = [pair for pair in fact.pairs if pair.role in roles]
        if len(written) == 1 and (same := [pair for pair in fact.pairs if (pair.a, pair.n) == written[0]]):
            pairs = [pair for pair in same if pair in pairs] if tokens[at].text in OF_THE_ISSUE else same
        if not any(low - 1e-9 <= pair.a / pair.n <= high + 1e-9 for pair in pairs if pair.n):
            return f"{tokens[at].text} is not what it counts"
    return None


_ABOVE_LIMIT = re.compile(
    r"\b(?:above|over|missed|broken|breaks|busted|exceed\w*|violat\w*|breach\w*|crosse[sd]|overrun\w*|beyond|"
    r"higher than|past)\b"
)
_WITHIN_LIMIT = re.compile(
    r"\b(?:within|below|under|meets?|met|satisf\w+|respect(?:ed|s)?|fulfilled|less than|lower than|inside|clears?)\b"
)


def _limit_words(tokens: Sequence[Token], fact: Fact) -> str | None:
    """Above and within a limit, passed and failed: as the gate has it."""
    texts = [token.text for token in tokens]
    joined = " ".join(texts)
    if fact.kind not in ("limit", "verdict"):
        if (
            "limit" in texts
            and fact.kind in ("count", "sweep", "cause")
            and (_ABOVE_LIMIT.search(joined) or _WITHIN_LIMIT.search(joined))
            and not any(token.kind == "param" for token in tokens)
        ):
            return "it says nothing of a limit"
        if re.search(r"\b(?:gate|verdict)\b", joined):
            return "it says nothing of the gate"
        return None
    passed = fact.outcome == "pass"
    above = _ABOVE_LIMIT.search(joined)
    within = _WITHIN_LIMIT.search(joined)
    denied = re.search(
        r"\b(?:not|never|nowhere) (?:\w+ )?(exceed\w*|above|over|met|meet|within|respected|below|under)", joined
    )
    if denied:
        above, within = (None, denied) if _ABOVE_LIMIT.match(denied[1]) else (denied, None)
    if above and passed:
        return "it is within its limit"
    if within and not passed and "not within" not in joined:
        return "it is above its limit"
    joined = re.sub(r"\b(?:not|never|fails to|failed to) pass\w*", "fail", joined)
    verdict = re.search(r"\b(pass|passes|passed|fail|fails|failed|warn|warns|inconclusive)\b", joined)
    gate = {"gate", "verdict"} & set(texts)
    if verdict and gate and not verdict[1].startswith(fact.outcome):
        return f"the verdict is {fact.outcome}"
    if verdict and verdict[1].startswith("pass") and fact.outcome != "pass":
        return f"the verdict is {fact.outcome}"
    return None


def _compared(tokens: Sequence[Token], fact: Fact, sides: set[int]) -> str | None:
    """More often, less often: the sick side is the one with more."""
    joined = " ".join(token.text for token in tokens if token.kind != "mark").replace("or fewer", "")
    if fact.kind not in ("cause", "hint", "advice") or not sides:
        return None
    side = next(iter(sides))
    leading = re.match(r"(?:far |much |well |way |even )?(less|fewer|lower|more|higher|greater) than", joined)
    if leading and (leading[1] in ("less", "fewer", "lower")) == (side < 0):
        return "it is the other side that has more of them"
    if re.search(r"\b(?:less (?:often|frequent\w*|common\w*|likely)|fewer|rarer|lower (?:rate|share))\b", joined) or (
        re.search(r"\b(?:less|fewer|lower|rarer)(?: than the .*)?$", joined)
    ):
        return "it is the side with more of them" if side > 0 else None
    if re.search(r"\b(?:more (?:often|frequent\w*|common\w*|likely)|likelier|higher (?:rate|share))\b", joined):
        return "it is the side with fewer of them" if side < 0 else None
    return None
