"""Planted causes are found, and where there is none, none is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hparam_ci import Settings, inspect
from hparam_ci.causes.attribution import strength
from hparam_ci.causes.conditions import describe
from hparam_ci.causes.trials import SAMPLE
from hparam_ci.columns import ColumnRules
from hparam_ci.inspection import SweepResult
from tests.unit.causes.made import draw, features, numbers, search, texts, told

Inspect = Callable[..., SweepResult]


PLANTED: dict[str, tuple[Callable[[dict[str, Any]], Any], set[str]]] = {
    "above": (lambda c: c["lr"] > 0.05, {"lr"}),
    "below": (lambda c: c["lr"] < 1e-4, {"lr"}),
    "zero": (lambda c: c["wd"] == 0, {"wd"}),
    "level": (lambda c: np.array(c["opt"]) == "lamb", {"opt"}),
    "grid": (lambda c: c["batch"] == 128, {"batch"}),
    "inside": (lambda c: (c["dropout"] > 0.2) & (c["dropout"] < 0.45), {"dropout"}),
    "outside": (lambda c: (c["dropout"] < 0.15) | (c["dropout"] > 0.55), {"dropout"}),
    "both": (lambda c: (c["lr"] > 0.005) & (np.array(c["opt"]) == "sgd"), {"lr", "opt"}),
}


def found_as_planted(kind: str, seed: int) -> bool:
    rng, columns = draw(200, seed)
    region, names = PLANTED[kind][0](columns), PLANTED[kind][1]
    hits = rng.random(200) < np.where(region, 0.9, 0.04)
    first = search(features(columns), hits, seed)[0]
    overlap = (first.region & region).sum() / (first.region | region).sum()
    named: set[str] = {condition.param for condition in first.conditions}
    return bool(first.p_value <= 0.05 and named == names and overlap > 0.7)


@pytest.mark.parametrize("blank", [True, False])
def test_a_pair_may_ask_that_one_is_not_set_or_is(blank: bool) -> None:
    rng, columns = draw(120, 4)
    columns["clip"] = np.where(rng.random(120) < 0.4, np.nan, rng.choice([0.5, 1.0], 120))
    hits = (columns["lr"] > 0.005) & (np.isnan(columns["clip"]) == blank)
    first = search(features(columns), hits, 4)[0]
    said = "clip is not set" if blank else "clip is set"
    assert any(piece == said for piece in describe(first.conditions).split(" and ")), describe(first.conditions)
    assert (first.region == hits).mean() > 0.97


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_cause_is_found(kind: str) -> None:
    """At a 5 % error budget one sweep in a few may be told too much; never two in six."""
    assert sum(found_as_planted(kind, seed) for seed in range(6)) >= 5


def test_zero_is_told_as_zero_and_a_threshold_as_a_round_number() -> None:
    _, columns = draw(300, 5)
    assert told(search(features(columns), columns["wd"] == 0, 0)) == ["wd = 0"]
    [cause] = told(search(features(columns), columns["lr"] > 0.0497, 0))
    assert cause in ("lr > 0.05", "lr > 0.049")


def test_one_value_in_the_middle_is_told_as_that_value() -> None:
    rng, columns = draw(300, 6)
    columns["warmup"] = rng.choice([0.0, 0.1, 0.2, 0.3, 0.4], 300)
    assert told(search(features(columns), columns["warmup"] == 0.2, 0)) == ["warmup = 0.2"]


def test_two_causes_are_both_told() -> None:
    rng, columns = draw(300, 3)
    region = (columns["lr"] > 0.1) | (columns["dropout"] > 0.6)
    found = search(features(columns), rng.random(300) < np.where(region, 0.95, 0.02), 0)
    assert {one.conditions[0].param for one in found} == {"lr", "dropout"}


@pytest.mark.parametrize("seed", range(6))
def test_what_only_moves_with_the_cause_is_not_told_as_one(seed: int) -> None:
    rng, columns = draw(200, seed)
    columns["warmup"] = np.log10(columns["lr"]) + rng.normal(0, 0.8, 200)
    hits = rng.random(200) < np.where(columns["lr"] > 0.05, 0.9, 0.04)
    found = search(features(columns), hits, seed)
    assert told(found)
    assert all({c.param for c in one.conditions} <= {"lr"} for one in found if one.p_value <= 0.05)


@pytest.mark.parametrize("n", [30, 80])
def test_where_there_is_no_cause_none_is_told(n: int) -> None:
    invented = 0
    for seed in range(60):
        rng, columns = draw(n, 1000 + seed)
        invented += bool(told(search(features(columns), rng.random(n) < 0.25, seed)))
    assert invented <= 9, "60 null sweeps at 5 % give more than 9 with a chance below 0.1 %"


def test_few_hits_or_few_trials_tell_nothing() -> None:
    _, columns = draw(60, 0)
    order = np.argsort(columns["lr"])
    two = np.zeros(60, bool)
    two[order[-2:]] = True
    assert search(features(columns), two, 0) == []
    assert search(features(columns), np.ones(60, bool), 0) == []


def test_the_same_seed_gives_the_same_answer_and_rows_may_be_shuffled() -> None:
    rng, columns = draw(120, 9)
    hits = rng.random(120) < np.where(columns["lr"] > 0.02, 0.9, 0.05)
    shuffle = rng.permutation(120)
    shuffled = {name: [x[i] for i in shuffle] if isinstance(x, list) else x[shuffle] for name, x in columns.items()}
    first, again = (search(features(columns), hits, 4) for _ in range(2))
    assert [(a.conditions, a.p_value) for a in first] == [(b.conditions, b.p_value) for b in again]
    assert told(search(features(shuffled), hits[shuffle], 4)) == told(first)


def test_a_large_sweep_is_told_from_a_sample_and_its_threshold_from_all_trials(inspect_columns: Inspect) -> None:
    n = 3 * SAMPLE
    rng, columns = draw(n, 2)
    sick = rng.random(n) < np.where(columns["lr"] > 0.1, 0.5, 0.05)
    result = inspect_columns(**columns, val_loss=["nan" if x else 0.4 for x in sick])
    [cause] = [cause for cause in result.causes if cause.asserted]
    [condition] = cause.conditions
    assert (condition.param, condition.op) == ("lr", ">")
    assert condition.interval is not None
    assert 0.09 < condition.interval[0] <= 0.1 * 1.01
    assert 0.1 * 0.99 <= condition.interval[1] < 0.11
    assert cause.inside.evaluable + cause.outside.evaluable == n
    assert cause.explains == int(sick[columns["lr"] > condition.value].sum())


def test_a_blank_hyperparameter_is_judged_where_it_is_set() -> None:
    rng = np.random.default_rng(0)
    momentum = np.where(rng.random(200) < 0.5, np.nan, rng.uniform(0, 1, 200))
    others = [numbers("lr", rng.uniform(0, 1, 200))]
    assert told(search([numbers("momentum", momentum), *others], np.isnan(momentum))) == ["momentum is not set"]
    high = np.nan_to_num(momentum) > 0.6
    assert told(search([numbers("momentum", momentum), *others], high))[0].startswith("momentum > 0.")


@pytest.mark.parametrize("unset", ["nan", "NaN", ""])
def test_a_setting_that_a_table_writes_as_nan_is_not_set(inspect_columns: Inspect, unset: str) -> None:
    _, columns = draw(120, 8)
    lr = [f"{x:.6g}" for x in columns["lr"]]
    lr[3] = lr[50] = unset
    loss = ["nan" if x > 0.05 else 0.3 + i % 7 / 100 for i, x in enumerate(columns["lr"])]
    result = inspect_columns(lr=lr, dropout=columns["dropout"].round(4).tolist(), val_loss=loss)
    assert [cause.conditions[0].param for cause in result.causes if cause.asserted] == ["lr"]
    [table] = [one for one in result.buckets if one.param == "lr"]
    assert (table.buckets[-1].label, table.buckets[-1].trials) == ("not set", 2)


@pytest.mark.parametrize("unset", ["nan", ""])
def test_a_setting_of_one_value_may_be_set_or_not(inspect_columns: Inspect, unset: str) -> None:
    _, columns = draw(120, 9)
    clip = ["1.0" if i % 3 else unset for i in range(120)]
    loss = [0.3 + i % 7 / 100 if i % 3 else "nan" for i in range(120)]
    result = inspect_columns(lr=columns["lr"].round(6).tolist(), clip_norm=clip, val_loss=loss)
    assert [cause.text for cause in result.causes] == ["clip_norm is not set"]


def test_nan_trials_are_not_at_risk_of_overfitting(inspect_columns: Inspect) -> None:
    """Without it, a cause of NaN would seem to protect from overfitting."""
    invented = 0
    for seed in range(10):
        rng, columns = draw(120, seed)
        nan = columns["lr"] > 0.01
        overfit = ~nan & (rng.random(120) < 0.3)
        loss = np.where(overfit, 1.6, 0.4)
        result = inspect_columns(
            **columns,
            train_loss=["nan" if x else 0.05 if o else 0.36 for x, o in zip(nan, overfit, strict=True)],
            val_loss=["nan" if x else y for x, y in zip(nan, loss, strict=True)],
        )
        proven = [cause for cause in result.causes if cause.strength != "suggestive"]
        assert any(cause.code == "HP101" and "lr" in cause.text for cause in proven)
        invented += any(cause.code == "HP301" for cause in proven)
    assert invented <= 3


def test_evidence_adds_up(inspect_columns: Inspect) -> None:
    _, columns = draw(150, 1)
    sick = columns["lr"] > 0.03
    result = inspect_columns(trial_id=list(range(150)), **columns, val_loss=["nan" if x else 0.4 for x in sick])
    [cause] = result.causes
    assert (cause.explains, cause.of) == (cause.inside.affected, int(sick.sum()))
    assert cause.inside.evaluable + cause.outside.evaluable == 150
    assert cause.outside.affected == 0
    assert cause.risk_ratio is None
    assert cause.strength == "certain" == strength(cause.p_value)
    assert all(sick[int(trial)] for trial in cause.trials)
    [first, *_] = result.recommendations
    assert (first.action.split(" > ")[0], first.evidence, first.trials_saved) == (
        "Avoid lr",
        (cause.id,),
        int(sick.sum()),
    )


def test_too_few_trials_say_how_many_more(inspect_columns: Inspect) -> None:
    result = inspect_columns(lr=[0.1, 0.2, 0.3, 9], val_loss=[0.5, 0.5, 0.4, "nan"])
    assert result.causes == ()
    assert result.undetermined[0].reason == "too few trials"
    assert result.undetermined[0].more_trials == 8


# --- what is no cause -----------------------------------------------------------------------------


def test_an_innocent_is_rarely_named_beside_the_cause() -> None:
    """By chance some second condition always holds for the sick trials of the first."""
    beside = 0
    for seed in range(40):
        rng, columns = draw(60, 100 + seed)
        hits = rng.random(60) < np.where(columns["wd"] == 0, 0.6, 0.02)
        beside += any(len(one.conditions) > 1 for one in search(features(columns), hits) if one.p_value <= 0.05)
    assert beside <= 1


def test_a_further_cause_makes_a_difference_over_all_trials() -> None:
    """What only holds among the trials that the first cause leaves would be told with equal rates on both sides."""
    rng, columns = draw(150, 2)
    high = columns["lr"] > 0.003
    columns["dropout"] = np.where(high, rng.uniform(0.2, 0.7, 150), rng.uniform(0, 0.7, 150))
    hits = high | ((columns["dropout"] < 0.2) & (rng.random(150) < 0.6))
    assert told(search(features(columns), hits)) == ["lr > 0.003"]


def test_a_burst_in_time_is_not_a_cause(inspect_columns: Inspect) -> None:
    """A sampler that narrows down while a disk is full makes hyperparameters look guilty."""
    n = 200
    rng = np.random.default_rng(0)
    time = np.arange(n)
    lr = 10 ** (-1 - 3 * time / n + 0.3 * rng.standard_normal(n))
    hits = (time > 120) & (time < 170)
    result = inspect_columns(
        number=time.tolist(), lr=lr, dropout=rng.random(n), val_loss=["nan" if x else 0.4 for x in hits]
    )
    assert not any(cause.asserted for cause in result.causes)
    assert "order of the trials" in result.undetermined[0].reason


def test_hyperparameters_that_moved_together_are_both_named(inspect_columns: Inspect) -> None:
    rng, columns = draw(80, 1)
    columns["warmup"] = np.log10(columns["lr"]) + rng.normal(0, 0.03, 80)
    sick = columns["lr"] > 0.05
    result = inspect_columns(**columns, val_loss=["nan" if x else 0.4 for x in sick])
    [cause] = result.causes
    assert {cause.conditions[0].param, *cause.moves_with} == {"lr", "warmup"}
    assert not cause.asserted
    assert "moved together; this sweep cannot say which" in result.undetermined[0].reason


def test_columns_that_say_the_same_are_one_hyperparameter_with_two_names(inspect_columns: Inspect) -> None:
    _, columns = draw(120, 2)
    columns["log_lr"] = np.log10(columns["lr"])
    result = inspect_columns(**columns, val_loss=["nan" if x > 0.05 else 0.4 for x in columns["lr"]])
    [cause] = result.causes
    assert (cause.conditions[0].param, cause.same_as, cause.asserted) == ("lr", ("log_lr",), True)


def test_a_further_cause_is_counted_over_the_trials_in_which_it_was_found(inspect_columns: Inspect) -> None:
    rng, columns = draw(200, 3)
    first, further = columns["lr"] > 0.1, columns["dropout"] > 0.55
    sick = (first | further) & (rng.random(200) < 0.95)
    causes = inspect_columns(**columns, val_loss=["nan" if x else 0.4 for x in sick]).causes
    one, other = sorted((cause for cause in causes if cause.asserted), key=lambda cause: len(cause.beside))
    assert {one.conditions[0].param, other.conditions[0].param} == {"lr", "dropout"}
    assert not one.beside
    assert not one.among
    assert other.beside == (one.text,)
    left = 200 - one.inside.evaluable
    assert other.inside.evaluable + other.outside.evaluable == left
    assert other.among == f"among the {left} trials without {one.text}"
    assert one.explains + other.of == int(sick.sum())


@pytest.mark.parametrize("hyperparameters", [150, 1000])
def test_of_many_hyperparameters_the_one_is_found_and_the_left_out_pairs_are_said(
    hyperparameters: int,
) -> None:
    rng = np.random.default_rng(hyperparameters)
    columns = {f"option_{i}": rng.uniform(0, 1, 120).round(4) for i in range(hyperparameters)}
    sick = rng.random(120) < np.where(columns["option_70"] > 0.7, 0.9, 0.03)
    table = pd.DataFrame({**columns, "val_loss": ["nan" if x else 0.4 for x in sick]})
    settings = Settings(columns=(ColumnRules(roles={"option_*": "hyperparameter"}),))
    [result] = inspect(table, settings).sweeps
    assert [cause.conditions[0].param for cause in result.causes if cause.asserted] == ["option_70"]
    assert any(note.startswith(f"{hyperparameters:,} hyperparameters were searched") for note in result.notes)


def test_a_hint_is_not_contradicted_by_what_is_undetermined(inspect_columns: Inspect) -> None:
    seen = 0
    for seed in range(12):
        rng, columns = draw(40, seed)
        sick = rng.random(40) < np.where(columns["lr"] > 0.03, 0.6, 0.1)
        result = inspect_columns(**columns, val_loss=["nan" if x else 0.4 for x in sick])
        hints = [cause for cause in result.causes if cause.strength == "suggestive" and not cause.moves_with]
        reasons = [one.reason for one in result.undetermined]
        seen += len(hints)
        assert not hints or reasons == [f"what separates the {int(sick.sum())} best may be chance"]
    assert seen


def test_a_difference_too_small_to_act_on_is_said_to_be_that(inspect_columns: Inspect) -> None:
    rng, columns = draw(4000, 8)
    sick = rng.random(4000) < np.where(columns["lr"] > 0.01, 0.16, 0.09)
    result = inspect_columns(**columns, val_loss=["nan" if x else 0.4 for x in sick])
    assert not result.causes
    assert "makes a difference that is real, but too small to act on" in result.undetermined[0].reason


def test_a_conjunction_of_three_is_told_where_the_data_carry_it() -> None:
    rng, columns = draw(500, 7)
    region = (columns["lr"] > 0.003) & (columns["dropout"] < 0.4) & (columns["momentum"] > 0.7)
    found = search(features(columns), rng.random(500) < np.where(region, 0.95, 0.03))
    assert {condition.param for condition in found[0].conditions} == {"lr", "dropout", "momentum"}


@pytest.mark.parametrize("seed", [1, 10, 14, 18, 20, 24, 29])
def test_a_conjunction_of_three_is_told_whole_from_few_trials(seed: int) -> None:
    _, columns = draw(50, seed)
    region = (columns["lr"] > 0.003) & (columns["dropout"] < 0.4) & (columns["momentum"] > 0.7)
    [first, *_] = search(features(columns), region)
    assert first.p_value <= 0.05
    assert {condition.param for condition in first.conditions} == {"lr", "dropout", "momentum"}


@pytest.mark.parametrize("second", ["momentum", "opt"])
@pytest.mark.parametrize("n", [50, 300])
def test_both_corners_of_an_interaction_without_single_effects_are_told(second: str, n: int) -> None:
    rng, columns = draw(n, 5)
    columns["opt"] = list(rng.choice(["adam", "sgd"], n))
    high = columns["lr"] > 10**-2.5
    other = np.array(columns["opt"]) == "sgd" if second == "opt" else columns["momentum"] > 0.745
    hits = (high != other) & (rng.random(n) < 0.95)
    found = [one for one in search(features(columns), hits) if one.p_value <= 0.05]
    assert [{condition.param for condition in one.conditions} for one in found] == [{"lr", second}] * 2
    both = found[0].region | found[1].region
    assert (both & (high != other)).sum() / (both | (high != other)).sum() > 0.9


def test_each_of_two_interactions_has_both_its_corners() -> None:
    rng = np.random.default_rng(12)
    columns = {name: rng.uniform(0, 1, 900) for name in ("a", "b", "c", "d")}
    high = {name: x > 0.5 for name, x in columns.items()}
    sick = (high["a"] != high["b"]) | ((columns["c"] > 0.7) & (columns["d"] < 0.3))
    sick |= (columns["c"] < 0.3) & (columns["d"] > 0.7)
    found = [one for one in search([numbers(name, x) for name, x in columns.items()], sick) if one.p_value <= 0.05]
    pairs = [{condition.param for condition in one.conditions} for one in found]
    assert sorted(map(sorted, pairs)) == [["a", "b"], ["a", "b"], ["c", "d"], ["c", "d"]]


def test_a_plain_conjunction_has_no_opposite_corner() -> None:
    rng, columns = draw(300, 6)
    region = (columns["lr"] > 0.003) & (columns["momentum"] > 0.7)
    found = search(features(columns), rng.random(300) < np.where(region, 0.9, 0.05))
    assert len([one for one in found if one.p_value <= 0.05]) == 1


def test_a_difference_too_small_to_act_on_is_not_told() -> None:
    rng, columns = draw(4000, 8)
    hits = rng.random(4000) < np.where(columns["lr"] > 0.01, 0.16, 0.09)
    assert told(search(features(columns), hits)) == []


def test_a_file_with_its_rows_shuffled_gives_the_same_causes(inspect_columns: Inspect) -> None:
    rng, columns = draw(90, 11)
    sick = rng.random(90) < np.where(columns["lr"] > 0.02, 0.6, 0.1)
    answers = []
    for rows in (np.arange(90), rng.permutation(90)):
        table = {name: [x[i] for i in rows] for name, x in columns.items()}
        loss = ["nan" if sick[i] else 0.4 for i in rows]
        result = inspect_columns(trial_id=rows.tolist(), **table, val_loss=loss)
        answers.append([(cause.text, cause.p_value) for cause in result.causes])
    assert answers[0] == answers[1] != []


def test_all_or_none_sick_gives_no_cause(inspect_columns: Inspect) -> None:
    _, columns = draw(40, 0)
    every = inspect_columns(**columns, val_loss=["nan"] * 40)
    none = inspect_columns(**columns, val_loss=[0.4] * 40)
    assert every.causes == none.causes == none.undetermined == ()
    assert every.undetermined[0].reason.startswith("every trial")


def test_a_hyperparameter_of_which_one_value_is_left_behind_a_cause_explains_nothing_more(
    inspect_columns: Callable[..., SweepResult],
) -> None:
    """Every `swish` failed, so only `relu` is left among the others, of which some failed too."""
    grid = [(a, lr, w) for a in ("relu", "swish") for lr in (0.1, 1, 10) for w in range(24)]
    failed = [a == "swish" or (lr == 10 and w < 18) for a, lr, w in grid]
    found = inspect_columns(
        activation=[a for a, _, _ in grid],
        lr=[lr for _, lr, _ in grid],
        width=[w + 1 for *_, w in grid],
        status=["failed" if sick else "completed" for sick in failed],
        val_loss=["" if sick else 0.3 + i % 7 / 100 for i, sick in enumerate(failed)],
    )
    causes = [cause for cause in found.causes if cause.code == "HP104"]
    assert causes[0].text == "activation = swish"
    assert {one.param for cause in causes[1:] for one in cause.conditions} <= {"lr", "width"}


def test_two_levels_of_six_are_told_together() -> None:
    rng, columns = draw(300, 23)
    names = rng.choice(["a", "b", "c", "d", "e", "f"], 300)
    for wanted in (["a", "b"], ["a", "f"], ["c", "e"]):
        found = search([*features(columns), texts("kind", list(names))], np.isin(names, wanted), 23)
        assert told(found) == [f"kind is {wanted[0]} or {wanted[1]}"]


def test_what_cannot_be_told_says_how_much_more_it_would_take(inspect_columns: Inspect) -> None:
    """A trend that chance may have made: so many trials more, at the same rates, and it could be told."""
    n, found = 60, []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        lr = 10 ** rng.uniform(-4, -1, n)
        sick = rng.random(n) < np.where(lr > 0.02, 0.5, 0.1)
        result = inspect_columns(
            lr=[f"{x:.6f}" for x in lr],
            dropout=[f"{x:.4f}" for x in rng.uniform(0, 0.6, n)],
            val_loss=["nan" if bad else 0.3 + i % 7 / 100 for i, bad in enumerate(sick)],
        )
        found += [one.more_trials for one in result.undetermined if one.more_trials is not None]
    assert found
    assert all(0 < more <= 10 * n for more in found)


def test_a_level_without_a_sick_trial_is_no_part_of_the_cause() -> None:
    rng = np.random.default_rng(3)
    solver, penalty = rng.choice(["lbfgs", "newton", "saga", "linear"], 80), rng.choice(["l1", "l2"], 80)
    hits = (penalty == "l1") & np.isin(solver, ["lbfgs", "newton"])
    columns = [texts("solver", list(solver)), texts("penalty", list(penalty)), numbers("c", rng.random(80).tolist())]
    [found] = search(columns, hits)
    assert sorted(describe(found.conditions).split(" and ")) == ["penalty = l1", "solver is lbfgs or newton"]
    assert (found.region == hits).all()
