"""A sentence as tokens: the names of the facts, numbers, signs and words, each told from the others."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hparam_ci.crew.facts import Facts
from hparam_ci.crew.language import FRACTIONS, ISSUES, NEUTRAL, NOUNS, NUMBERS
from hparam_ci.crew.names import spellings

TokenKind = Literal["param", "level", "issue", "trial", "sweep", "number", "sign", "word", "mark"]

_SIGNS = {"≤": "<=", "≥": ">=", "≠": "!=", "−": "-", "×": " times ", "–": " - ", "—": " ; ", "’": "'", "‑": "-"}
_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-+]?\d{1,3})?|[-+]?\.\d+(?:e[-+]?\d{1,3})?"
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
        self._plain_levels: dict[str, str] = {}  # such as `step`: a category only beside its hyperparameter
        for spelling, name in spellings(facts.params):
            self._names.setdefault(plain(spelling), ("param", name))
        for level in sorted(facts.levels | _condition_levels(facts)):
            if level.lower() in NEUTRAL:
                self._plain_levels[level.lower()] = level
            elif not is_number(level):
                self._names.setdefault(level.lower(), ("level", level))
        for name in facts.sweeps:
            self._names.setdefault(name.lower(), ("sweep", name))
        for fact in facts.by_id.values():
            for trial in fact.trials:
                if not is_number(trial):
                    self._names.setdefault(trial.lower(), ("trial", trial))
        titles = {fact.codes[0]: fact.issue for fact in facts.of("count") if fact.codes}
        self._issues = {code: re.compile(rf"(?:{pattern})(?![\w])") for code, pattern in ISSUES.items()}
        for code, title in titles.items():
            written = f"(?:{ISSUES[code]})(?!\\w)|" if code in ISSUES else ""
            self._issues[code] = re.compile(written + _title(title))
        alternatives = "|".join(re.escape(name) for name in sorted(self._names, key=len, reverse=True))
        self._known = re.compile(rf"(?<![\w.])(?:{alternatives})(?![\w]|\.\w)") if alternatives else None

    def tokens(self, text: str) -> list[Token]:
        """The tokens of a text.

        Raises:
            UnreadableError: a character that is no letter, number or usual punctuation, or a number that could stand
                for anything (`0e3`).
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
        return _with_fractions([self._beside(found, at) for at in range(len(found))])

    def _beside(self, tokens: Sequence[Token], at: int) -> Token:
        """An ordinary word is a category where it stands beside a hyperparameter: `scheduler = step`."""
        token = tokens[at]
        if token.kind != "word" or token.text not in self._plain_levels:
            return token
        before = [one for one in tokens[max(0, at - 2) : at] if one.text not in ("=", "!=", "is", "of", "to")]
        beside = [*before[-1:], *tokens[at + 1 : at + 2]]
        if any(one.kind == "param" for one in beside):
            return Token("level", token.text, self._plain_levels[token.text])
        return token

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
            first, joint, _ = match[0].partition("-")  # `high-learning_rate`
            if joint and self._known and self._known.match(line, at + len(first) + 1):
                return _word(first), at + len(first)
            return _word(match[0]), match.end()
        return Token("sign" if match["sign"] else "mark", match[0].replace("==", "=")), match.end()


_ABBREVIATIONS = (("i.e.", "that is"), ("e.g.", "for example"), ("vs.", "vs"), ("approx.", "about"), ("ca. ", "about "))


