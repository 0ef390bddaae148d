"""A sentence as tokens: the names of the facts, numbers, signs and words, each told from the others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from hparam_ci.crew.facts import Facts
from hparam_ci.crew.language import ISSUES, NEUTRAL, NUMBERS
from hparam_ci.crew.names import spellings

TokenKind = Literal["param", "level", "issue", "trial", "sweep", "number", "sign", "word", "mark"]

_SIGNS = {"≤": "<=", "≥": ">=", "≠": "!=", "−": "-", "×": " times ", "–": " - ", "—": " ; ", "’": "'", "‑": "-"}
_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-+]?\d+)?|[-+]?\.\d+(?:e[-+]?\d+)?"
# A number ends where no other name begins: `3x` and `0.1%` do, `3d` and `1.2.3` do not.
_TOKEN = re.compile(
    rf"(?P<number>(?<![\w.])(?:{_NUMBER})(?=%|x\b|[^\w.]|\.(?!\d)|$))|(?P<sign><=|>=|!=|==|[<>=~%])"
    r"|(?P<word>[^\W\d_][\w'-]*(?<!['-]))|(?P<mark>[;:,.()/\"'-])|(?P<odd>\S)"
)


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a sentence.

    Attributes:
        kind: what it is.
        text: as written, in lower case.
        name: the hyperparameter, category, issue code, trial or sweep that it names.
        value: of a number.
        step: half a unit of the number's last digit: what rounding can hide.
    """

    kind: TokenKind
    text: str
    name: str = ""
    value: float = 0.0
    step: float = 0.0


class UnreadableError(ValueError):
    """The text has characters that no sentence needs."""


class Reader:
    """Turns texts into tokens; knows every name of the facts."""

    def __init__(self, facts: Facts) -> None:
        """Collect the names."""
        self._names: dict[str, tuple[TokenKind, str]] = {}
        for spelling, name in spellings(facts.params):
            self._names.setdefault(spelling, ("param", name))
        for level in sorted(facts.levels | _condition_levels(facts)):
            if not _is_number(level) and level.lower() not in NEUTRAL:
                self._names.setdefault(level.lower(), ("level", level))
        for name in facts.sweeps:
            self._names.setdefault(name.lower(), ("sweep", name))
        for fact in facts.by_id.values():
            for trial in fact.trials:
                if not _is_number(trial):
                    self._names.setdefault(trial.lower(), ("trial", trial))
        titles = {fact.codes[0]: fact.issue for fact in facts.of("count") if fact.codes}
        self._issues = {code: re.compile(rf"(?:{pattern})(?![\w])") for code, pattern in ISSUES.items()}
        self._issues |= {code: _title(title) for code, title in titles.items() if code not in ISSUES}
        alternatives = "|".join(re.escape(name) for name in sorted(self._names, key=len, reverse=True))
        self._known = re.compile(rf"(?<![\w.])(?:{alternatives})(?![\w]|\.\w)") if alternatives else None

    def tokens(self, text: str) -> list[Token]:
        """The tokens of a text.

        Raises:
            UnreadableError: a character that is no letter, number or usual punctuation.
        """
        line = plain(text)
        found: list[Token] = []
        at = 0
        while at < len(line):
            if line[at].isspace():
                at += 1
                continue
            token, at = self._next(line, at)
            found.append(token)
        return found

    def _next(self, line: str, at: int) -> tuple[Token, int]:
        if self._known and (match := self._known.match(line, at)):
            kind, name = self._names[match[0]]
            return Token(kind, match[0], name), match.end()
        for code, pattern in self._issues.items():
            if (match := pattern.match(line, at)) and not _inside_word(line, at):
                return Token("issue", match[0], code), match.end()
        match = _TOKEN.match(line, at)
        assert match is not None
        if match["odd"]:
            raise UnreadableError(f"has the character {match[0]!r}")
        if match["number"]:
            return _number(match[0]), match.end()
        if match["word"]:
            return _word(match[0]), match.end()
        return Token("sign" if match["sign"] else "mark", match[0].replace("==", "=")), match.end()


def plain(text: str) -> str:
    """The text in lower case with one spelling of each sign."""
    line = unicodedata.normalize("NFKC", text).lower()
    for sign, written in _SIGNS.items():
        line = line.replace(sign, written)
    line = re.sub(r"(?<=\d) ?per ?cent\b(?! ?points?)", "%", line)
    line = re.sub(r"\bnot (?:a number)\b", "nan", line)
    line = re.sub(r"\bwarm(?:[- ]?up|ing up)\b", "warmup", line)
    line = re.sub(r"(?<!\w)#(?=\d)", "trial ", line)
    line = re.sub(r"\btrials? trial (?=\d)", "trial ", line)
    return re.sub(r"(?<=\d)-(?=\d)", " to ", line)


def _condition_levels(facts: Facts) -> frozenset[str]:
    values = [condition.value for fact in facts.by_id.values() for condition in fact.conditions]
    texts = [value for value in values if isinstance(value, str)]
    texts += [item for value in values if isinstance(value, tuple) for item in value if isinstance(item, str)]
    return frozenset(texts)


def _title(title: str) -> re.Pattern[str]:
    """An issue of another detector: its title, singular or plural."""
    words = [re.escape(word.lower().rstrip("s")) + "s?" for word in title.split()]
    return re.compile(r"[ -]".join(words) + r"(?!\w)")


def _inside_word(line: str, at: int) -> bool:
    return at > 0 and (line[at - 1].isalnum() or line[at - 1] == "_")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(text: str) -> Token:
    digits = text.replace(",", "")
    mantissa, _, exponent = digits.partition("e")
    places = len(mantissa.partition(".")[2]) - int(exponent or 0)
    return Token("number", text, value=float(digits), step=0.5 * 10.0**-places)


def _word(text: str) -> Token:
    first, _, second = text.partition("-")
    if text in NUMBERS and text not in ("zero",):
        return Token("number" if text != "one" else "word", text, value=NUMBERS[text], step=0.5)
    if first in NUMBERS and second in NUMBERS and NUMBERS[first] >= 20:
        return Token("number", text, value=NUMBERS[first] + NUMBERS[second], step=0.5)
    return Token("word", text)


def is_word(token: Token, among: Mapping[str, object] | frozenset[str] | Sequence[str]) -> bool:
    """Whether the token is a plain word of the list."""
    return token.kind in ("word", "sign") and token.text in among
