"""How many false sentences the check catches, and how many true ones it drops: a table by kind.

    python -m benchmarks.grounding.score [--seed N] [--show] [--write]

`cases.jsonl` holds the sentences of seed 1, `by_hand*.jsonl` those written one by one, each set before the check saw
any of it; `misjudged.txt` lists those by hand that are judged wrongly. What the check did with a set at first sight,
before it was mended by it, is kept in `first_sight.json`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.grounding.mutate import lies
from benchmarks.grounding.sweeps import made
from benchmarks.grounding.true import claims
from hparam_ci.crew.facts import Facts
from hparam_ci.crew.gather import gather
from hparam_ci.crew.grounding import Checker

HERE = Path(__file__).resolve().parent
EACH = 45  # false sentences of a kind


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence about a made sweep, and whether it is true."""

    sweep: str
    evidence: list[str]
    text: str
    true: bool
    kind: str


def generated(seed: int) -> tuple[list[Case], dict[str, Checker]]:
    """The cases of a seed, and a checker for each sweep."""
    rng = np.random.default_rng(seed)
    truths: list[Case] = []
    falsehoods: dict[str, list[Case]] = defaultdict(list)
    checkers = {}
    for name, inspection in made(seed):
        facts = gather(inspection)
        checkers[name] = Checker(facts)
        for claim in claims(name, inspection, _ids(facts), rng):
            truths.append(Case(name, list(claim.evidence), claim.text, True, claim.kind))
            for kind, lie in lies(claim, rng):
                falsehoods[kind].append(Case(name, list(lie.evidence), lie.text, False, kind))
    chosen = [case for kind in falsehoods.values() for case in _some(kind, EACH, rng)]
    kept = sorted(path.stem for path in (HERE / "facts").glob("*.json"))
    checkers |= {f"kept {name}": Checker(kept_facts(name)) for name in kept}
    return _some(truths, len(chosen), rng) + chosen, checkers


def _some(cases: list[Case], most: int, rng: np.random.Generator) -> list[Case]:
    return [cases[i] for i in sorted(rng.permutation(len(cases))[:most])]


def _ids(facts: Facts) -> dict[tuple[str, int, str], str]:
    """Ids of the facts that the Inspection gives none: by kind, sweep and detector code or rate."""
    rates = {"NaN or Inf rate": "nan_rate", "Failed rate": "failed_rate", "Divergence rate": "divergence_rate"}
    found = {}
    for fact in facts.by_id.values():
        key = rates.get(str(fact.data.get("rate")), "") if fact.kind == "limit" else "".join(fact.codes[:1])
        found[fact.kind, fact.sweep, key] = fact.id
    return found


def kept_facts(name: str) -> Facts:
    """The facts that the sentences by hand were written about: kept, because the engine's findings get better."""
    return msgspec.json.decode((HERE / "facts" / f"{name}.json").read_bytes(), type=Facts)


def by_hand(path: Path) -> Iterator[Case]:
    """Cases written one by one, about kept facts."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            case = Case(**json.loads(line))
            yield replace(case, sweep=f"kept {case.sweep}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="write cases.jsonl")
    parser.add_argument("--show", action="store_true", help="print the sentences that were judged wrongly")
    options = parser.parse_args()
    cases, checkers = generated(options.seed)
    written = [case for path in sorted(HERE.glob("by_hand*.jsonl")) for case in by_hand(path)]
    if options.write:
        text = "".join(json.dumps(vars_of(case), ensure_ascii=False) + "\n" for case in cases)
        (HERE / "cases.jsonl").write_text(text, encoding="utf-8")
        wrong = sorted(case.text for case in written if _is_wrong(case, checkers))
        (HERE / "misjudged.txt").write_text("".join(f"{text}\n" for text in wrong), encoding="utf-8")
    return report([*cases, *written], checkers, show=options.show)


def _is_wrong(case: Case, checkers: dict[str, Checker]) -> bool:
    return (checkers[case.sweep].refuse(case.evidence, case.text) is None) != case.true


def vars_of(case: Case) -> dict[str, object]:
    return {name: getattr(case, name) for name in ("sweep", "evidence", "text", "true", "kind")}


def report(cases: list[Case], checkers: dict[str, Checker], *, show: bool) -> int:
    """Print the table; 0 where 99 % of the false are caught and 2 % of the true dropped at most."""
    judged: dict[tuple[bool, str], list[bool]] = defaultdict(list)
    for case in cases:
        problem = checkers[case.sweep].refuse(case.evidence, case.text)
        judged[case.true, case.kind].append((problem is None) == case.true)
        if show and (problem is None) != case.true:
            label = "dropped" if case.true else "MISSED "
            print(f"{label} [{case.kind}] {case.sweep} {case.evidence} {case.text}\n    {problem}")
    right: dict[bool, list[bool]] = {}
    for true in (False, True):
        print(f"\n{'true sentences kept' if true else 'false sentences caught':34s} {'right':>6s} {'of':>6s}")
        right[true] = [one for (kind, _), results in judged.items() if kind == true for one in results]
        for (kind, name), results in sorted(judged.items()):
            if kind == true:
                print(f"  {name:32s} {sum(results):6d} {len(results):6d}  {100 * sum(results) / len(results):6.1f}%")
        good, of = sum(right[true]), len(right[true])
        print(f"  {'all':32s} {good:6d} {of:6d}  {100 * good / of:6.1f}%")
    print("\nat first sight                     false caught   true kept")
    for one in json.loads((HERE / "first_sight.json").read_text(encoding="utf-8")):
        caught, true_kept = (f"{right} of {of}" for right, of in (one["caught"], one["kept"]))
        print(f"  {one['set']:32s} {caught:>12s} {true_kept:>11s}")
    return int(np.mean(right[False]) < 0.99 or np.mean(right[True]) < 0.98)


if __name__ == "__main__":
    sys.exit(main())