def plain(text: str) -> str:
    """The text in lower case with one spelling of each sign."""
    line = unicodedata.normalize("NFKC", text).lower()
    for sign, written in _SIGNS.items():
        line = line.replace(sign, written)
    line = re.sub(r"(?<=\d) ?per ?cent\b(?! ?points?)", "%", line)
    line = re.sub(r"\bnot (?:a number)\b", "nan", line)
    line = re.sub(r"(?<=\w)n't\b", " not", re.sub(r"\bcan't\b", "can not", line).replace("won't", "will not"))
    line = re.sub(r"\bno longer\b(?! than)", "not", line)
    line = re.sub(r"(\bfrom -?[\d.]+(?:e-?\d+)?) up to\b", r"\1 to", line)
    line = re.sub(r"^(\W*)not (?:combining|pairing|mixing)\b(?=.*\bwould\b)", r"\1avoiding", line)
    line = _HAS_TO.sub(r"must\1", line)
    line = _NEEDS.sub(lambda match: f"must be {_participle(match[1])}", line)
    line = line.replace("had better", "should")
    line = re.sub(r"\b(?:is|are)( not)? to (?=(?:be|stay|remain|lie|go|exceed)\b)", r"must\1 ", line)
    line = re.sub(r"\bwarm(?:[- ]?up|ing up)\b", "warmup", line)
    for written, meant in _ABBREVIATIONS:
        line = line.replace(written, meant)
    line = re.sub(r"(?<=[a-z])'s\b", "", line)
    line = re.sub(r"^\s*[-*•]\s+", "", line)
    line = re.sub(r"(?<=[\s\w])\s*[+&]\s+(?=\w)", " and ", line)
    line = re.sub(r"\bnot (?:one|a single(?: one)?)\b", "none", line)
    line = re.sub(r"\boutside (?=[\w./-]+ ?[<>=!])", "without ", line).replace("ahead of", "more than")
    line = re.sub(r"(?<!\w)#(?=\d)", "trial ", line)
    line = re.sub(r"\btrials? trial (?=\d)", "trial ", line)
    return re.sub(r"(?<=\d)-(?=\d)", " to ", line)


_HAS_TO = re.compile(r"\b(?:(?<!not )(?<!no )needs?|needed|has|had|(?<!not )have|ought)( not)? to\b(?! do\b)")
_NEEDS = re.compile(
    r"\b(?:(?<!not )(?<!no )needs?|needed|requires?|required|wants?|calls? for|could do with) ([a-z]{2,}ing)\b"
)
_STRONG = {
    "setting": "set",
    "unsetting": "unset",
    "cutting": "cut",
    "keeping": "kept",
    "leaving": "left",
    "holding": "held",
    "taking": "taken",
    "choosing": "chosen",
    "freezing": "frozen",
    "shrinking": "shrunk",
}


def _participle(gerund: str) -> str:
    """Raised of raising."""
    return _STRONG.get(gerund, gerund.removesuffix("ing") + "ed")


def _condition_levels(facts: Facts) -> frozenset[str]:
    values = [condition.value for fact in facts.by_id.values() for condition in fact.conditions]
    texts = [value for value in values if isinstance(value, str)]
    texts += [item for value in values if isinstance(value, tuple) for item in value if isinstance(item, str)]
    return frozenset(texts)


def _title(title: str) -> str:
    """A pattern of an issue's title, singular or plural."""
    words = [re.escape(word.lower().rstrip("s")) + "s?" for word in title.split()]
    return r"[ -]".join(words) + r"(?!\w)"


def _inside_word(line: str, at: int) -> bool:
    return at > 0 and (line[at - 1].isalnum() or line[at - 1] == "_")


def place_of(issue: Token, line: str) -> int:
    """Where a text of ours speaks of the issue, as `failed trials` of failures; -1 where it does not."""
    found = re.search(rf"\b(?:{ISSUES[issue.name]})\b", line) if issue.name in ISSUES else None
    return found.start() if found else line.find(issue.text[:5])


