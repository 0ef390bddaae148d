"""Is a sentence true of the facts that it cites? Every number, name, direction and comparison in it is held to them.

A sentence is cut into clauses, and each clause must agree with one cited fact as a whole: its numbers are that fact's
numbers in their roles, its hyperparameters lie on the side of the condition that its counts are of, its advice leads
away from the sick side. A word that is neither neutral nor the fact's own is refused, so what cannot be checked cannot
be said. The check is strict on purpose: a true sentence that it drops costs a sentence, a false one costs the trust.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from hparam_ci.crew import mentions as said
from hparam_ci.crew.facts import Fact, Facts
from hparam_ci.crew.language import (
    ALL,
    BOTTOM,
    HEDGES,
    SHARES,
    STRENGTHS,
    TIMES,
    TOP,
    UNDENIABLE,
    UNSAFE,
    known,
)
from hparam_ci.crew.quantities import (
    Match,
    Number,
    amount_of,
    claimed_shares,
    counted_roles,
    claimed_times,
    matches,
    numbers,
)
from hparam_ci.crew.text import Reader, Token, Unreadable, plain

LONGEST = 320
MOST_IDS = 6
_ID = re.compile(r"\[?\(?\b([A-Z]\d{1,5})\b\)?\]?(?!%)")
_UNKNOWN = re.compile(
    r"\b(?:undetermined|unknown|unclear|unexplained|inconclusive evidence|cannot (?:be )?(?:tell|told|determined?)|"
    r"more trials (?:are |would be )?(?:needed|required|necessary))\b"
)
_END = re.compile(r"(?<=[.!?;])\s+(?=[A-Z0-9\"'])|;")
# A new claim begins here, with a subject of its own.
_HARD = re.compile(r", (?:and|but|while|whereas|although|yet|so)\b|\b(?:whereas|while|although|but)\b|;")
# The other side of a comparison begins here.
_CONTRAST = re.compile(r",? (?:against|versus|vs\.?|compared (?:with|to)|as opposed to|rather than|but only|and only)\b|(?<!other )(?<!rather )\bthan\b(?! (?:or equal )?(?:the )?[\d.])")


class Checker:
    """Checks sentences against the facts of one Inspection."""

    def __init__(self, facts: Facts) -> None:
        """Read the names once."""
        self.facts = facts
        self._reader = Reader(facts)

    def refuse(self, evidence: Sequence[str], text: str) -> str | None:
        """Why the text is not borne out by the facts with the ids `evidence`, in words for its author; None if it is."""
        if problem := self._form(evidence, text):
            return problem
        cited = [self.facts.by_id[id_] for id_ in evidence]
        names = {fact.id for fact in self.facts.by_id.values()}
        if stray := [id_ for id_ in _ID.findall(text) if id_ in names and id_ not in evidence]:
            return f"names {', '.join(stray)} without citing it"
        bare = _ID.sub(lambda match: "" if match[1] in names else match[0], text)
        try:
            tokens = self._reader.tokens(bare)
        except Unreadable as error:
            return str(error)
        problem = self._names(tokens, cited) or self._words(tokens, cited) or self._whole(bare, tokens, cited)
        if problem:
            return problem
        for sentence in filter(str.strip, _END.split(bare)):
            if problem := self._sentence(sentence, cited):
                return problem
        return None

    # --- form ------------------------------------------------------------------------------------------

    def _form(self, evidence: Sequence[str], text: str) -> str | None:
        if not evidence:
            return "cites no evidence"
        if unknown := [id_ for id_ in evidence if id_ not in self.facts.by_id]:
            return f"cites {', '.join(str(id_)[:12] for id_ in unknown[:3])}, which does not exist"
        if len(evidence) > MOST_IDS:
            return f"cites more than {MOST_IDS} facts"
        if not text.strip() or len(text) > LONGEST:
            return f"must have 1 to {LONGEST} characters"
        if UNSAFE.search(self._without_names(text)):
            return "has a link, markup or an instruction"
        return None

    def _without_names(self, text: str) -> str:
        """The text without the names of hyperparameters and files, which may look like anything."""
        line = text.lower()
        for name in sorted(self.facts.params | set(self.facts.sweeps), key=len, reverse=True):
            line = re.sub(rf"(?<!\w){re.escape(name.lower())}(?!\w)", " ", line)
        return line

    def _names(self, tokens: Sequence[Token], cited: Sequence[Fact]) -> str | None:
        """Names of hyperparameters, categories, issues, trials and sweeps belong to a cited fact."""
        params = {name for fact in cited for name in (*fact.params, *fact.words)}
        own = " ".join(plain(word) for fact in cited for word in fact.words)
        levels = {text for fact in cited for condition in fact.conditions for text in said._texts(condition)}  # noqa: SLF001
        if {"true", "false"} & {level.lower() for level in levels}:
            levels |= {"True", "False", "true", "false"}
        codes = {code for fact in cited for code in fact.codes}
        trials = {trial for fact in cited for trial in fact.trials}
        sweeps = {self.facts.sweeps[fact.sweep] for fact in cited if fact.sweep >= 0}
        allowed = {"param": params, "level": levels, "issue": codes, "trial": trials, "sweep": sweeps}
        for index, token in enumerate(tokens):
            if token.kind not in allowed or token.name in allowed[token.kind]:
                continue
            if re.search(rf"(?<!\w){re.escape(token.text)}(?!\w)", own) or _is_verdict(tokens, index, cited):
                continue
            return f"{token.text} is not in the cited evidence"
        return None

    def _words(self, tokens: Sequence[Token], cited: Sequence[Fact]) -> str | None:
        """Other words are neutral ones, or the facts' own."""
        texts = [plain(text) for fact in cited for text in fact.words]
        own = {word for text in texts for word in re.findall(r"[^\W\d_]+", text) + re.findall(r"[\w-]+", text)}
        for token in tokens:
            if token.kind != "word" or token.text in own or known(token.text) or token.text in UNDENIABLE:
                continue
            if token.text in said.HIGH | said.LOW | said.AVOID | said.KEEP | said.WORSE | said.BETTER | HEDGES | TOP:
                continue
            if token.text in STRENGTHS or token.text in BOTTOM or token.text in SHARES or token.text in TIMES or token.text in ALL:
                continue
            parts = token.text.split("-")
            if len(parts) > 1 and all(known(part) or part in own for part in parts):
                continue
            return f"says something that the evidence does not: {token.text}"
        return None

    # --- the text as a whole -----------------------------------------------------------------------------

    def _whole(self, text: str, tokens: Sequence[Token], cited: Sequence[Fact]) -> str | None:
        words = {token.text for token in tokens if token.kind == "word"}
        if not any(token.kind in ("param", "level", "issue", "trial", "number", "sweep") for token in tokens) and not (
            words & {"verdict", "gate"}
        ):
            return "states nothing that can be checked"
        if words & UNDENIABLE or re.search(r"\bno (?:effect|influence|link|relation|cause|pattern)", text.lower()):
            return "denies something that the evidence does not deny"
        if _UNKNOWN.search(text.lower()) and not any(
            fact.kind == "undetermined" or (fact.kind == "advice" and not fact.conditions) for fact in cited
        ):
            return "says that the cause is unknown, which it is not"
        return self._strength(_affirmed(tokens), cited) or self._halves(tokens, cited) or self._rank(tokens, cited)

    def _strength(self, words: set[str], cited: Sequence[Fact]) -> str | None:
        """Certain, strong and suggestive are said of causes that are; a hint is called one."""
        strengths = {fact.outcome for fact in cited if fact.kind in ("cause", "hint", "advice") and fact.outcome}
        own = {word for fact in cited for text in fact.words for word in plain(text).split()}
        for word in words & STRENGTHS.keys() - own:
            if strengths and not STRENGTHS[word] & strengths:
                return f"calls the evidence {word}, which it is not"
        causal = [fact for fact in cited if fact.kind in ("cause", "hint", "advice")]
        if causal and all(fact.outcome == "suggestive" for fact in causal if fact.outcome) and strengths:
            if not words & HEDGES:
                return "states a hint as if it were proven"
        if cited and all(fact.kind == "undetermined" for fact in cited) and not words & {
            "undetermined", "unknown", "unclear", "cannot", "more", "not", "unexplained", "no", "few",
        }:
            return "names a cause where none could be told"
        return None

    def _halves(self, tokens: Sequence[Token], cited: Sequence[Fact]) -> str | None:
        """A cause of two conditions is not half told where one of them is named."""
        named = {token.name for token in tokens if token.kind in ("param", "level")}
        if not named:
            return None
        partial = None
        for fact in cited:
            if fact.kind not in ("cause", "hint", "advice") or not fact.conditions:
                continue
            told = [bool(named & {c.param, *said._texts(c)}) for c in fact.conditions]  # noqa: SLF001
            if all(told):
                return None
            if any(told):
                partial = fact
        if partial is None or not any(token.kind == "number" or token.text in ("alone", "itself") for token in tokens):
            return None
        missing = [c.param for c in partial.conditions if not named & {c.param, *said._texts(c)}]  # noqa: SLF001
        return f"leaves out that {partial.id} holds only together with {', '.join(missing)}"

    def _rank(self, tokens: Sequence[Token], cited: Sequence[Fact]) -> str | None:
        """Largest, leading, most common: true of the fact among its like in the sweep."""
        texts = [token.text for token in tokens]
        joined = " ".join(texts)
        top = bool(re.search(r"\bmost (?:common|frequent|often|frequently|prevalent)\b", joined)) or any(
            text in TOP and not self._is_value_word(tokens, at) for at, text in enumerate(texts)
        )
        bottom = bool(re.search(r"\bleast (?:common|frequent|often)\b", joined)) or any(
            text in BOTTOM and texts[max(0, at - 1)] != "at" and not self._is_value_word(tokens, at)
            for at, text in enumerate(texts)
        )
        if not top and not bottom:
            return None
        if "most to least" in joined:
            listed = [token.value for token in tokens if token.kind == "number"]
            return None if listed == sorted(listed, reverse=True) else "ranks it wrongly"
        ranked = [fact for fact in cited if fact.kind in ("count", "cause", "advice", "limit")]
        if not ranked:
            return "ranks something that the evidence does not rank"
        named = {token.name for token in tokens if token.kind == "issue"}
        subjects = [f for f in ranked if not named or named & set(f.codes)] or ranked
        return None if any(self._is_extreme(fact, top, named) for fact in subjects[:1]) else "ranks it wrongly"

    @staticmethod
    def _is_value_word(tokens: Sequence[Token], at: int) -> bool:
        """`the largest lr` and `highest values` speak of values."""
        near = tokens[at + 1 : at + 3]
        return any(token.kind == "param" or token.text in ("value", "values", "settings") for token in near)

    def _is_extreme(self, fact: Fact, top: bool, named: set[str]) -> bool:
        like = [other for other in self.facts.of(fact.kind) if other.sweep == fact.sweep]
        if fact.kind == "limit":
            shares = [pair.a / pair.n for other in like for pair in other.pairs if pair.n]
            own = [pair.a / pair.n for pair in fact.pairs if pair.n]
            return bool(own) and own[0] == (max(shares) if top else min(shares))
        whole = [other.rank for other in like]
        same = [other.rank for other in like if set(other.codes) & set(fact.codes)]
        best = max if top else min
        return fact.rank == best(whole) or (fact.kind != "count" and bool(named) and fact.rank == best(same))

    # --- clause by clause ---------------------------------------------------------------------------------

    def _sentence(self, sentence: str, cited: Sequence[Fact]) -> str | None:
        """Each clause agrees with one cited fact; a clause without a subject goes on with the fact of the one before."""
        previous: list[Fact] = []
        for clause, compared in _split(sentence):
            tokens = self._reader.tokens(clause)
            if not tokens:
                continue
            own_subject = any(token.kind in ("param", "level", "issue") for token in tokens)
            candidates = list(cited) if own_subject or not previous else previous
            problem, agreeing = self._clause(tokens, candidates, compared=compared)
            if problem is not None and candidates is not cited and previous:
                problem, agreeing = self._parts(clause, candidates)
            elif problem is not None:
                loose, found = self._parts(clause, candidates)
                if loose is None:
                    problem, agreeing = None, found
            if problem is not None:
                return problem
            previous = agreeing
        return None

    @staticmethod
    def _clause(
        tokens: Sequence[Token], cited: Iterable[Fact], *, compared: bool = False
    ) -> tuple[str | None, list[Fact]]:
        problems: list[str] = []
        agreeing = []
        for fact in cited:
            problem = disagreement(tokens, fact, compared=compared)
            if problem is None:
                agreeing.append(fact)
            else:
                problems.append(f"{fact.id}: {problem}")
        return (None, agreeing) if agreeing else ("; ".join(problems[:2]), [])

    def _parts(self, clause: str, cited: Sequence[Fact]) -> tuple[str | None, list[Fact]]:
        """The clause piece by piece, for lists such as `divergence (32) and failures (20)`; never across causes."""
        pieces = [piece for piece in re.split(r",| and |:", clause) if piece.strip()]
        all_tokens = self._reader.tokens(clause)
        if len(pieces) < 2 or any(token.kind in ("param", "level") for token in all_tokens):
            problem, found = self._clause(all_tokens, cited)
            return problem, found
        agreeing: list[Fact] = []
        for piece in pieces:
            tokens = self._reader.tokens(piece)
            numbered = any(token.kind == "number" for token in tokens)
            owned = any(token.kind == "issue" or token.text in ("trials", "trial", "affected") for token in tokens)
            if numbered and not owned and not agreeing:
                return "has a number whose subject is unclear", []
            problem, found = self._clause(tokens, cited if owned or not agreeing else agreeing)
            if problem is not None:
                return problem, []
            agreeing = found
        return None, agreeing


