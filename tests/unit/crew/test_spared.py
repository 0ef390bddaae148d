"""Trials that were spared, what stands beside their counts, and which fact a clause without a subject goes on with."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew.grounding import Checker

SWEEPS = {
    name: Checker(kept_facts(name))
    for name in ("control", "digits", "finetune", "language", "policy", "speech", "vision")
}


def _holds(sweep: str, ids: str, text: str) -> bool:
    return SWEEPS[sweep].refuse(ids.split(), text) is None


@pytest.mark.parametrize(("spared", "sick"), [("14 of 45", "31 of 45"), ("14", "31"), ("31.1% of", "68.9% of")])
def test_what_did_not_happen_is_counted(spared: str, sick: str) -> None:
    for said in ("did not diverge", "survived"):
        text = f"Trials with peak_lr > 0.05 {said} in {{}} cases."
        assert _holds("speech", "C1", text.format(spared))
        assert not _holds("speech", "C1", text.format(sick))
    assert not _holds("speech", "C1", f"Trials with peak_lr > 0.05 did not show divergence in {sick} cases.")


@pytest.mark.parametrize("where", ["in the sweep", "in general", "in this sweep of 190 trials"])
def test_what_did_not_happen_anywhere_is_denied(where: str) -> None:
    assert not _holds("speech", "C1", f"Trials with it did not diverge {where}.")
    assert not _holds("speech", "C1", f"Trials with peak_lr > 0.05 did not diverge {where}.")
    assert not _holds("digits", "C4", f"Trials without it did not diverge {where}.")


@pytest.mark.parametrize(
    "text",
    [
        "31 were affected and 14 out of 45 were healthy with peak_lr > 0.05.",
        "31 were affected: 14 were healthy with peak_lr > 0.05.",
    ],
)
def test_the_healthy_stand_behind_the_sick(text: str) -> None:
    assert _holds("speech", "C1", text)
    assert not _holds("speech", "C1", text.replace("31", "30"))


@pytest.mark.parametrize(
    "way", ["Divergence ({} trials) comes", "Divergence ({}) comes", "Divergence is seen for {} trials"]
)
def test_a_count_behind_its_issue_is_of_the_sick(way: str) -> None:
    assert _holds("speech", "C1", f"{way.format(31)} with peak_lr > 0.05.")
    assert not _holds("speech", "C1", f"{way.format(45)} with peak_lr > 0.05.")


@pytest.mark.parametrize("praise", ["are healthy", "are healthy at n_layers between 11 and 14", "survived"])
def test_the_best_are_not_said_to_be_well(praise: str) -> None:
    assert _holds("speech", "R3", "Most of the best 19 trials have n_layers between 11 and 14.")
    assert not _holds("speech", "R3", f"Most of the best 19 trials {praise}.")


def test_a_combination_without_its_values_is_one_together() -> None:
    assert _holds("digits", "C4", "lr and optimizer together lead to divergence in 26 of 31 trials.")
    assert not _holds("digits", "C4", "lr and optimizer together lead to divergence in 6 of 177 trials.")
    assert not _holds("digits", "C4", "The lr leads to divergence in 26 of 31 trials.")


@pytest.mark.parametrize("state", ["set", "defined", "used", "specified", "given"])
def test_what_has_not_been_set_is_not_set(state: str) -> None:
    assert _holds("control", "C3", f"clip_norm has not been {state} in 53 of the 54 diverged trials.")
    assert not _holds("control", "C3", f"clip_norm has been {state} in 53 of the 54 diverged trials.")


def test_a_value_in_brackets_may_have_its_side() -> None:
    assert _holds("language", "C1", "Trials with warmup_ratio (0.0244 or lower) went NaN in 9 of 23 cases.")
    assert not _holds("language", "C1", "Trials with warmup_ratio (0.0244 or higher) went NaN in 9 of 23 cases.")
    assert not _holds("language", "C1", "9 of 23 trials went NaN with warmup_ratio (0.0244 or")


@pytest.mark.parametrize("state", ["blank", "unset", "out"])
def test_what_is_not_left_blank_was_blank(state: str) -> None:
    assert _holds("policy", "N2", f"max_grad_norm is not left {state} in the next search.")
    assert not _holds("policy", "N1", f"gamma is not left {state} in the next search.")


@pytest.mark.parametrize("ids", ["C1", "R1"])
def test_never_is_said_of_the_healthy_side(ids: str) -> None:
    assert _holds("speech", ids, "Trials with peak_lr at or below 0.05 never diverged (0 of 139).")
    assert not _holds("speech", ids, "Trials with peak_lr above 0.05 never diverged (31 of 45).")


def test_a_count_before_a_value_is_no_range() -> None:
    said = "27 of 29 with 120 warmup_steps or {} and lora_rank above 16 went NaN."
    assert _holds("finetune", "C1", said.format("fewer"))
    assert not _holds("finetune", "C1", said.format("more"))


@pytest.mark.parametrize(("counts", "holds"), [("32 of 208", True), ("20 of 208", False), ("20 of 240", False)])
def test_a_count_of_all_may_follow_a_cause(counts: str, holds: bool) -> None:
    text = f"adamw with lr > 0.0825 leads to divergence, and {counts} trials are affected."
    assert _holds("digits", "C4 D3", text) == holds


def test_a_dash_parts_two_counts() -> None:
    assert _holds("speech", "C1", "31 were affected — 14 were healthy with peak_lr > 0.05.")
    assert not _holds("speech", "C1", "30 were affected — 14 were healthy with peak_lr > 0.05.")


def test_what_is_said_of_one_name_ends_before_the_next() -> None:
    assert _holds("digits", "C1", "A high lr where grad_clip is not set leads to NaN.")
    assert not _holds("digits", "C1", "A low lr where grad_clip is not set leads to NaN.")
    assert not _holds("digits", "C1", "A high lr where grad_clip is set leads to NaN.")


@pytest.mark.parametrize("act", ["would give up", "gives up", "means giving up"])
def test_what_advice_gives_up_is_a_share_of_what_was_searched(act: str) -> None:
    assert _holds("speech", "R2", f"Using a non-zero dropout {act} 25%.")
    assert not _holds("speech", "R2", f"Using a non-zero dropout {act} 76%.")


def test_contrary_advice_is_called_so() -> None:
    for text in ("Avoid low values for peak_lr.", "Use high values for peak_lr."):
        assert SWEEPS["speech"].refuse(["R1"], text) == "R1: its advice on peak_lr contradicts it"
    turned = "C1: it turns the direction of peak_lr round"
    assert SWEEPS["speech"].refuse(["C1"], "Low values for peak_lr lead to divergence.") == turned


def test_behind_all_limits_stands_another_claim() -> None:
    lead = "Both the NaN rate (10.8%) and the failed rate (20.5%) are above their limits"
    assert _holds("vision", "L1 L2 C2", f"{lead}, and 80 of 106 trials with backbone = convnext failed.")
    assert not _holds("vision", "L1 L2 C2", f"{lead}, and 6 of 106 trials with backbone = convnext failed.")


@pytest.mark.parametrize(("value", "holds"), [(4096, True), (1, False)])
def test_a_one_alone_is_no_value(value: int, holds: bool) -> None:
    facts = kept_facts("language")
    cause = facts.by_id["C2"]
    conditions = (msgspec.structs.replace(cause.conditions[0], value=value),)
    checker = Checker(replace(facts, by_id=facts.by_id | {"C2": replace(cause, conditions=conditions)}))
    assert checker.refuse(["C2"], f"66 of 82 trials with a context_length of {value} failed.") is None
    assert (checker.refuse(["C2"], f"66 of 82 trials failed at {value}.") is None) == holds


@pytest.mark.parametrize(
    ("sweep", "ids", "text", "right", "wrong"),
    [
        ("digits", "D2 C3", "20 trials failed, of which {} had batch_size = 512 and drop_last = True.", 20, 240),
        ("speech", "O1", "Of the {} hours, {} hours were lost.", (24.2, 9.39), (9.39, 24.2)),
        ("speech", "O1", "Out of the {} hours, {} hours were lost.", (24.2, 9.39), (9.39, 24.2)),
        ("speech", "O1", "{} hours were lost out of {} hours.", (9.39, 24.2), (24.2, 9.39)),
    ],
)
def test_a_part_is_as_much_as_its_whole_at_most(
    sweep: str, ids: str, text: str, right: int | tuple[float, ...], wrong: int | tuple[float, ...]
) -> None:
    for numbers, told in ((right, None), (wrong, "a part of it is more than the whole")):
        written = text.format(*(numbers if isinstance(numbers, tuple) else (numbers,)))
        assert SWEEPS[sweep].refuse(ids.split(), written) == told


@pytest.mark.parametrize(
    ("end", "holds"), [("; 20 failed", True), (", and 20 failed", True), (", and 20 of them failed", False)]
)
def test_another_issue_may_follow_a_part(end: str, holds: bool) -> None:
    lead = "32 trials diverged, of which 26 had lr > 0.0825 and adamw"
    assert _holds("digits", "D3 D2 C4", f"{lead}{end}.") == holds


@pytest.mark.parametrize(
    "way", ["{} values lead to divergence for peak_lr.", "{} setting of peak_lr leads to divergence."]
)
def test_a_side_may_stand_before_its_issue(way: str) -> None:
    assert _holds("speech", "C1", way.format("High"))
    assert not _holds("speech", "C1", way.format("Low"))


@pytest.mark.parametrize(
    "way",
    ["p {}: lr above 0.11 without grad_clip leads to NaN.", "lr above 0.11 without grad_clip leads to NaN with p {}."],
)
def test_a_p_value_needs_no_sign(way: str) -> None:
    assert _holds("digits", "C1", way.format("0.008"))
    assert not _holds("digits", "C1", way.format("0.08"))


@pytest.mark.parametrize("of", [" out of ", " out of the ", "/", " of "])
def test_a_count_of_a_whole_is_no_value(of: str) -> None:
    assert _holds("speech", "C1", f"A high peak_lr was in 31{of}31 diverged trials.")
    assert not _holds("speech", "C1", f"A high peak_lr was in 30{of}31 diverged trials.")


def test_each_part_is_held_to_its_whole() -> None:
    told = "counts trials with one issue among those with another"
    for lead in ("240 trials ran", "80 of 240 trials are affected"):
        assert SWEEPS["digits"].refuse(["S1", "D3", "D2"], f"{lead}, 32 diverged, of which 20 failed.") == told
    said = "32 trials diverged, of which 26 combine adamw with a high lr, and failures hit {}."
    assert _holds("digits", "D3 D2 C4", said.format(20))
    assert not _holds("digits", "D3 D2 C4", said.format(16))


@pytest.mark.parametrize("state", ["blank", "unset"])
def test_what_takes_values_next_is_not_left_blank(state: str) -> None:
    assert _holds("policy", "N2", f"max_grad_norm takes 0.5, 1 or 5 next and is not left {state}.")
    assert not _holds("speech", "N2", f"dropout takes 0.1, 0.2 or 0.3 next and is not left {state}.")
    assert _holds("speech", "N2", "dropout takes 0.1, 0.2 or 0.3 next.")
