"""The same findings are not asked about twice: answers by a key of everything that shaped them, in a folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from hparam_ci.crew.answers import ASK, CHOOSE, FORMS, RULES
from hparam_ci.crew.endpoint import Endpoint
from hparam_ci.crew.facts import Facts
from hparam_ci.files import whole
from hparam_ci.review import Section, Sentence

MOST_BYTES = 200_000
_ENTRY = dict[Section, tuple[Sentence, ...]]


def key(facts: Facts, endpoint: Endpoint) -> str:
    """A digest of the facts, the model, its address and the questions."""
    parts = (facts.json(), endpoint.model, endpoint.base_url, endpoint.choosing, ASK, FORMS, RULES, CHOOSE)
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()[:32]


def load(folder: Path | None, name: str) -> _ENTRY | None:
    """What was answered; None where nothing readable is there. It is checked like a fresh answer."""
    if folder is None:
        return None
    try:
        data = (folder / f"{name}.json").read_bytes()
        return msgspec.json.decode(data, type=_ENTRY) if len(data) <= MOST_BYTES else None
    except (OSError, ValueError):
        return None


def save(folder: Path | None, name: str, sections: _ENTRY) -> None:
    """Keep an answer; a folder that cannot be written keeps none."""
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with whole(folder / f"{name}.json") as file:
            file.write(msgspec.json.encode(sections))
    except OSError:
        return
