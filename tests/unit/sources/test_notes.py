"""What the file cannot tell is said, once and briefly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hparam_ci.sources.notes import notes
from hparam_ci.sources.roles import read_roles
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.tabular import read_table

N = 12
LOSS = [0.5 + (7 * i % N) / 9 for i in range(N)]
LR = [0.1 * (1 + 5 * i % N) for i in range(N)]
Make = Callable[..., Sweep]


def said(sweep: Sweep) -> str:
    return "\n".join(notes(sweep))


def test_nothing_to_say_is_said_by_nothing(sweep_of: Make) -> None:
    assert said(sweep_of(trial_id=range(N), lr=LR, val_loss=LOSS)) == ""


def test_pruned_and_running_trials(sweep_of: Make) -> None:
    states = ["COMPLETE"] * 6 + ["PRUNED"] * 4 + ["RUNNING"] * 2
    text = said(sweep_of(number=range(N), state=states, lr=LR, val_loss=LOSS))
    assert "4 trials were stopped early or pruned" in text
    assert "2 trials are marked as running or waiting and left out of every denominator" in text


def test_a_direction_that_nobody_knows(sweep_of: Make) -> None:
    assert "directions: {value: minimize}" in said(sweep_of(number=range(N), params_lr=LR, params_wd=LOSS, value=LOSS))


def test_a_direction_that_another_metric_gives(sweep_of: Make) -> None:
    sweep = sweep_of(number=range(N), lr=LR, value=[-x for x in LOSS], val_loss=LOSS)
    assert "which way is better" not in said(sweep)
    [direction] = [metric.direction for column, metric in sweep.metrics() if column.name == "value"]
    assert direction == "maximize"


def test_doubtful_columns_come_with_the_line_that_settles_them(sweep_of: Make) -> None:
    text = said(sweep_of(lr=LR, swirl=[x + 0.123 for x in LR[::-1]], val_loss=LOSS))
    assert "roles: {swirl: ignored}" in text


def test_the_same_repair_of_several_columns_is_said_once(tmp_path: Path) -> None:
    names = [f"rate{i}" for i in range(7)]
    lines = [";".join(names)] + [";".join(f"0,{i}{row}" for i in range(7)) for row in range(10, 22)]
    (tmp_path / "t.csv").write_text("\n".join(lines), encoding="utf-8")
    said = [note for note in notes(read_roles(read_table(Path("t.csv"), tmp_path))) if "decimal" in note]
    first = "columns rate0, rate1, rate2, rate3, rate4 and 2 more"
    assert said == [f"{first}: decimal commas read as decimal points (84 cells)"]


def test_trials_of_different_data_are_named(sweep_of: Make) -> None:
    text = said(sweep_of(dataset=["mnist", "cifar"] * 6, lr=LR, val_loss=LOSS))
    assert "column dataset says that trials were measured on mnist and cifar" in text
    assert said(sweep_of(dataset=["mnist"] * 12, lr=LR, val_loss=LOSS)) == ""
