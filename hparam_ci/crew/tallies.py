"""What a sentence without figures says of several facts at once: `two of the three limits are broken`, `no rate is above
its limit`, `only gamma moves val_loss`, `the NaN cause is certain, the other is strong`.

The words that matter become one letter each, in a statement for each state that is named, and a statement is one of a
few forms. A sentence with any other word in it is not of this kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hparam_ci.crew.facts import Fact, Facts
from hparam_ci.crew.text import Token
from hparam_ci.crew.values import texts_of

State = Callable[[Fact], bool]

_ABOVE = (
    "above over exceed exceeds exceeded exceeding break breaks broken broke violate violates violated breach breaches "
    "breached beyond".split()
)
_WITHIN = "within below under inside meet meets met respect respects respected keep keeps kept hold holds held".split()
_LETTERS = {
    letter: frozenset(words.split())
    for letter, words in {
        "0": "no none neither nobody",
        "*": "all every each",
        "2": "both",
        "o": "only just exactly",
        "r": "other others rest remaining",
        "!": "not",
        ",": ", and or nor",
        ";": "; . : but while whereas though although",
        "/": "of out",
    }.items()
}
_NEUTRAL = frozenset("the a an its their this that these for with in it is are was were be does do by to".split())
_NAMES = r"F(?:,F)*"
_FORMS: tuple[tuple[str, str], ...] = (
    ("named", rf"/?{_NAMES}!?S"),
    ("none", rf"0/?n?(?:{_NAMES})?S"),
    ("all", rf"(?:\*/?n?|2)/?(?:{_NAMES})?S"),
    ("some", r"o?n(?:/\*?n)?/?S"),
    ("only", rf"(?:/{_NAMES},)?oFS|FoS"),
    ("others", r"/?\*?r!?S"),
)


@dataclass(frozen=True, slots=True)
class _Statement:
    """Its letters, the facts and numbers that stand for F and n in order, and its state."""

    letters: str
    named: tuple[str, ...]
    sizes: tuple[int, ...]
    state: State


def tallied(facts: Facts, tokens: Sequence[Token], cited: Sequence[Fact]) -> bool | None:
    """Whether it is so; None where the sentence is not of this kind."""
    if len(cited) < 2 or len({(fact.kind, fact.sweep) for fact in cited}) > 1 or cited[0].kind not in _NOUNS:
        return None
    statements = _statements(tokens, cited)
    if not statements:
        return None
    whole = {fact.id for fact in facts.of(cited[0].kind) if fact.sweep == cited[0].sweep} <= {one.id for one in cited}
    before: set[str] = set()
    told = []
    for one in statements:
        told.append(_is_so(one, cited, before, whole=whole))
        before |= set(one.named) or {fact.id for fact in cited if one.state(fact)}
    return False if False in told else None if None in told else True


def _is_so(one: _Statement, cited: Sequence[Fact], before: set[str], *, whole: bool) -> bool | None:
    """Whether the facts are in the state that the statement says; None where it has no form that is known.

    What is said of all limits, or of how many, is not shown by some of them.
    """
    form = next((name for name, pattern in _FORMS if re.fullmatch(pattern, one.letters)), None)
    own = {fact.id for fact in cited if one.state(fact)}
    everyone = {fact.id for fact in cited}
    named = set(one.named)
    if (one.sizes[1:] and one.sizes[-1] != len(cited)) or ("2" in one.letters and len(named or everyone) != 2):
        return False
    if form == "named":
        return named <= own if "!" not in one.letters else not named & own
    if form == "none":
        return not (named or everyone) & own and (bool(named) or whole)
    if form == "all":
        sized = not one.sizes or one.sizes[0] == len(named or everyone)
        return sized and (named or everyone) <= own and (bool(named) or whole or one.letters == "2S")
    if form == "some":
        return len(own) == one.sizes[0] and whole
    if form == "only":
        among = named if len(one.named) > 1 else everyone
        return among & own == {one.named[-1]}
    if form == "others" and before:
        rest = everyone - before
        return not rest & own if "!" in one.letters else rest <= own
    return None


def _statements(tokens: Sequence[Token], cited: Sequence[Fact]) -> list[_Statement]:
    """The statements of the sentence; none where a word of it is not understood."""
    found: list[_Statement] = []
    letters, named, sizes, states = "", [], [], []
    read = [_letter(token, cited) for token in _plain(tokens)]
    if None in read:
        return []
    for letter, value in [*(one for one in read if one), (";", None)]:
        if letter in ",;":
            if "S" in letters or (letter == ";" and found and letters.endswith("!")):  # `but the NaN rate is not`
                state = states[0] if states else found[-1].state
                found.append(_Statement(_turned(letters), tuple(named), tuple(sizes), state))
                letters, named, sizes, states = "", [], [], []
            elif letter == ";" and letters.strip(","):
                return []
            elif letters:
                letters += ","
            continue
        if letter == "F" and named[-1:] == [value] and letters.endswith("F,"):  # `the NaN or Inf rate`
            letters = letters[:-1]
            continue
        letters += letter
        named += [value] if letter == "F" else []
        sizes += [value] if letter == "n" else []
        states += [value] if letter == "S" else []
    return [] if any(one.letters.count("S") > 1 for one in found) else found


def _turned(letters: str) -> str:
    """The state at its end, and one that is left out put in: `certain for the NaN cause`, `the NaN rate is not`."""
    if "S" not in letters:
        return letters + "S"
    head, _, tail = letters.partition("S")
    denied = head.endswith("!") and not head[:-1]
    subject = head[:-1] + tail if denied else head + tail
    return re.sub(r",+", ",", subject.strip(",")) + ("!" if denied else "") + "S"


def _plain(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, a list's `, and` as one mark and `no more than chance` as a word that denies."""
    found: list[Token] = []
    for token in tokens:
        found.append(token)
        texts = [one.text for one in found[-4:]]
        if texts == ["no", "more", "than", "chance"]:
            found[-4:] = [Token("word", "noise")]
            found = [one for one in found if one.text not in _MOVING] if _MOVING & {one.text for one in found} else found
        elif texts[1:] == ["more", "than", "chance"]:
            found[-3:] = []
        elif texts[-2:] in ([",", "and"], [",", "or"], [",", "nor"]):
            found[-2:] = [Token("mark", ",")]
        elif texts[-2:-1] == [","] and token.text in _LETTERS[";"]:
            found[-2:] = [token]
    return found