def is_number(text: str) -> bool:
    """Whether a text is a number, as `float` reads it."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(text: str) -> Token:
    digits = text.replace(",", "")
    mantissa, _, exponent = digits.partition("e")
    places = len(mantissa.partition(".")[2]) - int(exponent or 0)
    value, step = float(digits), float(f"0.5e{-places}")
    if exponent and not step < abs(value) < math.inf:  # `0e3` would stand for whatever is below 500
        raise UnreadableError(f"has the number {text}")
    return Token("number", text, value=value, step=step)


def _word(text: str) -> Token:
    first, _, second = text.partition("-")
    if text in NUMBERS and text not in ("zero",):
        step = 0.5 if NUMBERS[text] <= 20 else 0.9
        return Token("number" if text != "one" else "word", text, value=float(NUMBERS[text]), step=step)
    if first in NUMBERS and second in NUMBERS and NUMBERS[first] >= 20:
        return Token("number", text, value=float(NUMBERS[first] + NUMBERS[second]), step=0.5)
    return Token("word", text)


def _with_fractions(tokens: list[Token]) -> list[Token]:
    """`two thirds`, `a fifth`, `one in five` as percentages, and `one of 209`, `a single run` with a 1."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        share, until = _fraction(tokens, at)
        if share:
            step = share * 0.08 if share == 50 else min(0.12 * share, 3.5)
            text = " ".join(token.text for token in tokens[at:until])
            found += [Token("number", text, value=share, step=step), Token("sign", "%")]
        elif _is_one(tokens, at):
            found.append(Token("number", tokens[at].text, value=1, step=0.5))
            until = at + 1
        else:
            found.append(tokens[at])
            until = at + 1
        at = until
    return found


def _fraction(tokens: Sequence[Token], at: int) -> tuple[float, int]:
    """(percent, index behind it) of a fraction in words that begins here, or 0."""
    token, following = tokens[at], [one.text for one in tokens[at + 1 : at + 4]]
    before = tokens[at - 1].text if at else ""
    count = 1.0 if token.text in ("one", "a", "1") else token.value if token.kind == "number" else 0.0
    if count and following[:1] and following[0] in FRACTIONS and following[1:2] not in (["time"], ["sweep"], ["trial"]):
        return count * FRACTIONS[following[0]], at + 2
    if token.text == "half" and before not in ("first", "second", "other", "a", "by"):
        return 50.0, at + 1
    every = following[1:2] == ["every"]
    behind = tokens[at + 2 + every : at + 3 + every]
    if count >= 1 and count < 10 and count.is_integer() and following[:1] == ["in"] and behind:
        whole = behind[0]
        if whole.kind == "number" and 3 <= whole.value <= 12 and count < whole.value:
            return 100 * count / whole.value, at + 3 + every
    return 0.0, at


_ONLY = ("only", "just", "exactly", "but")
_KINDS = ("kinds", "causes", "conditions")  # `one of the three kinds` is no count of trials


def _is_one(tokens: Sequence[Token], at: int) -> bool:
    """Whether `one` or `single` counts: before `of 209`, and before a trial."""
    if tokens[at].text not in ("one", "single") or tokens[at].kind != "word":
        return False
    if at and tokens[at - 1].text in ("every", "each", "any"):
        return False
    behind = tokens[at + 2 :] if [one.kind for one in tokens[at + 1 : at + 2]] == ["issue"] else tokens[at + 1 :]
    following = [one.text for one in behind[:3]]  # `a single failed trial`
    counted = following[:1] and following[0] in ("trial", "run", "case")
    if tokens[at].text == "one":
        before = tokens[at - 1].text if at else ""
        counted = (counted or following[:1] in (["cause"], ["kind"], ["sweep"])) and before in _ONLY
    rest = following[1:] if counted else following
    whole = behind[len(following) - len(rest) :][:5]
    numbered = any(
        token.kind == "number" and token.value > 1 and token.value.is_integer() and NOUNS.get(noun) not in _KINDS
        for token, noun in zip(whole, [*(behind.text for behind in whole[1:]), ""], strict=False)
    )
    return bool(counted) or (rest[:1] == ["of"] and numbered) or (rest[:2] == ["out", "of"] and numbered)
