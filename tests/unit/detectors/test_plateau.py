"""HP206: a training metric that stopped early at a poor level."""

from __future__ import annotations

from tests.unit.detectors.conftest import Look, decay, long, rows


def test_stuck_halfway(look: Look) -> None:
    each = [decay(20, seed=i) for i in range(10)]
    each[2] = [2.0, 1.6, 1.3, 1.21] + [1.2] * 16
    seen = look("plateau", long({"train_loss": each}))
    assert rows(seen.flagged) == [2]
    assert "hardly improved in the last 50% of its steps" in seen.evidence(2).message


def test_a_plateau_at_a_good_level_is_convergence(look: Look) -> None:
    each = [decay(40, rate=0.8, seed=i) for i in range(10)]
    assert rows(look("plateau", long({"train_loss": each})).flagged) == []
