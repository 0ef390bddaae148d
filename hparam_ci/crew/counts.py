"""The numbers of a clause against those of one fact, each in its role."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from hparam_ci.crew.facts import Fact
from hparam_ci.crew.language import BETTER, NEARLY, NONE, SHARES, TRIAL_NOUNS
from hparam_ci.crew.matching import Match, amount_of, matches
from hparam_ci.crew.quantifiers import claimed_times
from hparam_ci.crew.quantities import Number, numbers
from hparam_ci.crew.text import Token, plain
from hparam_ci.crew.values import close, value_after


def counted_sides(tokens: Sequence[Token], fact: Fact, values: frozenset[int]) -> tuple[set[int], str | None]:
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
    for at, token in enumerate(tokens):
        times = claimed_times(token)
        ratio = amount_of(fact, "times")
        most = 1.5 if tokens[at - 1].text in ("than", "over") and at else 1.15
        less = at > 1 and tokens[at - 1].text == "than" and tokens[at - 2].text in ("fewer", "less")
        if times is not None and ratio is not None and less and ratio.value > times:
            return sides, f"{token.text} is not one of its numbers"
        if times is not None and not less and (ratio is None or not 0.85 * times <= ratio.value <= most * times):
            return sides, f"{token.text} is not one of its numbers"
    if len(sides) > 1:
        moved = _moves(tokens)
        return ({moved}, None) if moved else (sides, "it mixes the two sides of the condition")
    return sides, None


def counts_all_with_issue(tokens: Sequence[Token], fact: Fact, values: frozenset[int]) -> bool:
    """`68 trials with lr > 0.1 failed`, where 68 failed in all and fewer of them with lr > 0.1."""
    written = numbers(tokens, values)
    if len(written) != 1 or written[0].of or {token.text for token in tokens} & (SHARES.keys() | NEARLY):
        return False
    found = matches(written[0], fact, tokens)
    return bool(found) and all(
        (one.role, one.part) == ("explains", "n") and one.pair is not None and one.pair.a < one.pair.n for one in found
    )


def false_part(tokens: Sequence[Token]) -> str | None:
    """`87 trials, of which 240 are affected`, `103 hit NaN out of 17`, `32 trials diverged, 20 of which failed`."""
    written = numbers(tokens, _values(tokens))
    if written and written[0].of in tokens[: written[0].at]:  # `of the 32 diverged trials, 26 ...`
        issues = _issues(tokens[: written[0].at])
        if issues and _issues(_claim(tokens[written[0].until + 1 :])) - issues:
            return _OTHERS
    for first, second in pairwise(written):
        if first.of or second.of or {first.unit, second.unit} & {"%", "points", "p", "trial"}:
            continue
        between = tokens[first.until + 1 : second.at]
        texts = [token.text for token in between]
        behind = [token.text for token in tokens[second.until + 1 :] if token.text not in TRIAL_NOUNS]
        of_which = any(pair in _OF_WHICH for pair in (*pairwise(texts[-3:]), tuple(behind[:2])))
        of_the = texts[-2:] == ["of", "the"] and bool({"part", "share", "portion"} & set(texts))
        of_the = of_the or texts[-2:] == ["out", "of"] or texts[-1:] == ["among"]
        opened = first is written[0] and tokens[0].text in ("of", "out") and "," in texts
        part, whole = (first, second) if of_the else (second, first)
        if not of_the and not of_which and not opened:
            continue
        if part.token.value > whole.token.value:
            return "a part of it is more than the whole"
        issues = _issues(between) or _issues(tokens[: first.at])
        if issues and _issues(_claim(tokens[second.until + 1 :])) - issues:
            return _OTHERS
    return None


def _values(tokens: Sequence[Token]) -> frozenset[int]:
    """The numbers that are values, as in `lr > 0.1` and `a batch size of 512`, and count nothing."""
    return frozenset(
        at
        for at, token in enumerate(tokens)
        if token.kind == "number" and any(one.kind == "param" for one in tokens[max(0, at - 4) : at])
    )


def _issues(tokens: Sequence[Token]) -> set[str]:
    return {token.name for token in tokens if token.kind == "issue"}


def _claim(rest: Sequence[Token]) -> Sequence[Token]:
    """What is said up to the next comma or its like."""
    return rest[: next((at for at, token in enumerate(rest) if token.kind in ("mark", "number")), len(rest))]


_OTHERS = "counts trials with one issue among those with another"
_OF_WHICH = (("of", "which"), ("of", "them"), ("of", "these"))


def _follows_its_name(number: Number, fact: Fact, tokens: Sequence[Token]) -> bool:
    """`val_loss 0.8`: in the issue's message the number stands after the same name; one that compares two has both in
    the message's order."""
    message = plain(fact.words[0])
    named = [token.text for token in tokens if "_" in token.text and token.text in message]
    names = [token.text for token in tokens[: number.at] if token.text in named]
    if not names:
        return True
    if number.unit == "times" or {token.text for token in tokens[number.until + 1 : number.until + 2]} & _BESIDE:
        return len(named) == 2 and message.index(named[0]) < message.index(named[1])
    following = value_after(names[-1], message)
    return following is not None and close(number.token, following)


