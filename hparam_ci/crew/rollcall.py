"""Several limits in one clause: `both the NaN rate (10.8%) and the failed rate (20.5%) are above their limits`.

Each number is bound to the rate that is named beside it, each limit to its rate in order, and what is said of all of
them must hold of each.
"""

from __future__ import annotations

from collections.abc import Sequence

from hparam_ci.crew.facts import Fact
from hparam_ci.crew.language import NONE
from hparam_ci.crew.limits import wrong_limit
from hparam_ci.crew.quantities import Number, numbers
from hparam_ci.crew.text import Token
from hparam_ci.crew.values import close

_UNBOUND = NONE | {"not", "without", "verdict", "gate"}
_ALL = frozenset("all both every each".split())
_SIDES = frozenset("above over exceed exceeds exceeding exceeded within below under meet meets beyond outside".split())


def answers(tokens: Sequence[Token], cited: Sequence[Fact]) -> bool:
    """Whether the clause holds of every limit that it speaks of."""
    limits = [fact for fact in cited if fact.kind == "limit"]
    texts = [token.text for token in tokens]
    if len(limits) < 2 or any(token.kind in ("param", "level", "trial") for token in tokens) or set(texts) & _UNBOUND:
        return False
    named = [_owner(token, limits) for token in tokens if token.kind == "issue"]
    if None in named:
        return False
    subjects = list(dict.fromkeys(fact.id for fact in named if fact)) or [fact.id for fact in limits]
    called = [fact for id_ in subjects for fact in limits if fact.id == id_]
    if not _counts(tokens, called, limits, named=bool(named)):
        return False
    bare = [token for token in tokens if token.kind != "issue"]
    if any(wrong_limit(bare, fact) for fact in called):
        return False
    return bool(_SIDES & set(texts)) and _numbered(tokens, called, limits)


def _owner(token: Token, limits: Sequence[Fact]) -> Fact | None:
    return next((fact for fact in limits if token.name in fact.codes), None)


def _counts(tokens: Sequence[Token], called: Sequence[Fact], limits: Sequence[Fact], *, named: bool) -> bool:
    """`all three`, `both`: as many as are named or cited."""
    texts = {token.text for token in tokens}
    sizes = {token.value for token in tokens if token.kind == "number" and token.text.isalpha()}
    if "only" in texts:
        return False
    if "both" in texts:
        sizes |= {2.0}
    whole = len(called) if named else len(limits)
    return sizes <= {float(whole)} and (not texts & _ALL or whole == len(called))


def _numbered(tokens: Sequence[Token], called: Sequence[Fact], limits: Sequence[Fact]) -> bool:
    bounds = []
    for number in numbers(tokens, frozenset()):
        if number.token.text.isalpha():
            continue
        if _is_bound(number, tokens):
            bounds.append(number)
        elif not _is_share(number, _nearest(number, tokens, limits)):
            return False
    if not bounds:
        return True
    own = [[amount.value for amount in fact.amounts if amount.of == "limit"] for fact in called]
    if len(bounds) == 1:
        return all(_equals(bounds[0], values) for values in own)
    return len(bounds) == len(own) and all(_equals(*pair) for pair in zip(bounds, own, strict=True))


def _equals(number: Number, values: Sequence[float]) -> bool:
    return any(close(number.token, value) for value in values)


def _is_bound(number: Number, tokens: Sequence[Token]) -> bool:
    """Whether the number stands behind `limits of`, or behind such a one."""
    before = [token.text for token in tokens[max(0, number.at - 8) : number.at]]
    word = next((at for at, text in reversed(list(enumerate(before))) if text in ("limit", "limits")), None)
    behind = tokens[number.until + 1].text if number.until + 1 < len(tokens) else ""
    opened = (
        word is not None and not {"(", ")", ":", ";"} & set(before[word:]) and before[word + 1 : word + 2] == ["of"]
    )
    return opened or behind in ("limit", "limits")


def _nearest(number: Number, tokens: Sequence[Token], limits: Sequence[Fact]) -> Fact | None:
    """The rate that stands right behind the number, else the last one before it."""
    behind = [token for token in tokens[number.until + 1 : number.until + 3] if token.kind == "issue"]
    if behind and tokens[number.until + 1].text not in (")", ",", ";", "and"):
        return _owner(behind[0], limits)
    before = [token for token in tokens[: number.at] if token.kind == "issue"]
    return _owner(before[-1], limits) if before else None


def _is_share(number: Number, fact: Fact | None) -> bool:
    if fact is None:
        return False
    if number.of is not None:
        return any((number.token.value, number.of.value) == (pair.a, pair.n) for pair in fact.pairs)
    shares = [100 * pair.a / pair.n for pair in fact.pairs if pair.n]
    return number.unit == "%" and any(close(number.token, share) for share in shares)
