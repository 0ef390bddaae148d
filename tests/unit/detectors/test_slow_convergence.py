"""HP207: trials that were still improving when they ended."""

from __future__ import annotations

from tests.unit.detectors.conftest import Look, decay, long, rows


def test_still_falling_at_the_end(look: Look) -> None:
    each = [decay(20, seed=i) for i in range(10)]
    each[5] = [2.0 - 0.05 * i for i in range(20)]
    seen = look("slow-convergence", long({"train_loss": each}))
    assert rows(seen.flagged) == [5]
    assert "in the last 25% of its steps" in seen.evidence(5).message


def test_trials_that_were_stopped_on_purpose_are_not_judged(look: Look) -> None:
    each = [decay(20, seed=i) for i in range(10)]
    each[5] = [2.0 - 0.05 * i for i in range(20)]
    states = ["COMPLETE"] * 5 + ["PRUNED"] + ["COMPLETE"] * 4
    seen = look("slow-convergence", long({"train_loss": each}, state=states))
    assert rows(seen.flagged) == []
    assert not seen.at_risk[5]
