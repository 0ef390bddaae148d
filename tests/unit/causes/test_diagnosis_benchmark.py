"""The benchmark's own sweeps and scores: a wrong ruler would measure nothing."""

from __future__ import annotations

import pytest

from benchmarks.diagnosis.methods import at_risk, oracle
from benchmarks.diagnosis.score import inside, score
from benchmarks.diagnosis.sweeps import ISSUES, KINDS, NULL, make


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_makes_a_sweep_whose_truth_its_trials_show(kind: str) -> None:
    made = make(kind, 300, 1)
    assert len(made.table) == len(made.labels) == 300
    assert bool(made.truth.causes) == (kind not in NULL)
    for issue, causes in made.truth.causes.items():
        region = sum(region(made.cube) for _, region in causes) > 0
        rows = at_risk(made.labels, issue)
        hits = made.labels == issue
        assert hits[rows & region].mean() > hits[rows & ~region].mean() + 0.2
    assert set(made.labels) <= {"ok", *ISSUES}


def test_a_right_claim_is_found_and_an_innocent_is_an_invention() -> None:
    made = make("above", 200, 2)
    [(issue, [(names, region)])] = made.truth.causes.items()
    [name] = names
    cut = made.table[name][region(made.cube)].min()
    claim = {"issue": issue, "conditions": [{"param": name, "op": ">=", "value": float(cut)}]}
    assert score(made, [claim])["found"] == 1.0
    innocent = next(x for x in made.truth.names if x != name)
    more = [*claim["conditions"], {"param": innocent, "op": "!=", "value": "nothing"}]
    assert score(made, [claim | {"conditions": more}])["invents"] == 1.0
    other = next(x for x in ISSUES if x != issue)
    assert score(made, [claim, claim | {"issue": other}])["invents"] == 1.0
    assert inside(made.reference_values, claim["conditions"]).mean() == pytest.approx(
        region(made.reference).mean(), abs=0.03
    )


def test_the_oracle_finds_a_plain_cause() -> None:
    assert oracle(make("above", 200, 2))