_MOVING = frozenset("move moves matter matters".split())
_STRENGTHS = ("certain", "strong", "suggestive")
_NOUNS = {
    "limit": frozenset("rate rates limit limits sweep nan inf".split()),
    "cause": frozenset("evidence cause causes behind proof".split()),
    "importance": frozenset("hyperparameter hyperparameters parameter parameters".split()),
}


def _letter(token: Token, cited: Sequence[Fact]) -> tuple[str, object] | None | tuple[()]:
    """The letter of a token and what it stands for; empty for one that says nothing, None for one that is foreign."""
    kind = cited[0].kind
    own = {word for fact in cited for word in fact.words} if kind == "importance" else set()
    if token.kind in ("issue", "param", "level"):
        owners = [fact.id for fact in cited if token.name in _names(fact)]
        return ("F", owners[0]) if len(owners) == 1 else () if token.text in own and not owners else None
    if token.value and token.text.isalpha():
        return "n", int(token.value)
    if token.kind == "number":
        return None
    if state := _state(kind, token.text):
        return "S", state
    letter = next((letter for letter, words in _LETTERS.items() if token.text in words), None)
    if letter:
        return letter, None
    return () if token.text in _NEUTRAL | _NOUNS[kind] | own else None


def _names(fact: Fact) -> set[str]:
    """What a token that means the fact may stand for."""
    if fact.kind == "importance":
        return set(fact.words[:1])
    return {*fact.codes, *(name for one in fact.conditions for name in (one.param, *texts_of(one)))}


def _state(kind: str, word: str) -> State | None:
    if kind == "limit" and word in _ABOVE:
        return lambda fact: fact.outcome in ("warn", "fail")
    if kind == "limit" and word in _WITHIN:
        return lambda fact: fact.outcome == "pass"
    if kind == "cause" and word in _STRENGTHS:
        return lambda fact: fact.outcome == word
    if kind == "importance" and word in _MOVING:
        return lambda fact: fact.outcome != "noise"
    if kind == "importance" and word == "noise":
        return lambda fact: fact.outcome == "noise"
    return None