_BESIDE = frozenset("below above lower higher apart".split())


def _moves(tokens: Sequence[Token]) -> int:
    """+1 for `raises it from 2.4% to 25.5%`, -1 for `drops from 25.5% to 2.4%`: the side that the last share is of."""
    text = " ".join(token.text for token in tokens)
    span = re.search(r"from ([\d.]+) % to ([\d.]+) %", text)
    if not span:
        return 0
    rises = float(span[1]) < float(span[2])
    said = _RISING if rises else _FALLING
    return (1 if rises else -1) if said.search(text) else 0


_RISING = re.compile(r"\b(?:increas\w+|rais\w+|ris\w+|rose|grows?|grew|climbs?|jumps?|lifts?)\b")
_FALLING = re.compile(r"\b(?:decreas\w+|lower\w*|drops?|dropped|falls?|fell|reduc\w+|cuts?|shrinks?|goes down)\b")


def _fits(number: Number, match: Match, tokens: Sequence[Token]) -> bool:
    """Whether what stands around a count says which count it is: affected trials or all that could be."""
    if match.part == "limit":
        return _is_limit(number, tokens)
    if match.role == "limit" and number.unit == "%" and _called_limit(number, tokens):
        return False
    if match.pair is None:
        texts = {token.text for token in tokens}
        counted = match.part == "trials" and _stays_healthy(tokens[number.until + 1 :])
        if _turns_benefit(number, tokens):
            return False
        return not counted and (bool(match.part) or "usual" in texts or not _SPARING & texts)
    if match.role == "time":
        praised = (BETTER | {"well"}) & {token.text for token in tokens[number.until + 1 : number.until + 6]}
        return not praised
    rest = tokens[number.until + 1 :]
    if _is_of_others(number, match, tokens):
        return False
    if ("not", "explained") in pairwise(token.text for token in rest):
        return match.role == "explains" and match.part in ("other", "rest")
    spared = _stays_healthy(rest) or _stayed_healthy(tokens[: number.at])
    exempt = [token.text for token in tokens[max(0, number.at - 2) : number.at]] == ["all", "but"]
    healthy = spared != exempt  # `all but 4 of the 132 stayed finite`
    if match.part in ("pair", "share"):
        return not healthy
    if match.part == "other":  # the trials of the pair that are not affected
        return healthy
    return _single_fits(number, match, tokens, spared=healthy)


