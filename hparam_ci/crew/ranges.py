"""One clause against a fact of where to search: what was tried, what the best trials have, what the next search has."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hparam_ci.crew.facts import Fact
from hparam_ci.crew.language import AVOID, HIGH
from hparam_ci.crew.mentions import Mention
from hparam_ci.crew.mood import mood_of
from hparam_ci.crew.text import Token, is_number
from hparam_ci.crew.values import close

_CHANGES = {
    "narrowed": "narrow narrows narrowed narrowing narrower shrink shrinks shrunk tighten tightens tightened restrict "
    "restricts restricted cut reduce reduces reduced trim trimmed limit limits limited confine",
    "extended": "extend extends extended extending widen widens widened widening expand expands expanded wider broader "
    "broaden enlarge enlarged",
    "moved": "move moves moved moving shift shifts shifted shifting",
    "fixed": "fix fixes fixed fixing freeze freezes frozen",
    "same": "unchanged same untouched",
}
_CHANGE_OF = {word: change for change, listed in _CHANGES.items() for word in listed.split()}
_BEFORE = frozenset(
    "searched tried previous previously earlier old was were before explored originally covered".split()
)
_MIDDLE = frozenset("intermediate medium moderate middle mid midrange interior between".split())
_DENYING = frozenset("no not never neither none nor hardly little chance noise nothing barely irrelevant".split())
_DROPPING = AVOID | frozenset(
    "drops skips loses lose removes excludes discards eliminates dropped leave leaves left out excluding longer "
    "without omit omits omitted".split()
)
_GONE = frozenset("removed dropped excluded gone discarded eliminated".split())
_KEEPING = frozenset("keep keeps kept retain retains include includes included cover covers use uses prefer".split())


def is_outlook(fact: Fact) -> bool:
    """Whether the fact says where to search, and not what made trials sick."""
    aimed = fact.kind == "advice" and not fact.conditions and bool(_ends(fact) or fact.levels)
    return aimed or fact.kind in ("importance", "space", "range")


def aims_apart(tokens: Sequence[Token], found: Sequence[Mention], fact: Fact) -> str | None:
    """Where the clause departs from what the fact says of ranges, choices and importance; None if it does not."""
    texts = [token.text for token in tokens]
    ranges = sum(len(mention.numbers) == 2 for mention in found)
    ended = ranges == 1 and len(_bounds(tokens) & {"upper", "lower"}) == 1
    moved = fact.kind == "space" and (ranges == 2 or ended)
    if fact.kind == "space" and fact.conditions:
        return None if set(texts) & (_DROPPING | _GONE) else "the next search leaves it out"
    return (
        _causal(texts, fact)
        or _change(texts, fact)
        or _importance(texts, fact)
        or _middle(tokens, fact)
        or _listed(tokens, fact)
        or _moved(tokens, found, fact)
        or _moved_end(tokens, fact)
        or next((problem for mention in found if not moved and (problem := _range(tokens, mention, fact))), None)
    )


def choices_in(tokens: Sequence[Token], fact: Fact) -> frozenset[int]:
    """The numbers that are choices of the fact."""
    named = {float(text) for text in (*fact.levels, *fact.dropped) if is_number(text)}
    return frozenset(
        at
        for at, token in enumerate(tokens)
        if token.kind == "number" and token.value in named and not _is_percent(tokens, at)
    )


def _causal(texts: Sequence[str], fact: Fact) -> str | None:
    """Where the best trials lie is an association."""
    blamed = fact.kind in ("importance", "advice") and {"cause", "causes", "caused", "causing"} & set(texts)
    return "it is an association, not a cause" if blamed and not {"not", "no"} & set(texts) else None


def _change(texts: Sequence[str], fact: Fact) -> str | None:
    """Narrowed, extended, moved: as the next search has it."""
    if fact.kind != "space":
        return None
    said = {_CHANGE_OF[text] for text in texts if text in _CHANGE_OF}
    if said and fact.outcome not in said and not (said == {"narrowed"} and fact.outcome in ("fixed", "moved")):
        return f"the range is {fact.outcome}"
    return None


def _moved(tokens: Sequence[Token], found: Sequence[Mention], fact: Fact) -> str | None:
    """`from 2 to 19 down to 2 to 13`: what was searched, then what is next."""
    given = [[tokens[at] for at in mention.numbers] for mention in found if len(mention.numbers) == 2]
    if (
        fact.kind == "space"
        and len(given) == 1
        and len(_ends(fact)) == 2
        and tokens[_first_of(found) - 1].text == "from"
    ):
        which = _bounds(tokens) & {"upper", "lower"}
        end = {frozenset({"upper"}): 1, frozenset({"lower"}): 0}.get(frozenset(which))
        moved = [] if end is None else [_ends(fact, "searched")[end], _ends(fact)[end]]
        if moved:
            return (
                None
                if all(close(*pair) for pair in zip(given[0], moved, strict=True))
                else "it moves that end otherwise"
            )
    if fact.kind != "space" or len(given) != 2:
        return None
    right = all(
        len(_ends(fact, unit)) == 2 and all(close(*pair) for pair in zip(numbers, _ends(fact, unit), strict=True))
        for numbers, unit in zip(given, _order(tokens), strict=True)
    )
    return None if right else "it moves the range otherwise"


def _order(tokens: Sequence[Token]) -> tuple[str, str]:
    """What was searched comes first, but not in `from 2 to 13 instead of 2 to 19`."""
    instead = "instead" in {token.text for token in tokens}
    return ("value", "searched") if instead else ("searched", "value")


def _first_of(found: Sequence[Mention]) -> int:
    """The token of the first number of the first mention that has two."""
    return next(mention.numbers[0] for mention in found if len(mention.numbers) == 2)


def _moved_end(tokens: Sequence[Token], fact: Fact) -> str | None:
    """`the upper end is lowered`, `the range is raised`: as the end or the whole goes."""
    now, before = _ends(fact), _ends(fact, "searched")
    ends = _bounds(tokens) & {"upper", "lower"}
    if fact.kind != "space" or len(now) != 2 or len(before) != 2 or len(ends) > 1:
        return None
    texts = {token.text for token in tokens}
    if texts & {"not", "never"}:
        return None
    if not ends:
        high, low = bool(texts & {"raised", "increased"}), bool(texts & {"lowered", "decreased"})
        return None if high == low or _leads(fact, high=high) else "it moves the other way"
    which = 1 if ends == {"upper"} else 0
    wrong = (_RAISED if now[which] <= before[which] else _LOWERED) & texts
    return f"that end is not {min(wrong)}" if wrong else None


_RAISED = frozenset("raised raise raises increased increase lifted extended extend".split())
_LOWERED = frozenset("lowered lowers reduced reduce reduces decreased cut".split())


def _importance(texts: Sequence[str], fact: Fact) -> str | None:
    if fact.kind != "importance":
        return None
    beyond = {"beyond", "above", "exceeds", "over", "than"} & set(texts)
    denied = bool(set(texts) & (_DENYING - {"chance"} if beyond else _DENYING))
    if fact.outcome == "noise":
        denied = denied and not {"fewer", "less"} & set(texts)
        return None if denied else "it matters no more than chance"
    return "it matters more than chance" if denied else None


def _listed(tokens: Sequence[Token], fact: Fact) -> str | None:
    """Choices: those that are kept are kept, those that are dropped are dropped."""
    if not fact.levels:
        return None
    numbers = choices_in(tokens, fact)
    texts = {token.text for token in tokens}
    left_out = any(pair == ("left", "out") for pair in pairwise(token.text for token in tokens))
    left_out = left_out or {"take", "out", "of"} <= texts or _is_unsearched(tokens)
    dropping = (left_out or bool(texts & _GONE)) and not texts & _KEEPING
    if texts & _ALONE and not dropping and _named_choices(tokens, numbers) not in (set(), set(fact.levels)):
        return "it has more choices"
    for at, token in enumerate(tokens):
        if token.text in ("leaving", "leaves") and tokens[at + 1 : at + 2] and tokens[at + 1].text != "out":
            dropping = False
        elif token.text in _DROPPING:
            dropping = True
        elif (token.text in _KEEPING and tokens[at - 1].text not in ("not", "never")) or (
            token.text == "and" and tokens[at + 1 : at + 2] and tokens[at + 1].kind == "word"
        ):
            dropping = False
        if token.kind != "level" and at not in numbers:
            continue
        same = [text for text in (*fact.levels, *fact.dropped) if text == token.name or _same(token, text)]
        wanted = fact.dropped if dropping else fact.levels
        if fact.kind == "importance" and dropping:
            continue
        if not any(text in wanted for text in same):
            return f"{token.text} is {'not left out' if dropping else 'not among its choices'}"
    return None


_ALONE = frozenset("alone only solely just always".split())


def _named_choices(tokens: Sequence[Token], numbers: frozenset[int]) -> set[str]:
    named = {token.name for token in tokens if token.kind == "level"}
    return named | {f"{tokens[at].value:.6g}" for at in numbers}


def _range(tokens: Sequence[Token], mention: Mention, fact: Fact) -> str | None:
    """A range has the fact's two ends; a bound is the end on its side."""
    if mention.param not in fact.params and not any(mention.param in text for text in fact.words):
        return None
    if not mention.numbers:
        return _side(tokens, mention, fact)
    if set(mention.numbers) <= choices_in(tokens, fact) and (
        mention.relation == "equal" or tokens[mention.numbers[0] - 1].text in _LISTING
    ):
        return None  # choices, which are looked at one by one
    given = [tokens[at] for at in mention.numbers]
    before = _speaks_of_before(tokens)
    ends = _ends(fact, "searched") if before else _ends(fact)
    if len(given) == 1 and len(ends) == 2 and (end := _end_named(tokens, mention.numbers[0])):
        ends = ends[:1] if end == "low" else ends[1:]
    elif len(given) == 1 and len(ends) == 2 and mention.relation in ("high", "low"):
        high = _is_high(tokens, mention)
        ends = ends[:1] if high else [] if "lower" in _bounds(tokens) else ends[1:]
    elif mention.relation != "between":
        ends = []
    right = len(given) == len(ends) and all(close(*pair) for pair in zip(given, ends, strict=True))
    against = mood_of(tokens, mention) == "avoid" or _is_unsearched(tokens)
    if right and len(given) == 2 and fact.kind != "range" and not before and against:
        return f"its advice on {mention.param} contradicts it"
    return None if right else f"it says nothing of such values of {mention.param}"


