"""HP510: configurations that fail in every run, and those that fail in some."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.unit.detectors.conftest import Say

LR = np.repeat([0.001, 0.01, 0.1, 1.0], 5)
FAILED = np.array([0] * 5 + [0] * 5 + [0, 1, 0, 1, 0] + [1] * 5, bool)
LOSS = np.where(FAILED, "nan", (0.4 + 0.01 * np.arange(20)).round(4).astype(str))


def columns(**more: Any) -> dict[str, Any]:
    return {"lr": LR, "seed": np.tile(range(5), 4), "val_loss": LOSS, **more}


def test_every_seed_and_some_seeds_are_two_findings(say: Say) -> None:
    every, some = say("replicates-disagree", columns())
    assert every.evidence.message.startswith("1 of 4 configurations fails for every seed (lr = 1: 5 of 5)")
    assert every.evidence.message.endswith("the configuration is at fault")
    assert some.evidence.message.startswith("1 of 4")
    assert "for some seeds only (lr = 0.1: 2 of 5)" in some.evidence.message
    assert list(every.rows) == [15, 16, 17, 18, 19]
    assert list(some.rows) == [11, 13]


def test_failures_at_random_blame_no_configuration(say: Say) -> None:
    failed = np.random.default_rng(1).random(80) < 0.5
    loss = np.where(failed, "nan", (0.4 + 0.001 * np.arange(80)).round(4).astype(str))
    made = {"lr": np.repeat(np.arange(1, 41) / 100, 2), "seed": np.tile(range(2), 40), "val_loss": loss}
    every, _ = say("replicates-disagree", made)
    assert every.evidence.message.endswith("about as many as chance would give")


def test_without_a_column_of_seeds_they_are_runs(say: Say) -> None:
    made = columns()
    del made["seed"]
    assert "for every run" in say("replicates-disagree", made)[0].evidence.message


def test_healthy_replicates(say: Say) -> None:
    assert say("replicates-disagree", columns(val_loss=0.4 + 0.01 * np.arange(20))) == []


def test_no_replicates(say: Say) -> None:
    assert say("replicates-disagree", columns(lr=np.arange(1, 21) / 100)) == "no configuration was run more than once"


def test_more_than_three_are_counted(say: Say) -> None:
    lr = np.repeat(np.arange(1, 11) / 100, 2)
    loss = ["nan", "0.5"] * 10
    [finding] = say("replicates-disagree", {"lr": lr, "seed": [0, 1] * 10, "val_loss": loss})
    assert finding.evidence.message.startswith("10 of 10 configurations fail for some seeds only")
    assert "and 7 more" in finding.evidence.message