def _is_of_others(number: Number, match: Match, tokens: Sequence[Token]) -> bool:
    """Whether the number is said to be out of other trials than those that the match counts."""
    if number.base == "issue":
        return match.role in ("inside", "outside", "count", "sweep")
    if number.base == "condition":
        return match.role in ("explains", "count")
    return match.role == "explains" and _is_of_all_trials(number, tokens)


def _is_of_all_trials(number: Number, tokens: Sequence[Token]) -> bool:
    """`12 of 12 trials went NaN`: out of trials of any kind, and not out of those with the issue."""
    rest = tokens[number.until + 1 : number.until + 2]
    bare = number.of is not None and bool(rest) and rest[0].text in TRIAL_NOUNS
    bare = bare and tokens[number.at - 1].text != "("  # `is tied to NaN (11 of 12 trials)`
    return bare and not (_EXPLAINING | _SPARING) & {token.text for token in tokens}


_EXPLAINING = frozenset("explain explains explained account accounts accounted cover covers covered covering".split())


def _turns_benefit(number: Number, tokens: Sequence[Token]) -> bool:
    """`would cost 4.24 hours`, `keeps 22% of the searched space`: what advice saves costs nothing, what it gives up."""
    before = [token.text for token in tokens[max(0, number.at - 4) : number.at]]
    if number.unit == "hours":
        return any(one in ("would", "will") and after in _COSTING for one, after in pairwise(before))
    behind = {token.text for token in tokens[number.until + 1 : number.until + 6]}
    return number.unit == "%" and "space" in behind and bool(_LEAVING & set(before))


_COSTING = frozenset("cost lose waste take add".split())
_LEAVING = frozenset("keep keeps kept keeping retain retains leave leaves leaving".split())
_COPULAS = frozenset("were are was is stayed remained be been on".split())
_SPARING = frozenset("spared spare spares saved save saves avoided prevented sparing saving".split())


def _is_limit(number: Number, tokens: Sequence[Token]) -> bool:
    """Whether a percentage stands where a limit does: `above 10%`, `its 10% limit`; never `a rate of 10%`."""
    before = [token.text for token in tokens[max(0, number.at - 3) : number.at]]
    named = {"limit", "threshold", "cap", "ceiling", "permitted", "allowed", "limits"}
    following = tokens[number.until + 1 : number.until + 2]
    equal = before[:1] in (["is"], ["was"], ["equals"]) and before[1:2] == ["the"]  # `the rate is the allowed 10%`
    if equal or (following and following[0].text == "of"):
        return False
    if not before or set(before) & named or before[-1] in _BESIDE_LIMIT:
        return True
    return bool(following) and following[0].text in named


def _called_limit(number: Number, tokens: Sequence[Token]) -> bool:
    """`limit of 10%`, `its 10% limit`: a number that is called the limit."""
    before = [token.text for token in tokens[max(0, number.at - 2) : number.at]]
    following = [token.text for token in tokens[number.until + 1 : number.until + 2]]
    nouns = {"limit", "threshold", "cap", "ceiling", "allowed", "permitted"}
    if before[-1:] == ["("] and following[:1] != [")"]:
        return False
    named = bool(nouns & set(before)) and before[-1] in ("of", "at", "is", "(", "allowed", "permitted")
    return named or bool(nouns & set(following))


_BESIDE_LIMIT = frozenset(
    "above over below under exceeds exceed exceeded exceeding within past beyond against vs versus than the its to "
    "permitted allowed".split()
)