def _end_named(tokens: Sequence[Token], at: int) -> str:
    """`starts at 0.248`, `caps it at 0.05`, `from 0.248 up`: the end of a range that a single number is."""
    before, behind = ([one.text for one in part] for part in (tokens[:at], tokens[at + 1 : at + 3]))
    if set(before) & {"not", "never", "no"}:
        return ""
    if before[-1:] in (["at"], ["from"], ["with"]) and _STARTING & set(before[-2:-1]):
        return "low"
    if before[-1:] == ["from"] and behind[:1] in (["up"], ["upward"], ["upwards"], ["on"], ["onwards"]):
        return "low"
    caps = bool(_CAPPING & set(before[-5:])) and before[-1:] in (["at"], ["to"], ["with"])
    return "high" if caps or (before[-1:] == ["at"] and _ENDING & set(before[-2:-1])) else ""


_STARTING = frozenset("starts start started starting begins begin beginning".split())
_ENDING = frozenset("ends end ended ending stops stop tops".split())
_CAPPING = frozenset("caps cap capped capping".split())
_LISTING = frozenset("over in of to among from".split())


def _side(tokens: Sequence[Token], mention: Mention, fact: Fact) -> str | None:
    """Without values: unset where that is dropped, high or low where the fact leads there."""
    texts = [token.text for token in tokens]
    if ("never", "set") in pairwise(texts) and _OFF & set(fact.dropped):
        return f"{mention.param} is not to be left unset"
    if mention.relation == "missing" and _OFF & set(fact.dropped):
        ordered = {"should", "must"} & {token.text for token in tokens[mention.at + 1 :]}
        unset = sum(pair in (("not", "set"), ("never", "set")) for pair in pairwise(texts))
        denied = not ordered and sum(token.text in _REFUSING for token in tokens) > unset
        return None if denied else f"{mention.param} is not to be left unset"
    if mention.relation not in ("high", "low") or _leads(fact, high=_is_high(tokens, mention)):
        return None
    return f"it does not lead to such values of {mention.param}"


