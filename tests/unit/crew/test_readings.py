"""How a clause is read: what belongs to a name, what a part is of, and which number is a value, a share or a p."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew.grounding import Checker

_NAMES = ("control", "digits", "finetune", "language", "policy", "speech", "trees", "two")
SWEEPS = {name: Checker(kept_facts(name)) for name in _NAMES}


def _holds(sweep: str, ids: str, text: str) -> bool:
    return SWEEPS[sweep].refuse(ids.split(), text) is None


@pytest.mark.parametrize(
    "way", ["{} values for peak_lr", "{} values for the peak_lr", "a {} setting for peak_lr", "a {} setting of peak_lr"]
)
def test_values_for_a_name_lie_on_one_side(way: str) -> None:
    low, high = way.format("low"), way.format("high")
    assert _holds("speech", "R1", f"Use {low}.")
    assert not _holds("speech", "R1", f"Use {high}.")
    assert _holds("speech", "R1", f"Avoid {high}.")
    assert not _holds("speech", "R1", f"Avoid {low}.")
    assert _holds("speech", "C1", f"Divergence comes from {high}.")
    assert not _holds("speech", "C1", f"Divergence comes from {low}.")
    assert _holds("speech", "C1", f"With {high} above 0.05, 31 of 45 trials diverged.")
    assert not _holds("speech", "C1", f"With {low} above 0.05, 31 of 45 trials diverged.")


def test_values_for_one_name_are_none_of_another() -> None:
    assert _holds("finetune", "C1", "With lora_rank > 16, low values for warmup_steps lead to NaN.")
    assert not _holds("finetune", "C1", "With lora_rank > 16, high values for warmup_steps lead to NaN.")
    assert _holds("finetune", "C1", "Low values of warmup_steps lead to NaN for lora_rank > 16.")


@pytest.mark.parametrize("order", ["should be {}", "must be {}", "can be {}", "are to be {}"])
@pytest.mark.parametrize(
    ("sweep", "sick", "lead"),
    [
        ("speech", "higher", "31 of 45 trials with peak_lr > 0.05 diverged, and"),
        ("speech", "higher", "For peak_lr,"),
        ("language", "lower", "9 of 23 trials with warmup_ratio <= 0.0244 went NaN, and"),
        ("language", "lower", "For warmup_ratio,"),
    ],
)
def test_values_that_lead_to_the_sick_side(sweep: str, sick: str, lead: str, order: str) -> None:
    healthy = "lower" if sick == "higher" else "higher"
    for noun in ("values", "ones", "settings", "value"):
        assert not _holds(sweep, "C1", f"{lead} {sick} {noun} {order.format('explored')}.")
        assert _holds(sweep, "C1", f"{lead} {sick} {noun} {order.format('avoided')}.")
        assert not _holds(sweep, "C1", f"{lead} {healthy} {noun} {order.format('avoided')}.")
        assert _holds(sweep, "C1", f"{lead} {healthy} {noun} {order.format('explored')}.")


@pytest.mark.parametrize("said", ["are recommended", "are advisable", "are preferable", "are safer", "should be used"])
@pytest.mark.parametrize("way", ["{} values {} for peak_lr.", "Divergence comes from peak_lr > 0.05; {} values {}."])
def test_values_that_are_recommended(said: str, way: str) -> None:
    assert _holds("speech", "C1", way.format("Lower", said))
    assert not _holds("speech", "C1", way.format("Higher", said))


@pytest.mark.parametrize("end", ["end", "edge"])
def test_where_it_happens_is_an_end_and_no_bound(end: str) -> None:
    assert _holds("speech", "C1", f"Divergence occurs at the upper {end} of peak_lr.")
    assert not _holds("speech", "C1", f"Divergence occurs at the lower {end} of peak_lr.")
    assert _holds("language", "C1", f"NaN occurs at the lower {end} of warmup_ratio.")
    assert not _holds("language", "C1", f"NaN occurs at the upper {end} of warmup_ratio.")


@pytest.mark.parametrize(
    "way",
    ["A {} value of peak_lr", "{} settings of peak_lr", "{} values of the peak_lr", "Too {} a peak_lr", "{} peak_lr"],
)
def test_the_adjective_of_a_value_is_on_its_side(way: str) -> None:
    said = " above 0.05 diverged in 31 of 45 trials."
    assert _holds("speech", "C1", way.format("large") + said)
    assert not _holds("speech", "C1", way.format("small") + said)


@pytest.mark.parametrize(
    "act", ["Reduce peak_lr", "Reduce any peak_lr", "Reduce high values of peak_lr", "Cut peak_lr"]
)
def test_what_is_reduced_may_be_high(act: str) -> None:
    assert _holds("speech", "R1", f"{act} above 0.05.")
    assert not _holds("speech", "R1", f"{act.replace('Reduce', 'Raise').replace('Cut', 'Increase')} above 0.05.")


@pytest.mark.parametrize("part", ["part", "a part", "a share", "a portion"])
def test_a_part_is_no_more_than_its_whole_and_of_the_same_trials(part: str) -> None:
    assert _holds("speech", "O1 D3", f"32 trials overfit, {part} of the 69 that are affected.")
    assert not _holds("speech", "O1 D3", f"69 trials are affected, {part} of the 32 that overfit.")
    assert not _holds("digits", "D2 D3", f"32 trials diverged, {part} of the 20 that failed.")
    assert not _holds("digits", "D2 D3", f"20 trials failed, {part} of the 32 that diverged.")


@pytest.mark.parametrize(
    "text",
    [
        "32 trials diverged, of which {}.",
        "32 trials diverged and of these {}.",
        "Divergence hit 32 trials, of which {}.",
        "Of the 32 diverged trials, {}.",
    ],
)
def test_trials_with_one_issue_are_none_of_those_with_another(text: str) -> None:
    assert _holds("digits", "D3 C4", text.format("26 had lr > 0.0825 and adamw"))
    assert not _holds("digits", "D3 D2", text.format("20 failed"))


@pytest.mark.parametrize("of", ["of which", "of them", "of these"])
def test_those_that_are_some_of_others_count_the_same(of: str) -> None:
    assert not _holds("digits", "D3 D2", f"32 trials diverged, 20 {of} failed.")
    assert not _holds("two", "S2", f"3 trials are affected, 6 {of} with an issue.")
    assert not _holds("two", "S2", f"3 trials are affected, 6 trials {of} with an issue.")
    assert _holds("digits", "C4", f"31 trials had lr > 0.0825 and adamw, 26 {of} diverged.")
    assert not _holds("digits", "C4", f"31 trials had lr > 0.0825 and adamw, 32 {of} diverged.")
    assert _holds("language", "C2", f"82 trials had a context_length of 4096, 66 {of} failed.")
    assert not _holds("language", "C2", f"82 trials had a context_length of 4096, 68 {of} failed.")


@pytest.mark.parametrize("of", ["of which", "of these"])
def test_a_value_is_no_whole(of: str) -> None:
    assert _holds("digits", "C4", f"31 trials had lr > 0.0825 and adamw, {of} 26 diverged.")
    assert not _holds("digits", "C4", f"31 trials had lr > 0.0825 and adamw, {of} 32 diverged.")
    assert _holds("language", "C2", f"82 trials had a context_length of 4096, {of} 66 failed.")


@pytest.mark.parametrize("first", ["107 trials are sick", "107 trials have an issue", "107 are affected"])
def test_counts_of_two_facts_stand_beside_each_other(first: str) -> None:
    assert _holds("language", "O1 D1", f"{first} and 68 failed.")
    assert not _holds("language", "O1 D1", f"{first} and 29 failed.")


def test_two_trials_show_two_things() -> None:
    said = "Trial {} shows a train_loss of 4743.4 and trial {} a gap of 0.108."
    assert _holds("digits", "I21 I31", said.format(28, 5))
    assert not _holds("digits", "I21 I31", said.format(5, 28))


@pytest.mark.parametrize("link", [", but", ", while", ", and"])
def test_a_count_without_a_subject_is_of_what_was_spoken_of(link: str) -> None:
    lead = "Most diverged trials combine adamw with lr > 0.0825"
    assert _holds("digits", "C4 C5", f"{lead}{link} 26 of 31 were affected.")
    assert not _holds("digits", "C4 C5", f"{lead}{link} 13 of 51 were affected.")


@pytest.mark.parametrize(("slash", "of"), [("/", "/"), (" of ", " of ")])
def test_a_count_before_a_name_is_no_value_of_it(slash: str, of: str) -> None:
    assert _holds("language", "C1", f"At least 9{slash}23 warmup_ratio or fewer went NaN.")
    assert not _holds("language", "C1", f"At least 10{of}23 warmup_ratio or fewer went NaN.")


@pytest.mark.parametrize("unit", ["points", "percentage points", "percent points", "percentage-points", "% points"])
def test_points_behind_a_name_are_no_value_of_it(unit: str) -> None:
    assert _holds("policy", "C3", f"Runs lacking max_grad_norm were 66 {unit} more likely to diverge.")
    assert not _holds("policy", "C3", f"Runs lacking max_grad_norm were 76 {unit} more likely to diverge.")


@pytest.mark.parametrize("unit", [" times", "x", " x", "-fold", " fold"])
def test_times_behind_a_name_are_no_value_of_it(unit: str) -> None:
    assert _holds("policy", "C3", f"Runs lacking max_grad_norm were 23{unit} more likely to diverge.")
    assert not _holds("policy", "C3", f"Runs lacking max_grad_norm were 33{unit} more likely to diverge.")


@pytest.mark.parametrize(
    ("p", "holds"),
    [
        ("p = 0.008", True),
        ("p = 0.01", True),
        ("p = 0.05", False),
        ("p < 0.01", True),
        ("p <= 0.01", True),
        ("p below 0.01", True),
        ("p less than 0.01", True),
        ("p < 0.008", False),
        ("p < 0.001", False),
        ("p > 0.001", True),
        ("p >= 0.001", True),
        ("p above 0.01", False),
        ("p greater than 0.01", False),
        ("p greater than 0.05", False),
    ],
)
def test_a_p_value_and_its_bounds(p: str, holds: bool) -> None:
    assert _holds("digits", "C1", f"lr above 0.11 without grad_clip leads to NaN ({p}).") == holds


@pytest.mark.parametrize(
    ("ids", "text", "right", "wrong"),
    [
        ("R2", "Use a non-zero dropout: this costs {}% space.", 25, 76),
        ("R2", "Use a non-zero dropout: this costs {}% of the searched space.", 25, 76),
        ("R2", "Use a non-zero dropout: this costs {}% of the whole space.", 25, 76),
        ("M1", "n_layers has {}% importance.", 98, 97),
        ("C1", "{}% of trials in the space with peak_lr > 0.05 diverged.", 69, 68),
        ("C1", "With peak_lr > 0.05, {}% of the trials in this space diverged.", 69, 68),
        ("S1", "Overfitting trials took {}% of the total compute.", 18, 17),
    ],
)
def test_a_share_of_the_space_is_none_of_the_trials(ids: str, text: str, right: int, wrong: int) -> None:
    assert _holds("speech", ids, text.format(right))
    assert not _holds("speech", ids, text.format(wrong))


@pytest.mark.parametrize(("sick", "healthy"), [("true", "false"), ("false", "true")])
def test_a_switch_in_small_letters_has_two_states(sick: str, healthy: str) -> None:
    facts = kept_facts("digits")
    cause = facts.by_id["C3"]
    conditions = (cause.conditions[0], msgspec.structs.replace(cause.conditions[1], value=sick))
    by_id = {"C3": replace(cause, conditions=conditions)}
    checker = Checker(replace(facts, by_id=by_id, levels=frozenset({sick, healthy})))
    assert checker.refuse(["C3"], f"batch_size = 512 with drop_last = {sick} failed in 20 of 20 trials.") is None
    assert checker.refuse(["C3"], f"Keep drop_last = {healthy} with batch_size = 512.") is None
    assert checker.refuse(["C3"], f"Keep drop_last = {sick} with batch_size = 512.") is not None


def _why(sweep: str, ids: str, text: str) -> str | None:
    return SWEEPS[sweep].refuse(ids.split(), text)


def test_the_reason_is_the_one_that_helps() -> None:
    assert _why("speech", "C2", "32 trials with dropout = 0 overfit.") == "C2: it counts all trials with the issue"
    other = "C1: its counts belong to the other side of the condition"
    assert _why("speech", "C1", "Seven out of ten trials with peak_lr at or below 0.05 diverged.") == other
    assert _why("speech", "C1", "More than 30 healthy trials had peak_lr > 0.05.") == "C1: 30 is not one of its numbers"
    assert _holds("speech", "C1", "Seven out of ten trials with peak_lr > 0.05 diverged.")
    assert _holds("speech", "C1", "More than 30 diverged trials had peak_lr > 0.05.")


def test_a_verdict_may_be_said_of_its_limit() -> None:
    said = "The verdict is {} because the divergence rate of 15.4% is above the 10% limit."
    assert _holds("digits", "L3", said.format("fail"))
    assert not _holds("digits", "L3", said.format("pass"))
    for noun in ("limit", "limits"):
        assert _holds("digits", "L3", f"The divergence rate fails its {noun}.")
        assert not _holds("digits", "L3", f"The divergence rate passes its {noun} of 20%.")


@pytest.mark.parametrize(
    ("ids", "text", "right", "wrong"),
    [
        ("C2", "With dropout = 0, {} of the 37 never overfit.", 9, 28),
        ("C2", "{} of the 37 never overfit with dropout = 0.", 9, 28),
        ("C2", "{} of 37 trials with zero dropout never overfit.", 9, 28),
        ("C1", "{} of the 45 never diverged with peak_lr > 0.05.", 14, 31),
    ],
)
def test_never_is_said_of_those_that_were_spared(ids: str, text: str, right: int, wrong: int) -> None:
    assert _holds("speech", ids, text.format(right))
    assert not _holds("speech", ids, text.format(wrong))


def test_never_is_said_of_a_choice() -> None:
    assert _holds("digits", "C5", "38 of 51 trials with adamw never overfit.")
    assert not _holds("digits", "C5", "13 of 51 trials with adamw never overfit.")
    assert _holds("digits", "C5", "3 of 125 trials with optimizer not adamw overfit.")
    assert not _holds("digits", "C5", "122 of 125 trials with optimizer not adamw overfit.")
    assert _holds("speech", "C1", "Trials with peak_lr at or below 0.05 never diverged (0 of 139).")
    assert not _holds("speech", "C1", "Trials with peak_lr above 0.05 never diverged (31 of 45).")
    assert not _holds("speech", "C1", "Trials with peak_lr at or below 0.05 never diverged (31 of 45).")


@pytest.mark.parametrize(("given", "holds"), [("at 0", True), ("at 0.1", False), ("= 0", True), ("= 0.1", False)])
def test_a_value_in_brackets(given: str, holds: bool) -> None:
    assert _holds("speech", "C2", f"Trials with dropout ({given}) overfit in 28 of 37 cases.") == holds


def test_counts_of_the_sick_and_the_healthy_stand_beside_each_other() -> None:
    said = "{} were affected and {} of 45 were healthy with peak_lr > 0.05."
    assert _holds("speech", "C1", said.format(31, 14))
    assert not _holds("speech", "C1", said.format(14, 31))
    assert not _holds("speech", "C1", said.format(30, 14))


def test_those_without_a_cause_are_not_those_that_it_leaves_unexplained() -> None:
    assert _holds("speech", "C2", "112 trials without dropout = 0 were healthy.")
    assert not _holds("speech", "C2", "4 trials without dropout = 0 were healthy.")


def test_all_of_the_time_is_a_whole() -> None:
    assert _holds("speech", "O1", "9.39 hours of 24.2 hours were lost.")
    assert not _holds("speech", "O1", "24.2 hours were lost.")
    assert not _holds("speech", "O1", "9.39 hours of 25.2 hours were lost.")


@pytest.mark.parametrize("share", ["10%", "10.3%"])
def test_the_importance_is_no_share_of_the_best(share: str) -> None:
    assert _holds("speech", "R3", "n_layers has 98% importance.")
    assert not _holds("speech", "R3", f"n_layers has {share} importance.")


@pytest.mark.parametrize("link", ["and", "or"])
def test_with_it_is_not_denied_by_without_another(link: str) -> None:
    said = "Trials without lr > 0.11 {} {} grad_clip hit NaN in 0 of 172 cases."
    assert _holds("digits", "C1", said.format(link, "with"))
    assert not _holds("digits", "C1", said.format(link, "without"))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Avoid zero dropout.", "Avoid dropout."),
        ("Avoid high peak_lr and zero dropout.", "Avoid high peak_lr and dropout."),
        ("Lower peak_lr and raise dropout.", "Lower peak_lr and dropout."),
        ("Reduce peak_lr and use a non-zero dropout.", "Reduce peak_lr and dropout."),
        ("Use a low peak_lr and a non-zero dropout.", "Use a low peak_lr and zero dropout."),
    ],
)
def test_one_verb_leads_each_piece_of_a_list(right: str, wrong: str) -> None:
    ids = "R1 R2" if "peak_lr" in right else "R2"
    assert _holds("speech", ids, right)
    assert not _holds("speech", ids, wrong)


def test_one_verb_leads_two_causes_to_two_sides() -> None:
    assert _holds("trees", "R2 R3", "Keep max_depth low and subsample high.")
    assert not _holds("trees", "R2 R3", "Keep max_depth low and subsample low.")
    assert _holds("trees", "R2 R3", "Reduce max_depth and increase subsample.")
    assert not _holds("trees", "R2 R3", "Reduce max_depth and subsample.")
