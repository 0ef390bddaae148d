"""Advice: the same for several causes is given once, with all that speaks for it."""

from __future__ import annotations

from collections.abc import Callable

from hparam_ci.inspection import SweepResult

N = 60


def test_one_advice_for_what_makes_trials_sick_in_two_ways(inspect_columns: Callable[..., SweepResult]) -> None:
    optimizer = ["sgd", "adam", "lion", "lamb"] * (N // 4)
    bad = [name == "lamb" for name in optimizer]
    result = inspect_columns(
        optimizer=optimizer,
        lr=[f"{10 ** (-4 + i * 7 % N / 20):.6f}" for i in range(N)],
        status=["failed" if sick and i % 8 == 3 else "completed" for i, sick in enumerate(bad)],
        val_loss=["" if sick and i % 8 == 3 else "nan" if sick else 0.3 + i % 7 / 100 for i, sick in enumerate(bad)],
    )
    causes = {cause.code: cause for cause in result.causes}
    assert causes["HP101"].text == causes["HP104"].text == "optimizer = lamb"
    [one] = [one for one in result.recommendations if one.kind == "avoid"]
    assert set(one.evidence) == {causes["HP101"].id, causes["HP104"].id}
    assert one.trials_saved == sum(bad)
    assert "failed" in one.reason
    assert "went NaN" in one.reason