_OFF = frozenset(("not set", "0", "0.0", "False", "false"))
_REFUSING = _GONE | frozenset("no not never cannot drop drops excludes".split())


def _is_high(tokens: Sequence[Token], mention: Mention) -> bool:
    return (mention.relation == "high") != (mood_of(tokens, mention) == "avoid" or _goes(tokens, mention))


def _goes(tokens: Sequence[Token], mention: Mention) -> bool:
    """`the search drops lr above 0.1`, `needs no lr above 0.1`: such values are not searched any more."""
    before = [token.text for token in tokens[: mention.at]]
    behind = {token.text for token in tokens[mention.at :]}
    if _is_unsearched(tokens[mention.at :]):
        return True
    return bool(_DROPS & set(before)) or before[-1:] == ["no"] or ({"no", "longer"} <= behind) or bool(_GONE & behind)


def _is_unsearched(tokens: Sequence[Token]) -> bool:
    return any(pair in _UNSEARCHED for pair in pairwise(token.text for token in tokens))


_UNSEARCHED = tuple(("not", word) for word in ("searched", "tried", "explored", "sampled", "covered"))
_DROPS = frozenset("drops omits skips excludes removes discards eliminates".split())


def _bounds(tokens: Sequence[Token]) -> set[str]:
    """What kind of bound is spoken of."""
    ends = ("bound", "end", "limit", "edge")
    return {one.text for one, after in pairwise(tokens) if after.text in ends}


