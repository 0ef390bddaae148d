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
_BETWEEN = frozenset("the more most of all any hardly these those such many".split())
# What `would have spared` may be said of: advice, and what was named before.
_SUBJECTS = frozenset(
    "this that which it they these both so alone itself change rule step advice sweep one action measure doing together "
    "combination region setting settings configuration configurations value values exclusion cap limit limits pair and "
    "instead there range avoided them zone corner bound cut restriction filter here removal off out set unset next trials "
    "runs recommendation chance hours minutes seconds move also on first switch switching change changes below above lower higher ones same we you threshold".split()
)
_FOREIGN = re.compile(
    r"\b(?:early stopping|more training|longer training|train(?:ing)? (?:longer|more)|(?:more|bigger|another) (?:data|seeds?|"
    r"gpus?|memory)|random seeds?)\b"
)
_PREDICTED = re.compile(r"\b(?:will|would|should|shall|to) (?:then |also |not |surely )*(?:pass|succeed|work|recover)\b")


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
    return _promoted(tokens) or _subject(tokens)


def _promoted(tokens: Sequence[Token]) -> str | None:
    """`to increase overfitting`: nobody wants more of an issue."""
    for at, token in enumerate(tokens[:-1]):
        if token.text != "to" or tokens[at + 1].text not in _PROMOTING:
            continue
        rest = [one for one in tokens[at + 2 : at + 7] if one.text not in _BETWEEN]
        if rest and rest[0].kind == "issue":
            return "leads towards an issue"
    return None


def _subject(tokens: Sequence[Token]) -> str | None:
    """`early stopping would have prevented it`: whose doing something would be is what the text is about."""
    for at, token in enumerate(tokens):
        if token.text not in ("would", "could", "might") or not at:
            continue
        before = tokens[at - 1]
        if before.kind == "word" and before.text not in _SUBJECTS and not before.text.endswith("ly"):
            return f"says what {before.text} would do"
    return None
