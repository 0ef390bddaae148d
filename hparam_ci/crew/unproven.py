"""What a sentence says of an issue whose cause is not known: never that it has one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hparam_ci.crew.facts import Fact
from hparam_ci.crew.text import Token, plain

_CAUSING = frozenset("cause causes caused causing because explains explained due reason".split())
_OPEN = frozenset(
    "undetermined unknown unclear cannot unexplained no not none nothing neither without few usual usually may "
    "might could".split()
)
_FURTHER = frozenset("trials runs configurations data are would".split())


def is_open(tokens: Sequence[Token]) -> bool:
    """Whether the words leave the cause open: `unknown`, `no hyperparameter`, `more trials are needed`."""
    texts = [token.text for token in tokens]
    further = any(one == "more" and after in _FURTHER for one, after in pairwise(texts))
    return bool(_OPEN & set(texts)) or further


def told_as_known(tokens: Sequence[Token], cited: Sequence[Fact]) -> str | None:
    """Whether the text has a cause for an issue that none was found for."""
    texts = {token.text for token in tokens}
    if is_open(tokens) or not _CAUSING & texts:
        return None
    told = {code for fact in cited if fact.kind in ("cause", "hint") for code in fact.codes}
    named = {token.name for token in tokens if token.kind == "issue"}
    if any(fact.kind == "undetermined" and set(fact.codes) & named - told for fact in cited):
        return "names a cause where none could be told"
    general = [fact for fact in cited if fact.kind == "advice" and _is_general(fact)]
    return "the advice is a usual one, and no cause was found" if general and not told else None


def _is_general(fact: Fact) -> bool:
    return not fact.conditions and any("does not show their cause" in plain(text) for text in fact.words)
