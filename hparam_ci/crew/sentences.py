"""One plain sentence for each fact, by rule: a small model chooses from them, and they stand in for one that failed."""

from __future__ import annotations

from collections.abc import Iterable

from hparam_ci.crew.facts import Fact, Facts, Kind
from hparam_ci.review import Section

Angle = str

# What can be said of a kind of fact; the first is what is said where nobody chooses.
ANGLES: dict[Kind, tuple[Angle, ...]] = {
    "cause": ("how often", "how many explained", "examples"),
    "hint": ("how often",),
    "count": ("how often", "examples"),
    "limit": ("against the limit",),
    "sweep": ("how many affected",),
    "verdict": ("verdict",),
    "undetermined": ("what is missing",),
    "advice": ("advice",),
    "space": ("next range",),
    "importance": ("what moves the objective",),
}
# The facts that a section is about, most important first.
SECTION_KINDS: dict[Section, tuple[Kind, ...]] = {
    "summary": ("limit", "sweep", "count", "cause"),
    "patterns": ("cause", "hint", "undetermined", "count"),
    "next": ("advice", "space", "importance"),
}
TRIALS = {
    "HP101": "trials with NaN",
    "HP102": "trials with infinity",
    "HP104": "failed trials",
    "HP201": "diverged trials",
    "HP301": "overfitting trials",
    "HP203": "underfitting trials",
    "HP401": "short runs",
}
_OF_EACH_SWEEP = {"summary": 2, "patterns": 3, "next": 2}


def say(fact: Fact, angle: Angle = "") -> str:
    """The sentence for a fact, from an angle of its kind."""
    data = fact.data
    if fact.kind in ("cause", "hint"):
        return _cause(fact, angle)
    if fact.kind == "count":
        if angle == "examples" and fact.trials:
            return f"{data['issue']}: for example {_listed(fact.trials)}."
        return f"{data['issue']}: {data['trials']} trials ({data['share']})."
    if fact.kind == "limit":
        side = "within" if fact.outcome == "pass" else "above"
        return f"{data['rate']} {data['share']} ({data['trials']} trials), {side} the limit of {data['limit']}."
    if fact.kind == "sweep":
        a, n = str(data["trials"]).split(" of ")
        return f"In {data['sweep']}, {a} of {n.split()[0]} trials are affected."
    if fact.kind == "verdict":
        return f"The verdict is {data['verdict']}."
    if fact.kind == "undetermined":
        more = data.get("more trials needed")
        missing = f"; at least {more} more {'trial is' if more == 1 else 'trials are'} needed" if more else ""
        return f"{data['issue']}: the cause is undetermined{missing}."
    if fact.kind in ("space", "importance"):
        return _outlook(fact)
    reason = str(data["reason"]).split(";", maxsplit=1)[0].rstrip(".…")
    return f"{data['advice']}: {reason}."


def _cause(fact: Fact, angle: Angle) -> str:
    data = fact.data
    condition = str(data["condition"])
    if fact.kind == "hint":
        return f"A hint, not proven: {data['issue']} in {data['with it']} trials with {condition}."
    if angle == "how many explained":
        explained = str(data["explains"]).replace(" of ", " of the ")
        return f"{condition} explains {explained} {TRIALS.get(fact.codes[0], 'affected trials')}."
    if angle == "examples" and fact.trials:
        return f"{data['issue']} with {condition}: for example {_listed(fact.trials)}."
    return f"{data['issue']} with {condition}: {data['with it']} trials, {data['without it']} without it."


def _outlook(fact: Fact) -> str:
    data = fact.data
    if fact.outcome == "noise":
        return f"{data['hyperparameter']} matters no more than chance for {data['moves']}."
    if fact.kind == "importance":
        share = str(data["importance"]).split(maxsplit=1)[0]
        return f"{data['hyperparameter']} has {share} of the importance for {data['moves']}."
    if fact.conditions:
        return f"Leave {data['left out of the next search']} out of the next search."
    name, proposed = data["hyperparameter"], str(data["next"]).removesuffix(", log")
    return f"Search {name} {'in' if fact.levels else 'from'} {proposed} next."


def _listed(trials: tuple[str, ...]) -> str:
    shown = trials[:3]
    return f"trial {shown[0]}" if len(shown) == 1 else f"trials {', '.join(shown[:-1])} and {shown[-1]}"


def by_rule(section: Section, facts: Facts) -> list[Fact]:
    """The facts that a section consists of where no model has a say, sweep by sweep."""
    chosen: list[Fact] = []
    for sweep in range(len(facts.sweeps)):
        chosen += _first(section, [fact for fact in facts.by_id.values() if fact.sweep == sweep])
    return chosen


def _first(section: Section, facts: Iterable[Fact]) -> list[Fact]:
    own = list(facts)
    if section == "summary":
        own = [fact for fact in own if fact.kind != "limit" or fact.outcome != "pass"]
    return ranked(section, own)[: _OF_EACH_SWEEP[section]]


def ranked(section: Section, facts: Iterable[Fact]) -> list[Fact]:
    """The facts that a section may be about, most important first."""
    own = list(facts)
    return [fact for kind in SECTION_KINDS[section] for fact in sorted(_of(kind, own), key=lambda one: -one.rank)]


def _of(kind: Kind, facts: Iterable[Fact]) -> list[Fact]:
    return [fact for fact in facts if fact.kind == kind]