def _affirmed(tokens: Sequence[Token]) -> set[str]:
    """The words that no `not` stands before."""
    return {
        token.text
        for at, token in enumerate(tokens)
        if token.kind == "word" and not {"not", "no"} & {before.text for before in tokens[max(0, at - 1) : at]}
    }


def _split(sentence: str) -> list[tuple[str, bool]]:
    """The clauses; a comparison's second half is one of its own, and marked."""
    clauses: list[tuple[str, bool]] = []
    for part in _HARD.split(sentence):
        pieces = re.split(r"(?<=\w): ", part) if re.search(r"\bthan\b[^:]*:", part) else [part]
        for piece in pieces:
            halves = _CONTRAST.split(piece) if re.search(r"\d|\bthan\b", piece) else [piece]
            for number, half in enumerate(halves):
                clauses += [(clause, number > 0) for clause in _pairs_apart([half])]
    return [(clause, compared) for clause, compared in clauses if clause.strip(" .,;:")]


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


_PAIR = re.compile(r"\d (?:of|out of) (?:the |its |all )?\d|\bnone (?:of|without|otherwise|elsewhere|outside)|\d\s?%")


def _between_pairs(clause: str) -> tuple[int, int] | None:
    for match in re.finditer(r", (?:and )?| and ", clause):
        left, right = clause[: match.start()], clause[match.end() :]
        if left.count("(") == left.count(")") and _PAIR.search(left) and _PAIR.search(right):
            return match.span()
    return None


