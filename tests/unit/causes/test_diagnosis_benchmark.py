"""The benchmark's own sweeps and scores: a wrong ruler would measure nothing."""

from __future__ import annotations

import time

import pandas as pd
import pytest

from benchmarks.diagnosis.__main__ import one
from benchmarks.diagnosis.methods import METHODS, at_risk, oracle
from benchmarks.diagnosis.score import inside, score
from benchmarks.diagnosis.sweeps import ISSUES, KINDS, NULL, make
from benchmarks.diagnosis.tables import tables


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


def test_a_method_that_takes_too_long_is_stopped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, "tree", lambda made: time.sleep(60))
    rows = one(("above", 12, 1, ("tree", "oracle"), 0.05))
    assert [row["error"] for row in rows] == ["over the limit", ""]
    [line] = [line for line in tables(pd.DataFrame(rows)).splitlines() if line.startswith("| tree |")]
    assert line.endswith("| 1 + 0 | 1 |")


def test_the_tables_say_where_a_peer_is_ahead_and_what_it_invents() -> None:
    def row(method: str, seed: int, found: float, invents: float) -> dict[str, object]:
        shared = {"kind": "above", "n": 30, "seconds": 0.1, "error": "", "named": found, "clean": found * (1 - invents)}
        return {"method": method, "seed": seed, "found": found, "invents": invents, **shared}

    rows = [row("ours", seed, found=float(seed > 0), invents=0.0) for seed in range(4)]
    rows += [row("naive", seed, found=1.0, invents=1.0) for seed in range(4)]
    text = tables(pd.DataFrame(rows))
    assert "| ours | 75 ± 19 |" in text
    [lead] = [line for line in text.splitlines() if line.startswith("- **naive** (invents in 100 ± 15 %")]
    assert "single at 30, 100 to 75 % (25 ± 25 on 4)" in lead
    assert "clean" not in lead
