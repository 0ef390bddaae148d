"""What a text says will follow or would have followed: only what the cited advice says, and never more of an issue."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hparam_ci.crew.facts import Fact
from hparam_ci.crew.text import Token, plain

_PROMOTING = frozenset(
    "increase increasing raise raising prefer preferring keep keeping boost encourage maximise maximize "
    "favour favor extend".split()
)
_BETWEEN = frozenset("the more most of all any hardly these those such many about roughly".split())
_FOREIGN = re.compile(
    r"\b(?:early stopping|more training|longer training|train(?:ing)? (?:longer|more)|random seeds?|"
    r"(?:more|bigger|another) (?:data|seeds?|gpus?|memory))\b"
)
_PREDICTED = re.compile(
    r"\b(?:will|would|should|shall|to) (?:then |also |not |surely )*(?:pass|succeed|work|recover)\b"
)


_BACKFIRING = re.compile(
    r"^\W*(?:(?:by )?(?:avoiding|excluding|dropping|removing|skipping)|not using)\b[^;]*"
    r"\bwould (?:have )?(?:also )?(?:caus|produc|trigger|creat|add|rais|increas|cost)\w*"
)


def false_promise(tokens: Sequence[Token], cited: Sequence[Fact]) -> str | None:
    """A promise that no cited fact makes; None if there is none."""
    own = plain(" ".join(text for fact in cited for text in fact.words))
    joined = " ".join(token.text for token in tokens)
    found = _FOREIGN.search(joined)
    if found and found[0] not in own:
        return f"says something that the evidence does not: {found[0]}"
    planned = any(fact.kind in ("advice", "space") for fact in cited) and any(
        token.kind in ("param", "level") for token in tokens
    )
    words = {token.text for token in tokens if token.kind == "word"}
    if (words & {"will", "shall"} and not planned) or _PREDICTED.search(joined):
        return "predicts something"
    if _BACKFIRING.search(joined):
        return "leads towards an issue"
    return _promoted(tokens)


def _promoted(tokens: Sequence[Token]) -> str | None:
    """`to increase overfitting`: nobody wants more of an issue."""
    for at, token in enumerate(tokens[:-1]):
        if token.text != "to" or tokens[at + 1].text not in _PROMOTING:
            continue
        rest = [one for one in tokens[at + 2 : at + 9] if one.text not in _BETWEEN and one.kind != "number"]
        if rest and rest[0].kind == "issue":
            return "leads towards an issue"
    return None