def _is_verdict(tokens: Sequence[Token], at: int, cited: Sequence[Fact]) -> bool:
    """Whether `fails` is said of the gate, as the verdict that it is."""
    near = {token.text for token in tokens[max(0, at - 4) : at + 4]}
    verdicts = {fact.outcome for fact in cited if fact.kind in ("verdict", "limit")}
    about_gate = bool(near & {"gate", "verdict", "limit", "limits", "inspection"})
    return tokens[at].name == "HP104" and about_gate and "fail" in verdicts


# --- one clause, one fact --------------------------------------------------------------------------------


def disagreement(tokens: Sequence[Token], fact: Fact, *, compared: bool = False) -> str | None:
    """Where the clause, perhaps a comparison's second half, departs from the fact; None if it does not."""
    issues = {token.name for token in tokens if token.kind == "issue"}
    if fact.codes and issues - set(fact.codes) and not _is_verdict_clause(tokens, fact):
        return "it is about another issue"
    found = said.mentions(tokens, fact)
    known_params = set(fact.params)
    if stray := [m for m in found if m.param not in known_params and not _worded(tokens[m.at].text, fact)]:
        return f"it does not speak of {stray[0].param}"
    values = frozenset(at for mention in found for at in mention.numbers)
    sides: set[int] = set()
    remedied = False
    for mention in found:
        problem, side = _mention(tokens, mention, fact)
        if problem:
            return problem
        if side:
            sides.add(side)
        remedied = remedied or (side == -1 and said.mood(tokens, mention) in ("keep", "better"))
    if bare := _bare_blank(tokens, found, fact, sides):
        return bare
    if remedied and len(sides) > 1:  # keep lr low when the optimizer is adamw
        sides = set()
    stated = said.stated_side(tokens)
    if stated:
        sides.add(stated)
    if len(sides) > 1:
        return "it mixes the two sides of the condition"
    counted, problem = _numbers(tokens, fact, values)
    if problem:
        return problem
    if sides and counted and sides != counted:
        return "its counts belong to the other side of the condition"
    return (
        _direction(tokens, found, fact, counted, compared=compared)
        or _shares(tokens, fact, sides or counted)
        or _limit_words(tokens, fact)
        or _compared(tokens, fact, sides or counted)
    )