def _leads(fact: Fact, *, high: bool) -> bool:
    """Whether the fact speaks for higher or for lower values."""
    if fact.outcome in ("higher", "lower"):
        return (fact.outcome == "higher") == high
    now, before = _ends(fact), _ends(fact, "searched")
    if len(now) != 2 or len(before) != 2:
        return False
    span = before[1] - before[0]
    raised, lowered = now[0] > before[0] + 0.05 * span, now[1] < before[1] - 0.05 * span
    return (raised and not lowered) if high else (lowered and not raised)


_PLAIN_SIDES = frozenset("low lower lowest small smaller smallest high higher highest large larger largest".split())


_WORST = frozenset("worst worse poor poorest bad".split())
_AMOUNTS = {"few": "lower", "fewest": "lower", "many": "higher", "most": "higher"}
_TIPS = {"top": "higher", "upper": "higher", "bottom": "lower"}


def _middle(tokens: Sequence[Token], fact: Fact) -> str | None:
    texts = {token.text for token in tokens}
    if fact.kind in ("importance", "advice") and texts & _WORST:
        return "it speaks of the best trials"
    sides = {"higher" if text in HIGH else "lower" for text in texts & _PLAIN_SIDES}
    sides |= {_AMOUNTS[one.text] for one, after in pairwise(tokens) if after.kind == "param" and one.text in _AMOUNTS}
    ends = {one.text for one, after in pairwise(tokens) if one.text in _TIPS and after.text in ("of", "end", "edge")}
    sides |= {_TIPS[one] for one in ends}
    if ends and fact.kind == "advice":
        return "it does not say at which end"
    if fact.kind == "importance" and sides and sides != {fact.outcome}:
        return f"the best trials do not lie at {min(sides)} values"
    if fact.kind == "importance" and texts & _MIDDLE - {"between"} and fact.outcome != "interior":
        return "the best trials do not lie in the middle"
    return None


def _speaks_of_before(tokens: Sequence[Token]) -> bool:
    texts = {token.text for token in tokens}
    now = any((one.text, after.text) in _NOW for one, after in pairwise(tokens))  # `is searched from 0.2 up`
    return bool(texts & (_BEFORE - {"searched"} if now else _BEFORE)) and not texts & {"should", "must", "next", "be"}


_NOW = tuple((being, "searched") for being in ("is", "are", "not"))


def _ends(fact: Fact, unit: str = "value") -> list[float]:
    """The two ends of the range; a fact of what was tried has one range only."""
    found = [amount.value for amount in fact.amounts if amount.unit == unit]
    return found if found or fact.kind != "range" else [amount.value for amount in fact.amounts if amount.of]


def _same(token: Token, text: str) -> bool:
    return token.kind == "number" and is_number(text) and token.value == float(text)


def _is_percent(tokens: Sequence[Token], at: int) -> bool:
    return tokens[at + 1 : at + 2] != [] and tokens[at + 1].text in ("%", "of")
