"""What a sentence without figures says of several facts at once.

`Two of the three limits are broken`, `no rate is above its limit`, `only gamma moves val_loss`, `the NaN cause is
certain, the other is strong`. The words that matter become a letter each, in a statement for each state that is named,
and a statement is one of a few forms. A sentence with any other word in it is not of this kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import NamedTuple

from hparam_ci.crew.facts import Fact, Facts
from hparam_ci.crew.text import Token
from hparam_ci.crew.values import close, texts_of

State = Callable[[Fact], bool]

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
_NEUTRAL = frozenset("the a an its their this that these for with in it is are was were be does do by to alike".split())
_NOUNS = {
    "limit": frozenset("rate rates limit limits sweep nan inf".split()),
    "cause": frozenset("evidence cause causes behind proof".split()),
    "importance": frozenset("hyperparameter hyperparameters parameter parameters".split()),
    "undetermined": frozenset("cause causes trials runs have has reason issue issues".split()),
}
_NAMES = r"F(?:,/?F)*"
_FORMS: tuple[tuple[str, str], ...] = (
    ("named", rf"/?{_NAMES}!?S"),
    ("none", rf"0/?n?(?:{_NAMES})?S"),
    ("all", rf"(?:\*/?n?|2)/?(?:{_NAMES})?S"),
    ("not all", r"!(?:\*/?n?|2)/?S"),
    ("some", r"o?n(?:/\*?n)?/?S"),
    ("only", rf"(?:/{_NAMES},)?o/?FS|FoS"),
    ("others", r"/?\*?r!?S"),
)
_ABOVE = frozenset(
    "above over exceed exceeds exceeded exceeding break breaks broken broke violate violates violated breach breaches "
    "breached beyond".split()
)
_WITHIN = frozenset(
    "within below under inside meet meets met respect respects respected keep keeps kept hold holds held".split()
)
_MOVING = frozenset("move moves matter matters".split())
_KNOWN = frozenset("determined known found clear told identified".split())
_UNKNOWN = frozenset("undetermined unknown unclear open".split())
_STRENGTHS = ("certain", "strong", "suggestive")


class _Symbol(NamedTuple):
    """A word that matters: its letter, and the fact, the number or the state that it stands for."""

    letter: str
    fact: str = ""
    size: int = 0
    state: State | None = None


class _Statement(NamedTuple):
    """Its letters, the facts and numbers that stand for F and n in order, and its state."""

    letters: str
    named: tuple[str, ...]
    sizes: tuple[int, ...]
    state: State


def tallied(facts: Facts, tokens: Sequence[Token], cited: Sequence[Fact]) -> bool | None:
    """Whether it is so; None where the sentence is not of this kind."""
    tokens, cited = _without_verdict(tokens, cited)
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


def _without_verdict(tokens: Sequence[Token], cited: Sequence[Fact]) -> tuple[Sequence[Token], Sequence[Fact]]:
    """What follows `the sweep fails,` with the facts beside the verdict; all as it is where that is not said."""
    lead = [token.text for token in takewhile(lambda token: token.text != ",", tokens)]
    verdict = next((fact.outcome for fact in cited if fact.kind == "verdict"), "")
    if not verdict or lead not in (["the", noun, verb] for noun in _JUDGED for verb in (f"{verdict}s", f"{verdict}es")):
        return tokens, cited
    return tokens[len(lead) + 1 :], [fact for fact in cited if fact.kind != "verdict"]


_JUDGED = ("sweep", "gate", "inspection", "check")


def _is_so(one: _Statement, cited: Sequence[Fact], before: set[str], *, whole: bool) -> bool | None:
    """Whether the facts are in the state that the statement says; None where it has no form that is known.

    What is said of all, or of how many, is not shown by some of them: all of the sweep are cited (`whole`).
    """
    everyone = {fact.id for fact in cited}
    own = {fact.id for fact in cited if one.state(fact)}
    named = set(one.named)
    meant = named or everyone
    if (one.sizes[1:] and one.sizes[-1] != len(cited)) or ("2" in one.letters and len(meant) != 2):
        return False
    match next((name for name, pattern in _FORMS if re.fullmatch(pattern, one.letters)), None):
        case "named":
            return not named & own if "!" in one.letters else named <= own
        case "none":
            return not meant & own and (bool(named) or whole)
        case "all":
            sized = one.sizes in ((), (len(meant),))
            return sized and meant <= own and (bool(named) or whole or "2" in one.letters)
        case "not all":
            return whole and one.sizes in ((), (len(meant),)) and not meant <= own
        case "some":
            return len(own) == one.sizes[0] and whole
        case "only":
            among = named if len(one.named) > 1 else everyone
            return among & own == {one.named[-1]}
        case "others" if before:
            rest = everyone - before
            return not rest & own if "!" in one.letters else rest <= own
    return None


def _statements(tokens: Sequence[Token], cited: Sequence[Fact]) -> list[_Statement]:
    """The statements of the sentence; none where a word of it is not understood."""
    found: list[_Statement] = []
    part: list[_Symbol] = []
    for symbol in [*_symbols(tokens, cited), _Symbol(";")]:
        if symbol.letter == "?":
            return []
        if symbol.letter == "S" and part and part[0].letter == "S" and part[-1].letter == ",":
            found.append(_statement(part, part[0].state))  # `certain for this one, strong for that one`
            part = []
        if symbol.letter not in ",;":
            again = symbol.letter == "F" and part[-2:] == [symbol, _Symbol(",")]  # `the NaN or Inf rate`
            part = part[:-1] if again else [*part, symbol]
            continue
        if symbol.letter == "," and part and part[0].letter == "S":
            part.append(symbol)
            continue
        states = [one.state for one in part if one.state]
        denied = bool(found and part) and part[-1].letter == "!" and symbol.letter == ";"
        if len(states) > 1:
            return []
        if states or denied:  # `but the NaN rate is not` has the state of the statement before
            found.append(_statement(part, states[0] if states else found[-1].state))
            part = []
        elif symbol.letter == ";" and part:
            return []
        elif part:
            part.append(symbol)
    return found


def _statement(part: Sequence[_Symbol], state: State | None) -> _Statement:
    """With the state at its end: `certain for the NaN cause`, `the NaN rate is not`."""
    head, _, tail = "".join(one.letter for one in part).partition("S")
    denied = head == "!"
    letters = (tail + head if denied else head + tail).strip(",") + "S"
    named = tuple(one.fact for one in part if one.fact)
    assert state is not None
    return _Statement(letters, named, tuple(one.size for one in part if one.size), state)


def _symbols(tokens: Sequence[Token], cited: Sequence[Fact]) -> list[_Symbol]:
    """The words that matter; `?` for one that is foreign."""
    found: list[_Symbol] = []
    rest = _plain(tokens)
    while rest:
        if found and found[-1].fact and rest[0].text == "(":
            inside = list(takewhile(lambda token: token.text != ")", rest[1:]))
            found += [] if _is_share(inside, next(one for one in cited if one.id == found[-1].fact)) else [_Symbol("?")]
            rest = rest[len(inside) + 2 :]
            continue
        symbol = _symbol(rest.pop(0), cited)
        found += [symbol] if symbol.letter else []
    return found


def _is_share(inside: Sequence[Token], fact: Fact) -> bool:
    """`(11.8%)` or `(12 of 186)` behind a rate: its own."""
    for pair in fact.pairs[:1]:
        if [token.text for token in inside[1:]] == ["%"]:
            return close(inside[0], 100 * pair.a / pair.n) if pair.n else False
        if len(inside) > 2 and inside[1].text == "of":
            return (inside[0].value, inside[2].value) == (pair.a, pair.n)
    return False


def _plain(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, a list's `, and` as one mark, and `moves no more than chance` as one word."""
    found: list[Token] = []
    since = 0  # where the statement began
    for token in tokens:
        found.append(token)
        texts = [one.text for one in found[-4:]]
        if texts == ["no", "more", "than", "chance"]:
            found[since:] = [*(one for one in found[since:-4] if one.text not in _MOVING), Token("word", "noise")]
        elif texts[-3:] == ["more", "than", "chance"]:
            found[-3:] = []
        elif texts[-2:-1] == [","] and token.text in _LETTERS[";"] | {"and", "or", "nor"}:
            found[-2:] = [token]
        if token.text in _LETTERS[";"] | {",", "and"}:
            since = len(found)
    return found


