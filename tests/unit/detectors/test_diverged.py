"""HP201: exploded losses are found, and what only looks wide is left alone."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from hparam_ci.detectors._spread import limit_by_spread, plateau
from hparam_ci.detectors.run import detect
from hparam_ci.selection import Selection
from hparam_ci.sources.roles import read_roles
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Hint
from tests.unit.detectors.conftest import Look, decay, long, rows

Numbers = list[float]


def around(n: int, centre: float, decades: float, seed: int = 0) -> Numbers:
    """n losses about a centre, log-normal."""
    return [float(x) for x in centre * 10 ** np.random.default_rng(seed).normal(0, decades, n)]


def between(n: int, low: float, high: float, seed: int = 0) -> Numbers:
    """n losses, log-uniform."""
    draws = np.random.default_rng(seed).uniform(math.log10(low), math.log10(high), n)
    return [float(10**x) for x in draws]


@pytest.mark.parametrize("share", [0.02, 0.2, 0.4, 0.6])
@pytest.mark.parametrize("scale", [1e-6, 0.3, 4e5])
def test_exploded_trials_up_to_three_in_five(look: Look, share: float, scale: float) -> None:
    sick = round(50 * share)
    losses = around(50 - sick, scale, 0.1) + between(sick, scale * 1e2, scale * 1e8, seed=1)
    assert rows(look("diverged", {"val_loss": losses}).flagged) == list(range(50 - sick, 50))


def test_one_in_six(look: Look) -> None:
    assert rows(look("diverged", {"val_loss": [0.41, 0.52, 0.37, 4e4, 0.61, 0.45]}).flagged) == [3]


@pytest.mark.parametrize(
    "losses",
    [
        pytest.param(between(60, 1e-3, 1.0), id="three decades"),
        pytest.param(around(200, 0.3, 0.25), id="log-normal"),
        pytest.param([0.01] * 25 + between(25, 0.01, 0.5), id="half of them under-trained"),
        pytest.param([-x for x in around(40, 800, 0.03)], id="log-likelihoods"),
        pytest.param([x - 0.5 for x in around(40, 0.6, 0.2)], id="signed"),
        pytest.param(between(40, 1e-9, 1e-8), id="near 0"),
        pytest.param([0.5] * 40, id="constant"),
        pytest.param([0.5] * 39 + [0.500001], id="constant but for one"),
        pytest.param([0.0] * 40, id="all 0"),
        pytest.param([0.05] * 20 + [2.303, 2.304, 2.302, 2.3025, 2.301], id="blind guesses"),
        pytest.param([0.0, *around(40, 0.3, 0.1)], id="one exact 0"),
        pytest.param([*around(100, 0.01, 0.1), *between(20, 0.7, 1.0)], id="a tenth of them half trained"),
    ],
)
def test_healthy_losses_of_every_shape(look: Look, losses: Numbers) -> None:
    assert rows(look("diverged", {"val_loss": losses}).flagged) == []


def test_what_is_beyond_a_gap_has_exploded_however_wide_the_sweep(look: Look) -> None:
    losses = [*between(40, 1e-3, 1.0), 40.0, 3e3, 5e5]
    assert rows(look("diverged", {"val_loss": losses}).flagged) == [40, 41, 42]
    tail = [*between(40, 1e-3, 1.0), 4.0, 15.0, 60.0]
    assert rows(look("diverged", {"val_loss": tail}).flagged) == []


def test_half_trained_models_end_near_each_other_and_exploded_ones_do_not(look: Look) -> None:
    losses = [*around(100, 0.01, 0.1), *between(20, 0.7, 1.0), *between(15, 1e2, 1e8, seed=1)]
    assert rows(look("diverged", {"val_loss": losses}).flagged) == list(range(120, 135))


def test_negative_losses_can_explode(look: Look) -> None:
    assert rows(look("diverged", {"val_loss": [-x for x in around(30, 800, 0.02)] + [1e6]}).flagged) == [30]


def test_scores_that_are_negated_losses_can_explode(look: Look) -> None:
    seen = look("diverged", {"val_neg_log_loss": [-x for x in around(30, 0.4, 0.1)] + [-9e4]})
    assert rows(seen.flagged) == [30]
    assert seen.evidence(30).value == "-90000"
    assert seen.evidence(30).limit.startswith("-")


def test_an_r2_far_below_0_is_an_explosion(look: Look) -> None:
    r2 = [0.9, 0.8, 0.85, 0.7, 0.6, 0.1, -0.05, 0.88, 0.75, -1e6]
    assert rows(look("diverged", {"val_r2": r2}).flagged) == [9]


def test_perplexities_count_by_their_logarithm(look: Look) -> None:
    healthy = [20.0, 22, 25, 31, 44, 80, 300, 5_000, 30_000, 24, 21]
    assert rows(look("diverged", {"val_perplexity": healthy}).flagged) == []
    assert rows(look("diverged", {"val_perplexity": [*healthy, 1e200]}).flagged) == [11]


@pytest.mark.parametrize("unit", [1, 100])
def test_an_error_rate_cannot_explode(look: Look, unit: int) -> None:
    rates = [0.02 * unit] * 20 + [0.9 * unit, 0.88 * unit]
    assert rows(look("diverged", {"val_error": rates}).flagged) == []


def test_fewer_than_five_losses_have_an_absolute_limit(look: Look) -> None:
    assert rows(look("diverged", {"val_loss": [0.5, 900, 0.4]}).flagged) == []
    assert rows(look("diverged", {"val_loss": [0.5, 1001, 0.4]}).flagged) == [1]
    assert rows(look("diverged", {"train_loss": [1e6, 2e6], "val_loss": [1e6, 2e6]}).flagged) == [0, 1]


def test_huge_values_overflow_nothing(look: Look) -> None:
    assert rows(look("diverged", {"val_loss": [*around(20, 1e-8, 0.1), 1e300, -1e300]}).flagged) == [20]
    assert rows(look("diverged", {"val_loss": [*around(20, 1e299, 0.1), 1e307]}).flagged) == [20]


def test_any_of_several_losses(look: Look) -> None:
    train, val = around(20, 0.2, 0.1), around(20, 0.3, 0.1, seed=1)
    train[3] = val[3] = 1e6
    val[7] = 1e9
    assert rows(look("diverged", {"train_loss": train, "val_loss": val}).flagged) == [3, 7]


def test_training_losses_learnt_by_heart_make_the_others_no_explosion(look: Look) -> None:
    train = [1e-9] * 15 + [0.3] * 15
    assert rows(look("diverged", {"train_loss": train, "val_loss": around(30, 0.4, 0.05)}).flagged) == []


def test_a_poor_held_out_loss_with_a_good_training_loss_is_another_matter(look: Look) -> None:
    train, val = around(30, 0.2, 0.05), around(30, 0.3, 0.05, seed=1)
    train[4], val[4] = 0.001, 6.0
    assert rows(look("diverged", {"train_loss": train, "val_loss": val}).flagged) == []


def test_accuracies_tell_what_a_blind_guess_costs(look: Look) -> None:
    """A loss of ln 10 among good trials of ten classes is a trial that learnt nothing; 40 is an explosion."""
    losses = [*around(30, 0.05, 0.05), 2.303, 2.9, 40.0]
    accuracies = [0.98] * 30 + [0.1, 0.12, 0.09]
    assert rows(look("diverged", {"val_loss": losses, "val_acc": accuracies}).flagged) == [32]
    percent = [100 * x for x in accuracies]
    assert rows(look("diverged", {"val_loss": losses, "val_acc": percent}).flagged) == [32]


def test_runs_that_ended_early_are_half_trained(look: Look) -> None:
    """Of a regression nobody knows what a blind guess costs; short runs that are near each other tell."""
    losses = [*around(40, 0.02, 0.1), 1.0, 1.1, 1.3, 0.9, 0.8, 50.0]
    epochs = [50] * 40 + [2, 3, 4, 2, 3, 50]
    assert rows(look("diverged", {"val_loss": losses, "epoch": epochs}).flagged) == [45]
    assert rows(look("diverged", {"val_loss": losses}).flagged) == [40, 41, 42, 43, 44, 45]


def test_one_that_ended_early_must_be_farther_off(look: Look) -> None:
    losses, epochs = [*around(40, 0.02, 0.1), 1.0, 1e3], [50] * 40 + [2, 2]
    assert rows(look("diverged", {"val_loss": losses, "epoch": epochs}).flagged) == [41]


def test_two_that_are_alike_by_every_loss_guess(look: Look) -> None:
    train, val = [*around(30, 0.01, 0.05), 1.5, 1.503, 2.0], [*around(30, 0.02, 0.05, seed=1), 1.52, 1.521, 40.0]
    assert rows(look("diverged", {"train_loss": train, "val_loss": val}).flagged) == [32]
    assert rows(look("diverged", {"val_loss": [*val[:30], 1.3, 1.9, 40.0]}).flagged) == [30, 31, 32]


def test_losses_that_many_share_far_away_are_a_cap(look: Look) -> None:
    seen = look("diverged", {"val_loss": [*around(30, 0.02, 0.05), 1e6, 1e6, 1e6, 1e6]})
    assert rows(seen.flagged) == [30, 31, 32, 33]


def test_a_curve_tells_where_training_begins(look: Look) -> None:
    """A loss that is where all trials begin has not exploded, however good the others are in the end."""
    each = [[3.0, *decay(9, 1.0, 0.001, seed=i)] for i in range(20)] + [[3.1, *[3.0] * 9], [3.0, 8.0, *[90.0] * 8]]
    assert rows(look("diverged", long({"train_mse": [[abs(x) for x in curve] for curve in each]})).flagged) == [21]


def test_a_training_loss_far_above_a_blind_guess(look: Look) -> None:
    """The sweep is wide, but four times the loss of a blind guess of ten classes is none, and six times it is."""
    losses = [*between(30, 0.01, 2.0), 2.303, 2.31, 2.302, 9.0, 14.0]
    accuracies = [0.95] * 30 + [0.1, 0.1, 0.105, 0.11, 0.12]
    assert rows(look("diverged", {"train_loss": losses, "train_acc": accuracies}).flagged) == [34]


def test_summed_losses_are_no_cross_entropy(look: Look) -> None:
    assert rows(look("diverged", {"val_loss": around(30, 150, 0.1), "val_acc": [0.9] * 30}).flagged) == []


def test_running_trials_are_left_out(look: Look) -> None:
    seen = look("diverged", {"state": ["COMPLETE"] * 10 + ["RUNNING"], "val_loss": [*around(10, 0.3, 0.1), 1e9]})
    assert (rows(seen.flagged), rows(seen.at_risk)) == ([], list(range(10)))


def test_blank_nan_and_infinite_losses_are_not_at_risk(look: Look) -> None:
    seen = look("diverged", {"val_loss": [*around(10, 0.3, 0.1), "nan", "inf", ""]})
    assert rows(seen.at_risk) == list(range(10))


def test_the_evidence_has_number_and_limit(look: Look) -> None:
    evidence = look("diverged", {"val_loss": [0.4] * 9 + [1e6]}).evidence(9)
    assert evidence.message == "val_loss is 1e+06; the lower quartile of the sweep is 0.4"
    assert float(evidence.limit) == pytest.approx(0.4 * 10**1.4, rel=0.01)


def test_options_move_the_limit(look: Look) -> None:
    losses = {"val_loss": [*around(40, 0.3, 0.02), 20.0]}
    assert rows(look("diverged", losses).flagged) == [40]
    assert rows(look("diverged", losses, decades=3).flagged) == []


def test_no_loss_no_look(sweep_of: Callable[..., Sweep]) -> None:
    table = detect(sweep_of(lr=[1, 2, 3], val_acc=[0.5, 0.6, 0.7]))
    assert "no loss" in table.not_seen["HP201"]


def test_the_tail_of_a_sweep_is_not_apart() -> None:
    tail = np.concatenate([np.full(50, 1.0), 10 ** np.arange(0.1, 2, 0.1)])
    assert limit_by_spread(tail, 1, 6, 0.7, 1e3) > tail.max()
    assert limit_by_spread(np.append(np.full(50, 1.0), 100), 1, 6, 0.7, 1e3) < 100


def test_a_plateau_takes_three_trials_and_a_tenth() -> None:
    assert plateau(np.array([0.1, 0.2, 2.3, 2.3])) == 0
    assert plateau(np.array([0.1, 0.2, 2.30, 2.31, 2.305])) == 2.31
    assert plateau(np.append(np.geomspace(1e-3, 1, 97), [2.3, 2.3, 2.3])) == 0


def test_training_losses_that_are_sums_have_another_scale(look: Look) -> None:
    """Summed over ten times as many rows as the held-out loss is."""
    draw = np.random.default_rng(2)
    held_out = draw.lognormal(3, 0.2, 40)
    train = 10 * held_out * draw.lognormal(0, 0.05, 40)
    assert rows(look("diverged", {"train_loss": train.tolist(), "val_loss": held_out.tolist()}).flagged) == []
    train[7], held_out[7] = 3e5, 3e4
    seen = look("diverged", {"train_loss": train.tolist(), "val_loss": held_out.tolist()})
    assert rows(seen.flagged) == [7]


def test_explosions_that_end_alike_far_above_the_start_are_no_blind_guess(look: Look) -> None:
    learning = [2.2 * 0.8**step + 0.2 for step in range(20)]
    curves = [[x + 0.002 * trial for x in learning] for trial in range(30)]
    for trial in range(5):
        curves[trial] = [*curves[trial][:12], *(60.0 + 0.01 * (trial + step) for step in range(8))]
    assert rows(look("diverged", long({"loss": curves})).flagged) == [0, 1, 2, 3, 4]


def test_what_is_traded_against_the_first_objective_is_a_cost_and_explodes_by_design(
    sweep_of: Callable[..., Sweep],
) -> None:
    first, second = around(40, 0.3, 0.05), [*around(30, 10, 0.2), *around(10, 1e5, 0.2)]
    hints = {name: Hint("metric", "an objective", direction="minimize") for name in ("values_0", "values_1")}
    for values, flagged in (((first, second), []), ((second, first), list(range(30, 40)))):
        table = sweep_of(params_lr=between(40, 1e-3, 1.0), values_0=values[0], values_1=values[1]).table
        assert rows(detect(read_roles(table, hints), Selection()).seen["HP201"].flagged) == flagged


def test_slow_trials_begin_with_what_a_blind_guess_costs(look: Look) -> None:
    """However wide the spread of what good trials reach, what is far above the start has exploded."""
    curves = [[0.7 * (end / 0.7) ** (step / 9) for step in range(10)] for end in np.geomspace(1e-4, 0.3, 30)]
    slow = [[0.7 - fall * step for step in range(10)] for fall in (0.001, 0.01, 0.02, 0.03)]
    exploded = [[0.7, 0.4, 0.3, *(3.6 + 0.1 * step for step in range(7))]]
    assert rows(look("diverged", long({"val_loss": [*curves, *slow, *exploded]})).flagged) == [34]