def _worded(name: str, fact: Fact) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", plain(text)) for text in fact.words)


def _is_verdict_clause(tokens: Sequence[Token], fact: Fact) -> bool:
    return fact.kind in ("verdict", "limit") and any(t.text in ("gate", "verdict", "limit") for t in tokens)


def _bare_blank(
    tokens: Sequence[Token], found: Sequence[said.Mention], fact: Fact, sides: set[int]
) -> str | None:
    """`momentum and clipping`: beside a value, a name alone says that it is set, where the cause says that it is not."""
    blank = {c.param for c in fact.conditions if c.op == "missing"}
    told = {m.param for m in found if m.relation != "named"}
    for mention in found:
        if mention.param not in blank - told:
            continue
        mood = said.mood(tokens, mention)
        if mood == "avoid":
            return f"its advice on {mention.param} contradicts it"
        if sides and mood != "keep":
            return f"it says that {mention.param} is set"
    return None


def _mention(tokens: Sequence[Token], mention: said.Mention, fact: Fact) -> tuple[str | None, int]:
    """The side of the cause that the mention names."""
    conditions = [c for c in fact.conditions if c.param == mention.param]
    if not conditions:
        return _of_range(tokens, mention, fact), 0
    sides = [said.side(mention, condition, fact, tokens) for condition in conditions]
    right = [one for one in sides if one is not None]
    if not right:
        return f"it says something else of {mention.param}", 0
    return None, right[0]