def _symbol(token: Token, cited: Sequence[Fact]) -> _Symbol:
    """What a token says; no letter where that is nothing."""
    kind = cited[0].kind
    own = {word for fact in cited for word in fact.words} if kind == "importance" else set()
    if token.kind in ("issue", "param", "level"):
        owners = [fact.id for fact in cited if token.name in _names(fact)]
        return _Symbol("F", fact=owners[0]) if len(owners) == 1 else _Symbol("?")
    if token.value and token.text.isalpha():
        return _Symbol("n", size=int(token.value))
    if state := _state(kind, token.text):
        return _Symbol("S", state=state)
    if letter := next((letter for letter, words in _LETTERS.items() if token.text in words), ""):
        return _Symbol(letter)
    return _Symbol("" if token.kind != "number" and token.text in _NEUTRAL | _NOUNS[kind] | own else "?")


def _names(fact: Fact) -> set[str]:
    """What a token that means the fact may stand for."""
    if fact.kind == "importance":
        return set(fact.words[:1])
    return {*fact.codes, *(name for one in fact.conditions for name in (one.param, *texts_of(one)))}


def _state(kind: str, word: str) -> State | None:
    """The test of the state that a word names, of facts of a kind."""
    if kind == "limit" and word in _ABOVE:
        return lambda fact: fact.outcome in ("warn", "fail")
    if kind == "limit" and word in _WITHIN:
        return lambda fact: fact.outcome == "pass"
    if kind == "cause" and word in _STRENGTHS:
        return lambda fact: fact.outcome == word
    if kind == "undetermined" and word in _KNOWN | _UNKNOWN:
        return lambda _: word in _UNKNOWN
    if kind == "importance" and word in _MOVING:
        return lambda fact: fact.outcome != "noise"
    if kind == "importance" and word == "noise":
        return lambda fact: fact.outcome == "noise"
    return None
