"""What a sentence copies from a fact word for word: a part of its own text is true as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from hparam_ci.crew.facts import Fact
from hparam_ci.crew.text import Token, plain

_LEADING = frozenset("the that because since as and so for".split())
_SHORTEST = 4  # tokens


def is_quoted(tokens: Sequence[Token], fact: Fact) -> bool:
    """Whether the clause is one of the parts of the fact's texts, between its colons and semicolons."""
    said = _words(" ".join(token.text for token in tokens))
    while said and said[0] in _LEADING:
        said = said[1:]
    return len(said) >= _SHORTEST and said in _parts(fact.words, tuple(_texts(fact)))


@lru_cache(maxsize=512)
def _parts(words: tuple[str, ...], texts: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    whole = [*words, *texts]
    cuts = (r"; ", r"[;:]\s|\.\s", r"[;:]\s|\.\s|, (?=\d)| \(C\d+\)$")
    parts = [part for text in whole for cut in cuts for part in re.split(cut, text)]
    return frozenset(_without_lead(_words(plain(part))) for part in (*whole, *parts))


def _texts(fact: Fact) -> Iterator[str]:
    """The texts of ours that a model sees, not those of cells."""
    for name in ("because", "advice", "reason", "what"):
        value = fact.data.get(name)
        yield from value if isinstance(value, list) else [value] if isinstance(value, str) else []


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[\w.+-]*\w|[<>=!%]+", text))


def _without_lead(words: tuple[str, ...]) -> tuple[str, ...]:
    while words and words[0] in _LEADING:
        words = words[1:]
    return words