def _single_fits(number: Number, match: Match, tokens: Sequence[Token], *, spared: bool) -> bool:
    """The same for a count that stands alone, without what it is out of."""
    rest = tokens[number.until + 1 :]
    if [token.text for token in rest[:2]] in (["of", "which"], ["of", "them"], ["of", "these"], ["of", "those"]):
        return match.part == "a"
    if match.part == "a" and ("of", "which") in pairwise(token.text for token in rest[:5]):
        return False  # `240 trials, of which 87 are affected`
    sparing = _SPARING & {token.text for token in tokens[max(0, number.at - 3) : number.at]}
    if match.part == "n" and (sparing or (match.role == "explains" and spared)):
        return False
    following = tokens[number.until + 1 : number.until + 5]
    before = tokens[max(0, number.at - 4) : number.at]
    skipped = {"of", "the", "them", "trials", "runs", "that", "have", "were", "all", "to"}
    subject = next((token for token in following if token.text not in skipped), None)
    if match.part == "n" and "of" in {token.text for token in tokens[max(0, number.at - 3) : number.at]}:
        return match.role == "explains" or [one.kind for one in following[:1]] != ["issue"]  # the whole of a share
    if match.role == "explains" and match.part == "n" and _SPARING & {token.text for token in tokens}:
        return False
    leading_in = tokens[number.at - 1].text in ("in", ":", "(", "for")
    issue = (subject is not None and subject.kind == "issue") or (
        leading_in and any(token.kind == "issue" for token in before)
    )
    none = any(token.text in NONE for token in tokens[max(0, number.at - 5) : number.at])
    best = tokens[number.at - 1].text == "best" and [one.text for one in following[:1]] == ["finished"]
    healthy = spared or (none and leading_in) or (not best and any(token.text in _FINE for token in following))
    affected = any(token.text in ("affected", "sick") for token in following) and not healthy
    affected = affected or (match.part == "n" and _ends_in_issue(rest))
    if match.part == "a":
        return not healthy
    if match.part == "rest":
        return healthy and match.role != "explains"
    if match.role == "explains":  # all trials with the issue
        return not healthy
    return not (issue or affected) or healthy


def _ends_in_issue(rest: Sequence[Token]) -> bool:
    """`82 trials with lr > 0.1 failed`, with no other count that says how many of them."""
    counted = any(
        one.kind == "number" and after.text in (*TRIAL_NOUNS, "of", "%", "times") for one, after in pairwise(rest)
    )
    if counted or any(token.kind == "mark" and token.text != "." for token in rest):
        return False
    last = [token for token in rest if token.kind != "mark"][-1:]
    return bool(last) and last[0].kind == "issue" and not any(token.text in NONE | {"not"} for token in rest)


def _stays_healthy(rest: Sequence[Token]) -> bool:
    """Whether what follows a count says that its trials were fine."""
    for at, token in enumerate(rest[:16]):
        counted = token.kind == "number" and [one.text for one in rest[at + 1 : at + 2]] in (["of"], ["%"], ["out"])
        if counted or token.text in (";", ",", ":", "("):
            return False
        near = {before.text for before in rest[max(0, at - 2) : at]}
        denied = bool(near & {"not", "never"}) and "set" not in near and rest[at - 1].kind != "level"
        base = [one.text for one in rest[at + 1 : at + 2]]
        described = bool(base) and base[0] in TRIAL_NOUNS and rest[max(0, at - 1)].text not in _COPULAS
        if token.text in _FINE and not described:
            return not denied
        if token.kind == "issue":
            return denied or rest[at - 1].text == "without"
        if token.text in ("affected", "sick") and denied:
            return True
    return False


def _stayed_healthy(before: Sequence[Token]) -> bool:
    """`survived in 14 of 45 cases`, `did not diverge in 14 of 45`: the words before say that they were fine."""
    words = [token for token in before[-7:] if token.text not in ("in", "(", "only", "just", "about")]
    if not words or before[-1].text not in ("in", "(", "only", "just"):
        return False
    denied = words[-2:-1] != [] and words[-2].text == "not"
    return denied if words[-1].kind == "issue" else words[-1].text in _FINE and not denied


_FINE = frozenset(
    "healthy unaffected clean fine finite survive survives survived completed finished escaped escape stable "
    "unharmed free spared".split()
)


def _shown(number: Number) -> str:
    return number.token.text + (f" of {number.of.text}" if number.of else "") + ("%" if number.unit == "%" else "")
