"""What a sentence says of the values that it names: to avoid or to keep them, that they are bad or good."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from hparam_ci.crew.language import (
    ACTS,
    AVOID,
    BETTER,
    KEEP,
    LOWERED,
    LOWERING,
    NONE,
    RAISED,
    RAISING,
    SWITCHING_OFF,
    TRIAL_NOUNS,
    WORSE,
)
from hparam_ci.crew.mentions import Mention, is_noun
from hparam_ci.crew.relations import STATES
from hparam_ci.crew.text import Token

Mood = Literal["avoid", "keep", "worse", "better", "none"]


def mood_of(tokens: Sequence[Token], mention: Mention) -> Mood:
    """What the sentence says of the values that the mention names: advice goes by the nearest cue before it."""
    crossed = False  # a `when` or `with`, behind which stands what the advice holds for
    for at in range(mention.at - 1, -1, -1):
        token = tokens[at]
        if token.text == ";" or (token.kind in ("param", "level") and crossed):
            return "none" if crossed else outcome(tokens)
        if token.text in ("with", "by", "for") and _REPLACING & {one.text for one in tokens[:at]}:
            return "keep"
        crossed = crossed or token.text in _CONTEXT
        if crossed and token.text in ("not", "never") and at and tokens[at - 1].text in ("should", "must"):
            return "none"
        in_context = token.text.endswith("ing") and at > 0 and tokens[at - 1].text in ("when", "while", "if")
        if token.kind in ("word", "sign") and not in_context and (found := _cue(tokens, at, mention)):
            return found
    return _passive(tokens, mention) or outcome(tokens)


def _passive(tokens: Sequence[Token], mention: Mention) -> Mood | None:
    """`lr > 0.1 should be avoided`, `is best left out`: what is said to be done to the values."""
    taken = {one.text for one in tokens[: mention.at]} & {"take", "leave", "rule", "cut", "filter", "keep"}
    if taken and "out" in {one.text for one in tokens[mention.at + 1 : mention.at + 4]}:
        return "avoid"
    for at in range(mention.at + 1, len(tokens)):
        token = tokens[at]
        if token.text in (";", ":"):
            return None
        opened = {one.text for one in tokens[max(0, at - 4) : at]} & _PASSIVE
        left = token.text in _LEFT_OUT or (token.text == "out" and tokens[at - 1].text in ("left", "ruled", "taken"))
        if opened and left:
            denied = {one.text for one in tokens[max(0, at - 3) : at]} & {"not", "never"}
            return "keep" if denied else "avoid"
        if (opened and token.text in _KEPT | RAISED | LOWERED) or token.text in _ADVISED:
            return "avoid" if _is_forbidden(tokens, range(max(0, at - 3), at), mention) else "keep"
    modal = next((at for at in range(mention.at + 1, len(tokens)) if tokens[at].text in ("should", "must")), None)
    if modal is None or _turns_to_another(tokens[mention.at + 1 : modal]):
        return None
    return "avoid" if _is_forbidden(tokens, range(modal + 1, modal + 3), mention) else "keep"


def _turns_to_another(between: Sequence[Token]) -> bool:
    """`with batch_size = 512, drop_last must ...`, where the first is only where that holds."""
    return any(one.text == "," and after.kind == "param" for one, after in pairwise(between))


def _is_forbidden(tokens: Sequence[Token], near: range, mention: Mention) -> bool:
    """`lr > 0.1 must not be used`; in `lr must not exceed 0.1` and `must not be unset` the relation has the denial."""
    at = next((at for at in near if at < len(tokens) and tokens[at].text in ("not", "never")), None)
    if at is None or mention.relation == "other":
        return False
    if mention.relation in ("set", "missing"):
        return not any(one.text in STATES for one in tokens[at + 1 : at + 6])
    return not mention.numbers or at > mention.numbers[0]


_PASSIVE = frozenset("should must can may could best better needs deserves".split())
_LEFT_OUT = frozenset(
    "avoided excluded dropped removed skipped pruned banned eliminated discarded prohibited forbidden disallowed "
    "replaced abandoned".split()
)
_ADVISED = frozenset("recommended advised advisable needed required necessary".split())
_NEEDING = frozenset("need needs needed require requires required demand demands".split())
_KEPT = frozenset("kept stay preferred used retained capped limited restricted bounded chosen favoured favored".split())


def _cue(tokens: Sequence[Token], at: int, mention: Mention) -> Mood | None:
    """What the word at `at` says of what follows it, if it gives advice."""
    text = tokens[at].text
    forbidden = bool({token.text for token in tokens[max(0, at - 2) : at]} & AVOID)
    if text in RAISING | LOWERING and _is_verb(tokens, at, mention):
        return "avoid" if forbidden or _moves_against(tokens, text, mention) else "keep"
    denied = bool({"not", "never"} & {token.text for token in tokens[max(0, at - 2) : at]})
    if text in ("out", "clear") and at and tokens[at - 1].text in ("stay", "keep", "steer", "get", "move", "take"):
        return "keep" if denied else "avoid"
    if text in SWITCHING_OFF | {"unset"} and mention.relation == "missing" and at >= mention.at - 2:
        return _switched_off(tokens, at, forbidden=forbidden)
    if text in AVOID and not (text in ("not", "never") and not _commands(tokens, at)):
        return "avoid"
    if text in ("leave", "leaves", "take", "takes", "rule", "rules", "cut", "cuts") and _goes_out(tokens[at + 1 :]):
        return "keep" if denied else "avoid"
    if _asks(tokens, at):
        return "avoid" if forbidden else "keep"
    return None if text not in KEEP or is_noun(tokens, at) else _of_keeping(tokens, at, forbidden=forbidden)


def _of_keeping(tokens: Sequence[Token], at: int, *, forbidden: bool) -> Mood | None:
    """`use`, `keep` and their like: an order, its denial, or a gerund."""
    text = tokens[at].text
    if forbidden and text.endswith("ing") and tokens[at - 1].text == "not":
        return outcome(tokens[at:])  # `not setting it is the cause`
    if forbidden:
        return "avoid"
    if _is_command(tokens, at):
        return "keep"
    return _of_gerund(tokens, at) if text.endswith("ing") else None


def _moves_against(tokens: Sequence[Token], verb: str, mention: Mention) -> bool:
    """Whether `reduce lr above 0.1` is against the values that it names."""
    lead = tokens[mention.numbers[0] - 1].text if mention.numbers else ""
    return lead in (("below", "under", "<") if verb in RAISING else ("above", "over", "beyond", ">"))


def _switched_off(tokens: Sequence[Token], at: int, *, forbidden: bool) -> Mood | None:
    """`remove clipping`, `unset it`: advice to be without it."""
    ordered = (_is_command(tokens, at) or forbidden) and (tokens[at].text != "unset" or outcome(tokens) == "none")
    if not ordered:
        return None
    return "avoid" if forbidden else "keep"


def _asks(tokens: Sequence[Token], at: int) -> bool:
    """`the sweep needs a lower lr`, `turn dropout on`; and not `divergence needs a high lr`."""
    if tokens[at].text in _NEEDING:
        return not any(one.kind == "issue" for one in tokens[:at])
    return tokens[at].text == "turn" and _is_command(tokens, at)


def _goes_out(rest: Sequence[Token]) -> bool:
    """`leave out ...`, `take ... out of the search`."""
    texts = [token.text for token in rest]
    ends = [*texts[1:], "."]
    return texts[:1] == ["out"] or any(
        text == "out" and end in ("of", ".", ",") for text, end in zip(texts, ends, strict=False)
    )


def _of_gerund(tokens: Sequence[Token], at: int) -> Mood:
    """`Keeping lr low avoids it` goes by the outcome; `start by keeping lr low` is advice, `caused by keeping` not."""
    said = outcome(tokens)
    blames = {token.text for token in tokens[max(0, at - 3) : at]} & (WORSE | {"due", "result"})
    if said == "none" or (tokens[at - 1].text == "by" and at and not blames):
        return "keep"
    return said


_REPLACING = frozenset("replace replacing swap swapping exchange exchanging substitute".split())
_CONTEXT = frozenset("when whenever if where for with alongside using while under".split())
_BEFORE_COMMAND = frozenset("to should must and or only , : ; then next instead better ( rather always do".split())


def _is_command(tokens: Sequence[Token], at: int) -> bool:
    """Whether a verb such as use or keep tells somebody to do it: it stands first, or after `to` and its like."""
    text = tokens[at].text
    if (
        (text.endswith(("ing", "ed", "s")) and text != "focus")
        or text == "kept"
        or (text == "start" and tokens[at + 1].text not in ("with", "at", "from", "without"))
        or tokens[at + 1].text == "space"
    ):
        return False
    counted = any(one.kind == "issue" or one.text in TRIAL_NOUNS for one in tokens[:at])
    if tokens[at - 1].text in ("always", "only") and counted:
        return False  # `failed trials almost always use adamw`
    purposed = {one.text for one in tokens[:3]} & {"to", "for", "against"}
    if tokens[at - 1].text == "," and counted and not purposed:
        return False  # `most diverged trials, 26 of 32, combine ...`
    return at == 0 or tokens[at - 1].text in _BEFORE_COMMAND


def _is_verb(tokens: Sequence[Token], at: int, mention: Mention) -> bool:
    """Whether raise, lower and their like tell somebody to do it, as in `lower the lr`, not in `lower lr values`."""
    before = tokens[at - 1].text if at else ""
    if before in ("a", "an", "the", "any", "this", "much", "far", "even"):
        return False
    if tokens[at].text != "lower":
        return True
    moved = tokens[at + 2 : at + 3] != [] and tokens[at + 2].text in ("below", "to", "under", "from", "by")
    if not at and tokens[1].kind == "param" and moved:
        return True
    if at and before not in _BEFORE_COMMAND:
        return False
    return tokens[at + 1].text == "the" or outcome(tokens[mention.at :]) == "none"


def _commands(tokens: Sequence[Token], at: int) -> bool:
    """Whether `not` forbids: do not use, should not exceed."""
    around = {token.text for token in tokens[max(0, at - 1) : at]}
    opened = around & {"do", "should", "must"} or (not at and tokens[at].text == "never")
    return bool(opened) and any(token.text in KEEP | RAISING | LOWERING | ACTS for token in tokens[at + 1 : at + 3])


def outcome(tokens: Sequence[Token]) -> Mood:
    """Whether what follows is said to be bad or good."""
    texts = [one.text for at, one in enumerate(tokens) if one.kind == "word" and tokens[at - 1].text != "or"]
    issue = any(token.kind == "issue" for token in tokens)
    spared = any(one.kind == "issue" and after.text in _SINKING for one, after in pairwise(tokens))
    negative = any(_denies(tokens, at) for at in range(len(tokens)))
    spared = spared or any(
        one.text == "avoid" and tokens[at - 1].text in ("would", "will", "helps") for at, one in enumerate(tokens)
    )
    better = spared or bool((BETTER - {"lower", "less", "better"}) & set(texts)) or bool(_GOOD.search(" ".join(texts)))
    worse = bool((WORSE - {"higher", "raise"}) & set(texts)) or issue
    if better or negative:
        return "better"
    return "worse" if worse else "none"


_SINKING = frozenset(
    "drops dropped drop falls fell fall declines declined shrinks subsides stops stop ends end".split()
)
_GOOD = re.compile(
    r"\bless often\b|\brul(?:es?|ed|ing) out\b|\bthe (?:less|fewer|rarer)\b|"
    r"\b(?:works?|performs?|trains?|runs?|does|did) well\b|"
    r"\b(?:is|are|was|were|do|works?|performs?|trains?|runs?|does|did) (?:\w+ly |far |much )?better"
    r"(?= (?:above|over|beyond|below|under|between|at|with|without|when|where|in|and|but|kept|held|set|chosen)\b|$)"
)


def _denies(tokens: Sequence[Token], at: int) -> bool:
    """Whether no, none or not stands before what is wrong with a trial."""
    if tokens[at].text in NONE:
        return tokens[at + 1 : at + 2] == [] or tokens[at + 1].kind != "param"
    following = tokens[at + 1 : at + 4]
    if not following or following[0].text in ("set", "proven"):
        return False
    return tokens[at].text == "not" and any(
        token.kind == "issue" or token.text in ("show", "occur", "affected", "happen") for token in following
    )


def expected(mood: Mood) -> int:
    """The side that the mood is right about: +1 the sick one, -1 the healthy one, 0 none."""
    return {"avoid": 1, "worse": 1, "keep": -1, "better": -1, "none": 0}[mood]
