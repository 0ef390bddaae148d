"""How many, in words: all, none, most, twice; and of which trials that is said."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import dropwhile, pairwise

from hparam_ci.crew.language import (
    ACTS,
    ALL,
    AVOID,
    HIGH,
    KEEP,
    LOW,
    LOWERING,
    LYING,
    NEARLY,
    NONE,
    RAISING,
    SHARES,
    SWITCHING_OFF,
    TIMES,
    TRIAL_NOUNS,
)
from hparam_ci.crew.quantities import ids_in
from hparam_ci.crew.text import Token


def claimed_shares(tokens: Sequence[Token]) -> list[tuple[int, float, float]]:
    """(token, lowest, highest) of each share that words claim: all, none, most, half, a third."""
    found = []
    for at, token in enumerate(tokens):
        if token.kind != "word":
            continue
        before = [one.text for one in tokens[max(0, at - 2) : at]]
        nearly = bool(set(before[-1:]) & NEARLY)
        if token.text in ALL and not _harmless_all(tokens, at, before):
            found.append((at, 0.85 if nearly else 1.0, 1.0))
        elif token.text in NONE and not _harmless_none(tokens, at):
            found.append((at, 0.0, 0.12 if nearly else 0.0))
        elif token.text in SHARES and not _harmless_share(tokens, at, before):
            found.append((at, *SHARES[token.text]))
    return found


# Shares of the trials with the issue, and not of those with the condition.
OF_THE_ISSUE = frozenset("mostly mainly largely entirely exclusively majority overwhelmingly predominantly".split())


def counted_roles(tokens: Sequence[Token], at: int, sides: set[int]) -> frozenset[str]:
    """The roles of the counts that a word such as `all` speaks of: what is named first after it is what is counted."""
    plain = frozenset({"count", "sweep", "limit"})
    if sides == {-1}:
        return plain | {"outside"}
    subject = next((t for t in tokens[at + 1 :] if t.kind in ("issue", "param", "level") or t.text == "it"), None)
    if tokens[at].text in OF_THE_ISSUE:
        return plain | {"explains"}
    if _OF_THESE & {one.text for one in _behind_trials(tokens, at)}:
        return plain | {"inside"}  # `most trials above it diverged`
    if subject is None:
        return plain | ({"inside", "explains"} if sides or tokens[at].text not in NONE else {"inside", "outside"})
    those = [one.text for one in tokens[at + 1 : at + 2]] in (["those"], ["ones"])
    if those and any(token.kind == "issue" for token in tokens[:at]):
        return plain | {"explains"}
    direct = tokens[at + 1 : at + 2] and tokens[at + 1].kind == "issue" and tokens[at + 1].text.endswith(("s", "ing"))
    if direct and tokens[at].text in ("all", "every"):
        return plain | {"explains"}
    if subject.kind == "issue" and tokens[at].text != "always":
        named_before = any(t.kind in ("param", "level") for t in tokens[:at])
        return plain | ({"inside", "explains"} if named_before else {"explains"})
    return plain | {"inside"}


_OF_THESE = frozenset("with without above below under over outside inside within between where at in".split())


def _behind_trials(tokens: Sequence[Token], at: int) -> Sequence[Token]:
    """What stands right behind `most trials`, `most of the trials`."""
    rest = list(dropwhile(lambda one: one.text in ("of", "the"), tokens[at + 1 :]))
    trials = bool(rest) and rest[0].text in TRIAL_NOUNS and not any(one.kind == "issue" for one in rest[2:3])
    return rest[1:2] if trials else ()


def _are_others(tokens: Sequence[Token], at: int) -> bool:
    """`all other`, `all the others`, `all of the rest`: the other side, whose numbers are the claim."""
    skipped = [one.text for one in tokens[at + 1 : at + 5] if one.text not in ("of", "the", "its")]
    return bool(skipped) and skipped[0] in ("other", "others", "remaining", "rest")


def _has_share(tokens: Sequence[Token]) -> bool:
    """Whether a share or a count out of another stands in the clause."""
    return any(one.kind == "number" and after.text in ("of", "%", "out", "/") for one, after in pairwise(tokens))


_FOR = (["for"], ["than"], ["with"], ["to"])
_WHOLES = frozenset("of in above after across before at".split())


def _harmless_all(tokens: Sequence[Token], at: int, before: list[str]) -> bool:
    """`in all`, `all other`, and `trials 3, 5 and 8 all`, whose trials are checked one by one."""
    text, following = tokens[at].text, [one.text for one in tokens[at + 1 : at + 2]]
    whole = bool(before) and before[-1] in _WHOLES and text in ("all", "each")
    counted = at > 1 and (tokens[at - 2].kind in ("number", "sign") or tokens[at - 2].text in SHARES)
    issue = bool(tokens[at + 1 : at + 2]) and tokens[at + 1].kind == "issue"
    numbered = before[-1:] == ["in"] and bool(tokens[at + 1 : at + 2]) and tokens[at + 1].kind == "number"
    if text == "any" or (whole and following != ["of"] and not numbered and (counted or not issue)):
        return True
    if text == "exception" and before[-1:] != ["without"]:
        return True
    if following == ["but"] or (text in ("everything", "everyone") and following == ["else"]):
        return True
    if _are_others(tokens, at) and (_has_share(tokens) or before[-1:] in _FOR):
        return True  # `all other values fail in 0.6%`
    if following in (["sweeps"], ["settings"], ["limits"], ["hyperparameters"]):
        return True
    if text == "always" and (tokens[0].text in KEEP or before[-1:] in (["should"], ["must"])):
        return True
    if text == "always" and tokens[at + 1 : at + 2] and tokens[at + 1].text in KEEP | AVOID:
        return True
    listed = any(index < at for index in ids_in(tokens))
    return listed and following[:1] not in (["trials"], ["runs"], ["the"], ["of"])


def _harmless_none(tokens: Sequence[Token], at: int) -> bool:
    following = tokens[at + 1 : at + 2]
    opened = at == 0 or tokens[at - 1].text in ("should", "must", ",", ";", "so", "and")
    ordered = KEEP | RAISING | LOWERING | LYING | ACTS | SWITCHING_OFF
    if tokens[at].text == "never" and opened and following and following[0].text in ordered:
        return True  # advice
    if tokens[at].text == "never" and at and tokens[at - 1].kind == "param":
        lead = next((one.text for one in tokens[at + 1 :] if one.text not in LYING), "")
        return lead in HIGH | LOW  # `lr never went above 0.1`
    comparative = ("more", "longer", "higher", "larger", "less", "lower", "smaller")
    return bool(following) and (
        following[0].text in (*comparative, "identifiable", "known") or following[0].kind == "param"
    )


def _harmless_share(tokens: Sequence[Token], at: int, before: list[str]) -> bool:
    text, following = tokens[at].text, [one.text for one in tokens[at + 1 : at + 2]]
    if text == "most":
        adverbs = (["often"], ["common"], ["frequent"], ["frequently"], ["likely"], ["prevalent"])
        return following in (*adverbs, ["for"]) or before[-1:] in (["at"], ["the"], ["matters"], ["matter"])
    if text == "few" and tokens[at + 1 : at + 2] and tokens[at + 1].kind == "param":
        return True
    for_it = following == ["for"] and not any(one.kind in ("param", "level") for one in tokens[at + 2 : at + 4])
    return text == "few" and (for_it or before[-1:] in (["a"], ["the"]) or following == ["that"])


def claimed_times(token: Token) -> float | None:
    """How many times as often a word such as `twice` says."""
    return TIMES.get(token.text) if token.kind == "word" else None