def _of_range(tokens: Sequence[Token], mention: said.Mention, fact: Fact) -> str | None:
    if mention.relation == "named" or fact.kind not in ("range", "advice", "issue"):
        return None if mention.relation == "named" else f"it says nothing of the values of {mention.param}"
    given = [tokens[at] for at in mention.numbers]
    if fact.kind == "advice" and not given:
        return None
    amounts = [amount.value for amount in fact.amounts if amount.of == mention.param]
    if all(any(said.close(token, value) for value in amounts) for token in given) and given:
        return None
    return f"it says nothing of such values of {mention.param}"


def _numbers(tokens: Sequence[Token], fact: Fact, values: frozenset[int]) -> tuple[set[int], str | None]:
    """The sides that the clause's numbers are counts of, or which of them is not the fact's."""
    sides: set[int] = set()
    for number in numbers(tokens, values):
        found = [match for match in matches(number, fact, tokens) if _fits(number, match, tokens)]
        if fact.kind == "issue" and number.unit != "trial" and not _follows_its_name(number, fact, tokens):
            found = []
        if not found:
            return sides, f"{_shown(number)} is not one of its numbers"
        roles = {match.role for match in found}
        if len(roles) == 1 and roles <= {"inside", "outside"}:
            sides.add(1 if roles == {"inside"} else -1)
    for token in tokens:
        times = claimed_times(token)
        ratio = amount_of(fact, "times")
        if times is not None and (ratio is None or not 0.85 * times <= ratio.value <= 1.15 * times):
            return sides, f"{token.text} is not one of its numbers"
    if len(sides) > 1:
        return ({1}, None) if _rises(tokens) else (sides, "it mixes the two sides of the condition")
    return sides, None


