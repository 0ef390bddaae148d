"""A text cut into sentences and clauses: each makes one claim."""

from __future__ import annotations

import re
from collections.abc import Iterable

SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=[A-Z0-9\"'])|;")


# A new claim begins here, with a subject of its own.
_HARD = re.compile(
    r", (?:and|but|while|whereas|although|yet|so)\b|"
    r", as(?= \d+ of \d+ such )|"
    r",? \b(?:whereas|while|although|because|since|(?<!ll )(?<!verything )but)\b|;"
)


def parts_of(sentence: str) -> list[str]:
    """The sentence cut only where a new claim begins with a subject of its own."""
    sentence = _REASON_FIRST.sub(r"\1; \2", sentence)
    parts = [piece for part in _HARD.split(sentence) for piece in _opened(part)]
    return [part for part in parts if part.strip(" .,;:")]


# `As 80 of 106 trials with it failed, it should be left out`: the reason first, and then what is advised.
_REASON_FIRST = re.compile(
    r"^(\W*(?:because|since|as|given that|although)\b.*?), "
    r"((?:it|this|that|the next|we|you|avoid|use|keep|set|prefer)\b)",
    re.IGNORECASE,
)


def _opened(part: str) -> list[str]:
    return re.split(r"(?<=[\w)\]]): ", part) if _OPENING.search(part) else [part]


# The other side of a comparison begins here, unless a number follows that is only a bound: `more than half`.
_CONTRAST = re.compile(
    r",? (?:against|versus|vs\.?|compared (?:with|to)|as opposed to|rather than|but only|and only)\b|"
    r"(?<!other )(?<!rather )\bthan\b"
    r"(?! (?:or equal )?(?:(?:the )?[\d.]|chance|half|twice|one |two |three |nine |"
    r"a (?:third|quarter|fifth|tenth|half|hundred|dozen)))"
)


def clauses_of(sentence: str) -> list[tuple[str, bool]]:
    """The clauses; a comparison's second half is one of its own, and marked."""
    clauses: list[tuple[str, bool]] = []
    sentence = re.sub(r"\b(another|different) ([\w ]{1,30}?) than\b", r"\1 \2 other than", sentence)
    for part in _HARD.split(sentence):
        for piece in _opened(part):
            halves = _CONTRAST.split(piece) if re.search(r"\d|\bthan\b", piece) else [piece]
            for number, half in enumerate(halves):
                clauses += [(clause, number > 0) for clause in _pairs_apart([half])]
    return [(clause, compared) for clause, compared in clauses if clause.strip(" .,;:")]


# What stands before a colon is a clause of its own: a comparison, or advice.
_OPENING = re.compile(
    r"\b(?:than|verdict (?:is|was)|gate \w+|passes)\b[^:]*:|"
    r"^\W*(?:and )?(?:stop|check|monitor|avoid|keep|use|increase|decrease|raise|lower|reduce|set|prefer|aim|limit|cap|"
    r"always|never|do not|search|drop|remove|exclude)\b[^:]*:",
    re.IGNORECASE,
)


def _pairs_apart(clauses: Iterable[str]) -> list[str]:
    """`26 of 31 with it, 6 of 177 without`: a comma or `and` between two counts parts two clauses."""
    found = []
    for clause in clauses:
        rest = clause
        while cut := _between_pairs(rest):
            found.append(rest[: cut[0]])
            rest = rest[cut[1] :]
        found.append(rest)
    return found


_PAIR = re.compile(
    r"\d (?:of|out of) (?:the |its |all )?\d|\bnone (?:of|without|otherwise|elsewhere|outside|do\b|did\b|are\b|were\b)|"
    r"\b(?:above|below) it (?:none|all)|\d\s?%"
)


def _between_pairs(clause: str) -> tuple[int, int] | None:
    for match in re.finditer(r", (?:and )?| and ", clause):
        left, right = clause[: match.start()], clause[match.end() :]
        if re.search(r"\b(?:between|from) [\d.]+\s?%?$", left, re.IGNORECASE):
            continue
        if left.count("(") == left.count(")") and _PAIR.search(left) and _PAIR.search(right):
            return match.span()
    return None
