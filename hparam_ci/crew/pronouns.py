"""What `with it`, `without one` and `had it set` mean: the hyperparameter that was named before."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from hparam_ci.crew.language import HIGH, LOW
from hparam_ci.crew.text import Token

_LEADING = (
    HIGH
    | LOW
    | frozenset(
        "set unset not blank missing disabled of at is are was between from up other outside within inside "
        "beyond equal equals equalling ranging in".split()
    )
)
_BARE_AFTER = frozenset("without no with set use enable setting lack lacking leaving leave".split())
_IT_SET = re.compile(r"\b(it|one)(?= (?:set|unset|enabled|disabled)\b)", re.IGNORECASE)
_WITH_IT = re.compile(r"(?<=\b(?:with)) (?:it|one)\b(?! (?:set|unset))|(?<=\bwithout) (?:it|one)\b", re.IGNORECASE)


class Pronouns:
    """Goes through a text clause by clause and remembers what was named."""

    def __init__(self, params: Collection[str]) -> None:
        """Nothing was named yet; if the facts are about one hyperparameter, it is meant."""
        self._bare = ""  # named without a value: `without dropout`
        self._last = next(iter(params)) if len(params) == 1 else ""

    def resolved(self, clause: str, tokens: Sequence[Token]) -> str:
        """The clause with the names where pronouns stand for them."""
        bare = _bare(tokens)
        if bare:
            self._bare = bare
        self._last = next((token.text for token in reversed(tokens) if token.kind == "param"), self._last)
        if self._last:
            clause = _IT_SET.sub(lambda _: self._last, clause)
        return _WITH_IT.sub(lambda _: f" {self._bare}", clause) if self._bare else clause


def _bare(tokens: Sequence[Token]) -> str:
    """The hyperparameter in `without dropout`, which a later `with it` means."""
    for at, token in enumerate(tokens[1:], 1):
        if token.kind == "param" and tokens[at - 1].text in _BARE_AFTER:
            behind = tokens[at + 1] if at + 1 < len(tokens) else Token("mark", ".")
            if tokens[at - 1].text in ("leaving", "leave") and behind.text in ("unset", "blank", "out", "off"):
                return token.text
            return "" if behind.kind in ("number", "sign", "level") or behind.text in _LEADING else token.text
    return ""