def _follows_its_name(number: Number, fact: Fact, tokens: Sequence[Token]) -> bool:
    """`val_loss 0.8`: in the issue's message the number stands after the same name."""
    message = plain(fact.words[0])
    names = [token.text for token in tokens[: number.at] if "_" in token.text and token.text in message]
    if not names:
        return True
    following = re.search(rf"(?<!\w){re.escape(names[-1])}\D*([-\d.e+]*\d)", message)
    return following is not None and said.close(number.token, float(following[1]))


def _rises(tokens: Sequence[Token]) -> bool:
    """`raises it from 2.4% to 25.5%`: the first is the share without the condition, the second that with it."""
    text = " ".join(token.text for token in tokens)
    grows = re.search(r"\b(?:increas\w+|rais\w+|ris\w+|rose|grows?|grew|climbs?|jumps?)\b", text)
    span = re.search(r"from ([\d.]+) % to ([\d.]+) %", text)
    return bool(grows and span and float(span[1]) < float(span[2]))


def _fits(number: Number, match: Match, tokens: Sequence[Token]) -> bool:
    """Whether what stands around a count says which count it is: affected trials or all that could be."""
    if match.pair is None or match.part == "pair":
        return True
    rest = tokens[number.until + 1 :]
    if match.part == "share":
        return _share_fits(match, rest)
    if [token.text for token in rest[:2]] in (["of", "which"], ["of", "them"], ["of", "these"], ["of", "those"]):
        return match.part == "a"
    following = tokens[number.until + 1 : number.until + 5]
    before = tokens[max(0, number.at - 4) : number.at]
    skipped = {"of", "the", "them", "trials", "runs", "that", "have", "were", "all", "to"}
    subject = next((token for token in following if token.text not in skipped), None)
    if match.part == "n" and "of" in {token.text for token in tokens[max(0, number.at - 3) : number.at]}:
        return True  # the whole of a share
    leading_in = tokens[number.at - 1].text in ("in", ":", "(", "for")
    issue = (subject is not None and subject.kind == "issue") or (
        leading_in and any(token.kind == "issue" for token in before)
    )
    healthy = any(
        token.text in _HEALTHY and not (after.text == "set" or after.kind == "param")
        for token, after in zip(following, [*tokens[number.until + 2 :], _END_OF_CLAUSE], strict=False)
    )
    affected = any(token.text in ("affected", "sick") for token in following) and not healthy
    if match.part == "a":
        return not healthy
    if match.part == "rest":
        return healthy
    if match.role == "explains":  # all trials with the issue
        return not healthy
    return not (issue or affected) or healthy


def _share_fits(match: Match, rest: Sequence[Token]) -> bool:
    """`95% of trials with lr > 1` is a share of those trials, `95% of the failed trials` one of the failed."""
    if [token.text for token in rest[:1]] != ["of"]:
        return True
    for at, token in enumerate(rest[:7]):
        if token.kind == "issue":
            return match.role not in ("inside", "outside")
        if token.text in ("trials", "runs", "cases"):
            named = any(later.kind in ("param", "level") for later in rest[at : at + 4])
            return match.role != "explains" or not named
        if token.text == ",":
            break
    return True


_END_OF_CLAUSE = Token("mark", ".")
_HEALTHY = frozenset({"healthy", "not", "without", "unaffected", "clean", "fine"})


def _shown(number: Number) -> str:
    return number.token.text + (f" of {number.of.text}" if number.of else "") + ("%" if number.unit == "%" else "")


def _direction(
    tokens: Sequence[Token], found: Sequence[said.Mention], fact: Fact, counted: set[int], *, compared: bool
) -> str | None:
    """Advice leads away from the sick side; what is said to be sick lies on it."""
    for mention in found:
        condition = next((c for c in fact.conditions if c.param == mention.param), None)
        side = said.side(mention, condition, fact, tokens) if condition else 0
        if not side:
            continue
        mood = said.mood(tokens, mention)
        if counted and mood in ("worse", "better", "none"):
            continue
        if mood == "none" and side < 0 and not compared:
            return f"it turns the direction of {mention.param} round"
        if said.expected(mood) and said.expected(mood) != side:
            return (
                f"its advice on {mention.param} contradicts it"
                if mood in ("avoid", "keep")
                else f"it turns the direction of {mention.param} round"
            )
    if fact.kind == "advice" and not fact.conditions:
        return _general_direction(tokens, fact)
    return None


