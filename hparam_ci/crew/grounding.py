"""Is a sentence true of the facts that it cites? Every number, name, direction and comparison in it is held to them.

A sentence is cut into clauses, and each clause must agree with one cited fact as a whole: its numbers are that fact's
numbers in their roles, its hyperparameters lie on the side of the condition that its counts are of, its advice leads
away from the sick side. A word that is neither neutral nor the fact's own is refused, so what cannot be checked cannot
be said. The check is strict on purpose: a true sentence that it drops costs a sentence, a false one costs the trust.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import dropwhile

from hparam_ci.crew.because import reasons_of
from hparam_ci.crew.clauses import disagreement, part_about
from hparam_ci.crew.comparisons import compares
from hparam_ci.crew.facts import Fact, Facts
from hparam_ci.crew.language import AVOID, CLAIMING, HIGH, KEEP, LOW, LOWERING, NONE, RAISING, SHARES, UNSAFE, known
from hparam_ci.crew.overview import said_of_sweep
from hparam_ci.crew.pronouns import Pronouns
from hparam_ci.crew.quantities import ids_in
from hparam_ci.crew.ranges import is_outlook
from hparam_ci.crew.rollcall import answers
from hparam_ci.crew.sides import pronoun_side, stated_side
from hparam_ci.crew.splitting import SENTENCE_END, clauses_of, parts_of
from hparam_ci.crew.tallies import tallied
from hparam_ci.crew.text import Reader, Token, UnreadableError, place_of, plain
from hparam_ci.crew.values import texts_of
from hparam_ci.crew.whole import untrue_as_a_whole

LONGEST = 320


MOST_IDS = 6


_ID = re.compile(r"\[?\(?\b([A-Z]\d{1,5})\b\)?\]?(?!%)")


class Checker:
    """Checks sentences against the facts of one Inspection."""

    def __init__(self, facts: Facts) -> None:
        """Read the names once."""
        self.facts = facts
        self._reader = Reader(facts)

    def refuse(self, evidence: Sequence[str], text: str) -> str | None:
        """Why the facts with the ids `evidence` do not bear the text out, in words for its author; None if they do."""
        if problem := self._form(evidence, text):
            return problem
        cited = [self.facts.by_id[id_] for id_ in evidence]
        names = {fact.id for fact in self.facts.by_id.values()}
        if stray := [id_ for id_ in _ID.findall(text) if id_ in names and id_ not in evidence]:
            return f"names {', '.join(stray)} without citing it"
        bare = _ID.sub(lambda match: "" if match[1] in names else match[0], text)
        try:
            return self._untrue(bare, cited)
        except UnreadableError as error:  # a part may have what the whole reads as something else: `0.1& above it`
            return str(error)

    def _untrue(self, text: str, cited: list[Fact]) -> str | None:
        """What is wrong with the text as a whole or with one of its sentences; None if nothing is."""
        tokens = self._reader.tokens(text)
        told = [*cited, *reasons_of(self.facts, cited)]
        if problem := self._names(tokens, told):
            return problem
        if (counted := tallied(self.facts, tokens, cited)) is not None:
            return None if counted else "it is not so of all that it counts"
        if problem := self._words(tokens, told):
            return problem
        if (compared := compares(tokens, cited)) is not None:
            return None if compared else "it is not so of both"
        if (said := said_of_sweep(self.facts, tokens, cited)) is not None:
            return None if said else "it is not so of the sweep"
        return untrue_as_a_whole(self.facts, text, tokens, cited) or self._sentences(text, cited)

    def _tokens(self, text: str, cited: Sequence[Fact]) -> list[Token]:
        """The tokens of a text, where `two causes` is no number if two are cited."""
        tokens = self._reader.tokens(text)
        sizes = {len(cited), *(len(fact.conditions) for fact in cited)}
        for at, token in enumerate(tokens):
            things = any(one.text in _THINGS for one in tokens[at + 1 : at + 4])
            both = at > 0 and tokens[at - 1].text == "the" and [t.text for t in tokens[at + 1 : at + 2]] in _TOGETHER
            if token.kind == "number" and token.text.isalpha() and token.value in sizes and (things or both):
                tokens[at] = Token("word", "several")
        return tokens

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
        advised = plain(" ".join(text for id_ in evidence for text in self._advice(id_)))
        found = [match[0] for match in UNSAFE.finditer(self._without_names(text))]
        if any(not (word.isalpha() and re.search(rf"\b{word}\b", advised)) for word in found):
            return "has a link, markup or an instruction"
        return None

    def _advice(self, id_: str) -> tuple[str, ...]:
        """The text of advice, which a sentence may repeat whatever its words."""
        fact = self.facts.by_id[id_]
        return fact.words if fact.kind == "advice" else ()

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
        levels = {text for fact in cited for condition in fact.conditions for text in texts_of(condition)}
        levels |= {text for fact in cited for text in (*fact.levels, *fact.dropped)}
        if {"true", "false"} & {level.lower() for level in levels}:
            levels |= {"True", "False", "true", "false"}
        codes = {code for fact in cited for code in fact.codes}
        trials = {trial for fact in cited for trial in fact.trials}
        sweeps = {self.facts.sweeps[fact.sweep] for fact in cited if fact.sweep >= 0}
        allowed = {"param": params, "level": levels, "issue": codes, "trial": trials, "sweep": sweeps}
        if strange := [tokens[at].text for at in sorted(ids_in(tokens)) if tokens[at].text not in trials]:
            return f"trial {strange[0]} is not in the cited evidence"
        for index, token in enumerate(tokens):
            if token.name.lower() in ("true", "false") and token.kind == "level" and not _has_owner(tokens, index):
                return f"does not say what is {token.text}"
            if token.kind not in allowed or token.name in allowed[token.kind]:
                continue
            if re.search(rf"(?<!\w){re.escape(token.text)}(?!\w)", own) or _is_verdict(tokens, index, cited):
                continue
            if token.kind == "issue" and any(_remarks_on(token, fact) for fact in cited):
                continue
            return f"{token.text} is not in the cited evidence"
        return None

    def _words(self, tokens: Sequence[Token], cited: Sequence[Fact]) -> str | None:
        """Other words are neutral ones, or the facts' own."""
        texts = [plain(text) for fact in cited for text in (*fact.words, fact.issue)]
        texts += [fact.outcome for fact in cited if fact.kind == "verdict"]
        texts += ["log logarithmic scale" for fact in cited if str(fact.data.get("next", "")).endswith(", log")]
        own = {word for text in texts for word in re.findall(r"[^\W\d_]+", text) + re.findall(r"[\w-]+", text)}
        for token in tokens:
            if token.kind != "word" or token.text in own or token.text in CLAIMING or known(token.text):
                continue
            parts = token.text.split("-")
            if len(parts) > 1 and all(known(part) or part in own for part in parts):
                continue
            return f"says something that the evidence does not: {token.text}"
        return None

    def _sentences(self, text: str, cited: list[Fact]) -> str | None:
        """Each clause agrees with one cited fact; one without a subject goes on with the fact of the one before."""
        meant = Pronouns({condition.param for fact in cited for condition in fact.conditions})
        for sentence in filter(str.strip, SENTENCE_END.split(text)):
            previous: list[Fact] = []
            for part in parts_of(sentence):
                counted = tallied(self.facts, self._reader.tokens(part), cited)
                if counted is False:
                    return "it is not so of all that it counts"
                if counted or answers(self._tokens(part, cited), cited):
                    continue
                for written, compared in clauses_of(part):
                    clause = meant.resolved(written, self._tokens(written, cited))
                    tokens = self._tokens(clause, cited)
                    if not tokens:
                        continue
                    problem, previous = self._agreeing(clause, tokens, cited, previous, compared=compared)
                    if problem is not None:
                        return problem
        return None

    def _agreeing(
        self, clause: str, tokens: Sequence[Token], cited: list[Fact], previous: list[Fact], *, compared: bool
    ) -> tuple[str | None, list[Fact]]:
        """The facts that the clause agrees with: as a whole, or piece by piece."""
        own_subject = any(token.kind in ("param", "level", "issue") for token in tokens)
        reasons = reasons_of(self.facts, cited) if any(token.kind == "issue" for token in tokens) else []
        own = [fact for fact in cited if not reasons or fact.kind != "space" or fact.conditions]
        candidates = [*own, *reasons] if own_subject or not previous else previous
        problem, agreeing = self._clause(tokens, candidates, compared=compared)
        if problem is None:
            return None, agreeing
        if answers(tokens, cited):
            return None, [fact for fact in cited if fact.kind == "limit"]
        loose, found = self._parts(clause, candidates)
        if previous and not own_subject:
            of_all = [fact for fact in cited if fact.kind in ("verdict", "sweep", "finding", "count")]
            if loose is None or not of_all:
                return loose, found
            return self._clause(tokens, of_all, compared=compared)
        if loose is not None and len(cited) > 1 and (self._grouped(clause, cited) or _shared(tokens, cited)):
            return None, list(cited)
        return (None, found) if loose is None else (problem, agreeing)

    def _grouped(self, clause: str, cited: Sequence[Fact]) -> bool:
        """Whether the clause says one thing of each fact in turn: `divergence with lr > 0.1 and overfitting with sgd`.

        Each part names all conditions of its fact; either all of them name their issue, or none does.
        """
        with_issue, rest = set(), ""
        lead, colon, behind = clause.partition(": ")
        opening = self._tokens(lead, cited)
        if colon and all(token.kind in ("word", "mark") for token in opening):
            if _DENYING & {token.text for token in opening}:
                return False
            clause = behind
        verb = next((t for t in self._tokens(clause, cited)[:1] if t.text in _ORDERING), None)
        for piece in re.split(r"(,| and |:)", clause):
            rest += piece
            tokens = self._tokens(rest, cited)
            named = {token.name for token in tokens if token.kind in ("param", "level")}
            whole = [
                fact
                for fact in cited
                if fact.conditions and all(named & {c.param, *texts_of(c)} for c in fact.conditions)
            ]
            if verb and not any(token.text in _ORDERING for token in tokens):
                tokens = [verb, *dropwhile(lambda token: token.text in (",", "and", ":"), tokens)]
            if whole and all(disagreement(tokens, fact) is None for fact in whole):
                with_issue.add(any(token.kind == "issue" for token in tokens))
                rest = ""
        left = self._tokens(rest, cited)
        empty = all(token.kind in ("word", "mark") and token.text not in _SAYING for token in left)
        return len(with_issue) == 1 and empty

    @staticmethod
    def _clause(
        tokens: Sequence[Token], cited: Iterable[Fact], *, compared: bool = False
    ) -> tuple[str | None, list[Fact]]:
        problems: list[str] = []
        agreeing = []
        for fact in cited:
            problem = disagreement(tokens, fact, compared=compared)
            if problem is None:
                agreeing.append(part_about(tokens, fact) or fact)
            else:
                problems.append(f"{fact.id}: {problem}")
        return (None, agreeing) if agreeing else ("; ".join(problems[:2]), [])

    def _parts(self, clause: str, cited: Sequence[Fact]) -> tuple[str | None, list[Fact]]:
        """The clause piece by piece, for lists such as `divergence (32) and failures (20)`; never across causes."""
        pieces = [piece for piece in re.split(r",| and ", clause) if piece.strip()]
        all_tokens = self._tokens(clause, cited)
        sided = any(token.kind in ("param", "level") for token in all_tokens) or stated_side(all_tokens)
        if len(pieces) < 2 or sided or any(pronoun_side(all_tokens, fact) for fact in cited):
            problem, found = self._clause(all_tokens, cited)
            return problem, found
        agreeing: list[Fact] = []
        for piece in pieces:
            tokens = self._tokens(piece, cited)
            numbered = any(token.kind == "number" for token in tokens)
            owned = any(token.kind == "issue" or token.text in ("trials", "trial", "affected") for token in tokens)
            if numbered and not owned and not agreeing:
                return "has a number whose subject is unclear", []
            problem, found = self._clause(tokens, cited if owned or not agreeing else agreeing)
            if problem is not None:
                return problem, []
            agreeing = found
        return None, agreeing


