"""The sweeps that the sentences of these tests are about, each with its checker."""

from __future__ import annotations

from benchmarks.grounding.score import HERE, kept_facts
from hparam_ci.crew.grounding import Checker

SWEEPS = {path.stem: Checker(kept_facts(path.stem)) for path in sorted((HERE / "facts").glob("*.json"))}


def why(sweep: str, ids: str, text: str) -> str | None:
    """Why the sentence is refused with the facts of these ids as evidence; None where it is kept."""
    return SWEEPS[sweep].refuse(ids.split(), text)


def holds(sweep: str, ids: str, text: str) -> bool:
    """Whether the sentence is kept."""
    return why(sweep, ids, text) is None