def _general_direction(tokens: Sequence[Token], fact: Fact) -> str | None:
    """General advice may only go the way that it goes."""
    own = set(re.findall(r"[a-z]+", plain(" ".join(fact.words))))
    for group in (said.HIGH, said.LOW):
        used = {token.text for token in tokens if token.kind == "word"} & group
        if used and not own & group and not used <= {"less", "great", "high", "large", "above"}:
            return f"the advice does not say {min(used)}"
    avoiding = {token.text for token in tokens if token.kind == "word"} & said.AVOID - {"not", "stop", "drop"}
    return f"the advice does not say {min(avoiding)}" if avoiding - own else None


def _shares(tokens: Sequence[Token], fact: Fact, sides: set[int]) -> str | None:
    """`all`, `none`, `most` and their like hold for the pair that the clause means."""
    if fact.kind in ("range", "issue", "undetermined"):
        return None
    written = [(n.token.value, n.of.value) for n in numbers(tokens, frozenset()) if n.of and n.unit != "hours"]
    for at, low, high in claimed_shares(tokens):
        roles = counted_roles(tokens, at, sides)
        pairs = [pair for pair in fact.pairs if pair.role in roles]
        if len(written) == 1 and (same := [pair for pair in fact.pairs if (pair.a, pair.n) == written[0]]):
            pairs = same
        if not any(low - 1e-9 <= pair.a / pair.n <= high + 1e-9 for pair in pairs if pair.n):
            return f"{tokens[at].text} is not what it counts"
    return None


def _limit_words(tokens: Sequence[Token], fact: Fact) -> str | None:
    """Above and within a limit, passed and failed: as the gate has it."""
    texts = [token.text for token in tokens]
    joined = " ".join(texts)
    if fact.kind not in ("limit", "verdict"):
        if "limit" in texts and fact.kind in ("count", "sweep", "cause") and any(
            word in texts for word in ("above", "within", "exceed", "exceeds", "exceeding", "below", "under", "over")
        ) and not any(token.kind == "param" for token in tokens):
            return "it says nothing of a limit"
        if re.search(r"\b(?:gate|verdict)\b", joined):
            return "it says nothing of the gate"
        return None
    passed = fact.outcome == "pass"
    above = re.search(r"\b(?:above|over|exceed\w*|violat\w*|beyond|higher than|past)\b", joined)
    within = re.search(r"\b(?:within|below|under|meets?|less than|lower than|respects?|not exceed)\b", joined)
    if re.search(r"\b(?:not|never) (?:exceed|above|over)", joined):
        above, within = None, re.match("", "")
    if above and passed:
        return "it is within its limit"
    if within and not passed and "not within" not in joined:
        return "it is above its limit"
    verdict = re.search(r"\b(pass|passes|passed|fail|fails|failed|warn|warns|inconclusive)\b", joined)
    gate = {"gate", "verdict"} & set(texts)
    if verdict and gate and not verdict[1].startswith(fact.outcome):
        return f"the verdict is {fact.outcome}"
    if verdict and verdict[1].startswith("pass") and fact.outcome != "pass":
        return f"the verdict is {fact.outcome}"
    return None


def _compared(tokens: Sequence[Token], fact: Fact, sides: set[int]) -> str | None:
    """More often, less often: the sick side is the one with more."""
    joined = " ".join(token.text for token in tokens)
    if fact.kind not in ("cause", "hint", "advice") or not sides:
        return None
    side = next(iter(sides))
    if re.search(r"\b(?:less (?:often|frequent\w*|common\w*|likely)|fewer|rarer|lower (?:rate|share))\b", joined):
        return "it is the side with more of them" if side > 0 else None
    if re.search(r"\b(?:more (?:often|frequent\w*|common\w*|likely)|likelier|higher (?:rate|share))\b", joined):
        return "it is the side with fewer of them" if side < 0 else None
    return None