def _shared(tokens: Sequence[Token], cited: Sequence[Fact]) -> bool:
    """Whether what is said of several hyperparameters holds of each: `lr and dropout are narrowed`."""
    if not all(is_outlook(fact) for fact in cited) or any(token.kind == "number" for token in tokens):
        return False
    names = [{*fact.params, *fact.words} for fact in cited]
    if any(token.kind == "param" and not any(token.name in own for own in names) for token in tokens):
        return False
    return all(
        any(token.name in own for token in tokens if token.kind == "param")
        and disagreement([token for token in tokens if token.kind != "param" or token.name in own], fact) is None
        for fact, own in zip(cited, names, strict=True)
    )


_DENYING = NONE | {"not", "cannot", "without", "same"} | {word for word, (low, _) in SHARES.items() if not low}
_ORDERING = AVOID | KEEP | RAISING | LOWERING
_SAYING = HIGH | LOW | AVOID | KEEP


_TOGETHER = (["should"], ["together"], ["must"], ["are"])


_THINGS = frozenset(
    "causes patterns problems issues reasons ingredients conditions factors regions things settings findings kinds "
    "changes steps actions measures recommendations requirements separate distinct independent limits rates "
    "ranges".split()
)


def _has_owner(tokens: Sequence[Token], at: int) -> bool:
    """Whether the hyperparameter that is true or false stands near."""
    return any(token.kind == "param" for token in tokens[max(0, at - 5) : at + 3])


def _remarks_on(issue: Token, fact: Fact) -> bool:
    """Whether a remark on where the compute went speaks of the issue in other words: `failures` of failed trials."""
    remark = plain(fact.words[0]) if fact.kind == "finding" else ""
    return "most went into" in remark and place_of(issue, remark) >= 0


def _is_verdict(tokens: Sequence[Token], at: int, cited: Sequence[Fact]) -> bool:
    """Whether `fails` is said of the gate, as the verdict that it is."""
    near = {token.text for token in tokens[max(0, at - 4) : at + 4]}
    verdicts = {fact.outcome for fact in cited if fact.kind in ("verdict", "limit")}
    about_gate = bool(near & {"sweep", "gate", "verdict", "limit", "limits", "inspection"})
    return tokens[at].name == "HP104" and about_gate and "fail" in verdicts
