"""HP507: failures cluster in time, or on one machine, rather than in configurations."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.unit.detectors.conftest import Say, message

N = 100
RNG = np.random.default_rng(6)


def columns(failed: np.ndarray, **more: Any) -> dict[str, Any]:
    loss = np.where(failed, "", RNG.uniform(0.2, 0.9, N).round(5).astype(str))
    status = np.where(failed, "FAILED", "FINISHED")
    names = ("lr", "dropout", "weight_decay", "momentum")
    knobs = {name: RNG.uniform(0.001, 0.1, N).round(6) for name in names}
    return {"trial_id": range(N), **knobs, "status": status, "val_loss": loss, **more}


def burst() -> np.ndarray:
    failed = np.zeros(N, bool)
    failed[80:95] = True
    failed[[84, 10]] = [False, True]
    return failed


def test_a_burst(say: Say) -> None:
    [finding] = say("failures-in-time", columns(burst()))
    text = finding.evidence.message
    assert "14 of 15 failures lie between trials 80 and 94 (by trial_id), where 15 of 100 trials ran" in text
    assert text.endswith("the machine, not the model")
    assert list(finding.rows) == [*range(80, 84), *range(85, 95)]


def test_the_order_is_that_of_the_start_not_of_the_file(say: Say) -> None:
    order = RNG.permutation(N)
    made = columns(burst()[order])
    made["trial_id"] = [f"run-{chr(97 + i % 26)}{chr(97 + i // 26)}x" for i in range(N)]
    assert say("failures-in-time", made) == "nothing says when or where the trials ran"
    made["start_time"] = [f"2026-03-01 {8 + i // 60:02d}:{i % 60:02d}:00" for i in order]
    assert "14 of 15 failures" in message(say("failures-in-time", made))


def test_failures_anywhere_are_none(say: Say) -> None:
    for _ in range(5):
        assert say("failures-in-time", columns(RNG.random(N) < 0.15)) == []
    assert say("failures-in-time", columns(np.zeros(N, bool))) == []
    assert say("failures-in-time", columns(np.ones(N, bool))) == []


def test_a_configuration_that_was_tried_at_one_time_explains_them(say: Say) -> None:
    made = columns(burst())
    made["lr"] = np.where(burst(), 0.5, made["lr"])
    assert say("failures-in-time", made) == [], "a sampler that learns tries alike settings in a row"


def test_numbers_that_only_count_a_ranking_are_no_time(say: Say) -> None:
    failed = np.arange(N) >= 88
    made = columns(failed)
    made["val_loss"] = np.where(failed, "", np.sort(RNG.uniform(0.2, 0.9, N)).round(5).astype(str))
    assert say("failures-in-time", made) == "nothing says when or where the trials ran"


def test_one_machine(say: Say) -> None:
    host = RNG.integers(0, 5, N)
    failed = (host == 3) & (RNG.random(N) < 0.9)
    made = columns(failed, hostname=[f"gpu{one:02d}" for one in host])
    text = message(say("failures-in-time", made))
    assert f"all {failed.sum()} failures ran on hostname gpu03, as {(host == 3).sum()} of 100 trials did" in text
    spread = columns(RNG.random(N) < 0.2, hostname=[f"gpu{one:02d}" for one in host])
    assert say("failures-in-time", spread) == []
