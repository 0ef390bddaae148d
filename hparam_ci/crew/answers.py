"""What is asked of a model in each section, the schema of its answer, and what its answer says. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from hparam_ci.crew.facts import Fact, Facts, Kind
from hparam_ci.crew.grounding import LONGEST, Checker
from hparam_ci.crew.sentences import ANGLES, SECTION_KINDS, say
from hparam_ci.review import Section, Sentence

MOST = {"summary": 3, "patterns": 5, "next": 3}
FACTS = 20
SHORT_FACTS = 6
ANSWER = 50_000

TASKS: dict[str, Section] = {
    "analyze_pathologies_task": "patterns",
    "write_report_task": "summary",
    "design_next_experiment_task": "next",
}
# The facts that a task sees.
SEEN: dict[Section, tuple[Kind, ...]] = {
    "patterns": ("cause", "hint", "undetermined", "count"),
    "summary": ("verdict", "sweep", "limit", "count", "cause", "finding"),
    "next": ("advice", "space", "cause", "importance", "range"),
}
ASK = {
    "patterns": "Write up to 5 statements: which settings go with which issue, how often with and without them.",
    "summary": "Write up to 3 statements that sum up what was found: what decides the verdict, then what causes it.",
    "next": "Write up to 3 statements: what the next sweep should change first, and what that would have spared.",
}
# The forms of a plain sentence; words in capitals stand for what the fact has.
FORMS = {
    "patterns": "With CONDITION, A of N trials ISSUE, against B of M without it. | "
    "CONDITION explains A of the N ISSUE trials.",
    "summary": "The RATE is P% (A of N trials), above the limit of L%. | A of N trials are affected. | "
    "CONDITION explains A of the N ISSUE trials.",
    "next": "Avoid CONDITION, which would spare A of the N ISSUE trials. | "
    "Search HYPERPARAMETER from LOW to HIGH next.",
}
RULES = (
    "Each statement is one short, plain English sentence, makes one claim, and cites the ids of the facts that it "
    "rests on. Copy numbers, names and conditions exactly, say only what the facts say, give no other reason. Answer "
    "with JSON: an object whose list `statements` holds objects with `evidence` (a list of ids) and `text`."
)
CHOOSE = (
    "Choose the most important facts. Answer with JSON: an object whose list `statements` holds objects with "
    "`evidence` (an id) and `say` (one of the given words)."
)


@dataclass(frozen=True, slots=True)
class Judged:
    """The sentences of an answer that hold, and why the others do not; `problem` where it is no answer at all."""

    kept: tuple[Sentence, ...]
    refused: tuple[str, ...]
    problem: str = ""


def facts_for(section: Section, facts: Facts, *, choosing: bool) -> list[Fact]:
    """The facts that a task sees, most important kind first, few for a model that only chooses."""
    kinds = SECTION_KINDS[section] if choosing else SEEN[section]
    most = SHORT_FACTS if choosing else FACTS
    ranked = [fact for kind in kinds for fact in facts.of(kind)]
    return ranked[:most]


def shown(section: Section, facts: Facts, *, choosing: bool) -> str:
    """The facts as JSON, one a line: every text of a file is a short JSON string."""
    lines: Iterable[dict[str, Any]]
    seen = facts_for(section, facts, choosing=choosing)
    if choosing:
        lines = ({"id": fact.id, "fact": say(fact)} for fact in seen)
    else:
        lines = ({"id": fact.id, **fact.data} for fact in seen)
    return "\n".join(json.dumps(line, ensure_ascii=True) for line in lines)


def schema(section: Section, facts: Facts, *, choosing: bool) -> dict[str, Any]:
    """JSON Schema of the answer: ids are an enumeration of those that the task sees."""
    seen = facts_for(section, facts, choosing=choosing)
    ids = {"type": "string", "enum": [fact.id for fact in seen]}
    if choosing:
        angles = list(dict.fromkeys(angle for fact in seen for angle in ANGLES[fact.kind]))
        item: dict[str, Any] = _object(evidence=ids, say={"type": "string", "enum": angles})
    else:
        item = _object(
            evidence={"type": "array", "minItems": 1, "maxItems": 4, "items": ids},
            text={"type": "string", "maxLength": LONGEST},
        )
    most = min(MOST[section], len(seen)) if choosing else MOST[section]
    return _object(statements={"type": "array", "minItems": 1, "maxItems": most, "items": item})


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


def judge(answer: str, section: Section, checker: Checker, *, choosing: bool) -> Judged:
    """Hold an answer to the facts. It may be anything; nothing is raised."""
    found = _statements(answer)
    if found is None:
        return Judged((), (), "the answer is not the JSON object that was asked for")
    kept: list[Sentence] = []
    refused: list[str] = []
    for statement in found[: 2 * MOST[section]]:
        sentence, problem = _judged(statement, checker, choosing=choosing)
        if sentence is not None and any(_same(sentence.text, other.text) for other in kept):
            problem = "says the same twice"
        if problem or sentence is None:
            refused.append(problem)
        else:
            kept.append(sentence)
    return Judged(tuple(kept[: MOST[section]]), tuple(refused))


def _judged(statement: Any, checker: Checker, *, choosing: bool) -> tuple[Sentence | None, str]:
    if not isinstance(statement, dict):
        return None, "is not an object"
    evidence = statement.get("evidence")
    ids = [evidence] if isinstance(evidence, str) else evidence
    if not isinstance(ids, list) or not all(isinstance(id_, str) for id_ in ids):
        return None, "has no list of ids in `evidence`"
    ids = list(dict.fromkeys(id_.strip() for id_ in ids))
    if choosing:
        fact = checker.facts.by_id.get(ids[0]) if ids else None
        if fact is None:
            return None, "cites nothing that exists"
        return Sentence(say(fact, str(statement.get("say"))), (fact.id,), _sweep(ids[:1], checker.facts), "choice"), ""
    text = statement.get("text")
    if not isinstance(text, str):
        return None, "has no `text`"
    text = " ".join(text.split())
    problem = checker.refuse(ids, text)
    return Sentence(text, tuple(ids), _sweep(ids, checker.facts), "model"), problem or ""


def _sweep(ids: Iterable[str], facts: Facts) -> str:
    """The path of the one sweep that the facts are of, or "" where there is none or more than one."""
    sweeps = {facts.by_id[id_].sweep for id_ in ids if id_ in facts.by_id} - {-1}
    return facts.paths[sweeps.pop()] if len(sweeps) == 1 else ""


def _same(one: str, other: str) -> bool:
    return re.sub(r"\W+", "", one.lower()) == re.sub(r"\W+", "", other.lower())


def _statements(answer: str) -> list[Any] | None:
    """The list in the answer, which may stand in a code fence or in the midst of prose."""
    for text in _candidates(answer[:ANSWER]):
        try:
            found = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            found = found.get("statements")
        if isinstance(found, list):
            return found
    return None


def _candidates(answer: str) -> Iterator[str]:
    yield answer
    yield from re.findall(r"```(?:json)?\s*(.*?)```", answer, re.DOTALL)
    yield answer[answer.find("{") : answer.rfind("}") + 1]
