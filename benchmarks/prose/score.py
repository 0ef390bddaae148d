"""A rubric for what the crew says, by rules on its structured answer: rule-written and model-written side by side.

    .crew/bin/python -m benchmarks.prose.score [--model NAME --base-url URL] [--write docs/crew-reports.md]

The key is taken from HPARAM_AI_API_KEY. Without a model only the rule-written reviews are scored.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.grounding.sweeps import made
from hparam_ci.crew.endpoint import endpoint
from hparam_ci.crew.facts import Facts
from hparam_ci.crew.gather import gather
from hparam_ci.crew.grounding import Checker
from hparam_ci.crew.run import review
from hparam_ci.crew.sentences import by_rule, say
from hparam_ci.inspection import Inspection
from hparam_ci.review import SECTIONS, Review, Sentence

SWEEPS = ("digits", "language-420", "trees-420")
WORDS = 160
TITLES = {"summary": "In short", "patterns": "Patterns", "next": "Next sweep"}


def right_cause_first(said: Review, facts: Facts) -> bool:
    """The first pattern is about the proven cause that explains most trials."""
    best = max(facts.of("cause"), key=lambda fact: fact.rank).id
    patterns = dict(said.sections).get("patterns", ())
    return bool(patterns) and best in patterns[0].evidence


def every_cause(said: Review, facts: Facts) -> bool:
    """The patterns name at least half of the proven causes."""
    cited = {id_ for sentence in dict(said.sections).get("patterns", ()) for id_ in sentence.evidence}
    causes = {fact.id for fact in facts.of("cause")}
    return len(causes & cited) >= len(causes) / 2


def nothing_invented(said: Review, facts: Facts) -> bool:
    """Every sentence holds against the facts that it cites."""
    checker = Checker(facts)
    return all(checker.refuse(one.evidence, one.text) is None for _, found in said.sections for one in found)


def concrete_advice(said: Review, facts: Facts) -> bool:
    """The advice names a hyperparameter and the trials that it would have spared."""
    return any(
        any(name.lower() in one.text.lower() for name in facts.params) and any(char.isdigit() for char in one.text)
        for one in dict(said.sections).get("next", ())
    )


def short(said: Review, _: Facts) -> bool:
    """No more than 160 words in all."""
    return sum(len(one.text.split()) for _, found in said.sections for one in found) <= WORDS


RUBRIC: dict[str, Callable[[Review, Facts], bool]] = {
    "right cause first": right_cause_first,
    "half of the causes": every_cause,
    "nothing invented": nothing_invented,
    "concrete advice": concrete_advice,
    "short": short,
}


def rule_written(inspection: Inspection) -> Review:
    """What stands in the report where a model failed in every section."""
    facts = gather(inspection)
    sections = tuple(
        (section, tuple(Sentence(say(fact), (fact.id,), "", "rule") for fact in by_rule(section, facts)))
        for section in SECTIONS
    )
    return Review("ok", "", "rule", sections)


def main() -> int:
    parser = argparse.ArgumentParser(description="Score what the crew says.")
    parser.add_argument("--model", default="")
    parser.add_argument("--base-url", default="")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--write", metavar="FILE", type=Path)
    options = parser.parse_args()
    found = endpoint(options.model, options.base_url, os.environ.get("HPARAM_AI_API_KEY", ""))
    reviews: list[tuple[str, str, Review, Facts]] = []
    for name, inspection in made(1):
        if name not in SWEEPS:
            continue
        facts = gather(inspection)
        reviews.append((name, "by rule", rule_written(inspection), facts))
        if found:
            said = review(inspection, found, seconds=options.seconds, log=print)
            reviews.append((name, found.name, said, facts))
    for line in table(reviews):
        print(line)
    if options.write:
        options.write.write_text(page(reviews), encoding="utf-8")
    return 0


def table(reviews: list[tuple[str, str, Review, Facts]]) -> list[str]:
    lines = [f"| Sweep | Written | {' | '.join(RUBRIC)} | Dropped |", f"|:--|:--|{'--:|' * (len(RUBRIC) + 1)}"]
    for name, by, said, facts in reviews:
        marks = " | ".join("yes" if rule(said, facts) else "no" for rule in RUBRIC.values())
        lines.append(f"| {name} | {by} | {marks} | {said.dropped} |")
    return lines


def page(reviews: list[tuple[str, str, Review, Facts]]) -> str:
    """The reviews of each sweep one below the other, as Markdown."""
    lines = [
        "# Rule-written and model-written reviews",
        "",
        "Made by `benchmarks/prose/score.py`; ✎ marks what the model wrote or chose, the rest stands in for it.",
        "",
        *table(reviews),
    ]
    for name, by, said, _ in reviews:
        lines += ["", f"## {name}, {by}", ""]
        if said.status != "ok":
            lines += [f"*{said.status}: {said.reason}*", ""]
        for section, sentences in said.sections:
            lines += [f"**{TITLES[section]}**", ""]
            lines += [f"- {'' if s.by == 'rule' else '✎ '}{s.text} ({', '.join(s.evidence)})" for s in sentences] + [""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


if __name__ == "__main__":
    sys.exit(main())
