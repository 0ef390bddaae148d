"""Why the next search changes: the causes that its facts name, with no more of them than is told there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hparam_ci.crew.facts import Fact, Facts


def reasons_of(facts: Facts, cited: Sequence[Fact]) -> list[Fact]:
    """The causes in `weight_decay = 0: 61 of 75 overfit (C3)`, as facts with that count alone."""
    return [reason for fact in cited if fact.kind == "space" for reason in _told(facts, fact)]


def _told(facts: Facts, fact: Fact) -> Iterator[Fact]:
    because = fact.data.get("because", "")
    for text in because if isinstance(because, list) else [str(because)]:
        for id_ in re.findall(r"\((C\d+)\)", text):
            if cause := facts.by_id.get(id_):
                told = [pair for pair in cause.pairs if f"{pair.a:g} of {pair.n:g}" in text and pair.role == "inside"]
                yield replace(cause, id=fact.id, pairs=tuple(told), amounts=(), trials=(), words=())
