"""Single wordings that turn a sentence round or leave it true, each beside the fact that it is held to."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew.facts import Amount, Fact, amounts_in
from hparam_ci.crew.grounding import Checker

FACTS = kept_facts("digits")
DIGITS = Checker(FACTS)
FINETUNE = Checker(kept_facts("finetune"))
OTHERS = {name: Checker(kept_facts(name)) for name in ("control", "language", "policy", "speech", "trees")}


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        ("C4", "26 of the 32 diverged trials are explained by using adamw with lr > 0.0825."),
        ("C4", "The result of using adamw with lr > 0.0825 is divergence."),
        ("C4", "Divergence is caused by using adamw with lr > 0.0825."),
        ("C4", "At most 90% of the trials with lr > 0.0825 and adamw diverged."),
        ("C4", "Up to 85% of the trials with lr > 0.0825 and adamw diverged."),
        ("D3", "At most 16% of the trials diverged."),
        ("S1", "digits_sweep.csv has issues."),
        ("C4", "Trials with adamw and lr of 0.0825 and above diverged in 26 of 31 cases."),
        ("C4", "5 of the 31 trials with lr > 0.0825 and adamw did not show divergence."),
        ("R1", "Avoiding lr > 0.0825 with adamw will spare 26 of the 32 diverged trials."),
        ("R1", "Keeping lr at or below 0.0825 with adamw will help."),
        ("R1", "With adamw, lr should not be above 0.0825."),
        ("R1", "Set the top end of lr to 0.0825 with adamw."),
        ("R1", "Keep the top bound of lr at 0.0825 with adamw."),
        ("R1", "Keep lr always below 0.0825 with adamw."),
        ("R2", "Keep batch_size under 512 with drop_last = True."),
        ("L1", "All NaN or Inf rates stay within their limit."),
        ("L1", "Every NaN or Inf rate is within its limit of 10%."),
        ("C4", "Most diverged trials combine adamw with a high lr (26, to be exact)."),
        ("C4", "Large values of lr with adamw diverged in 26 of 31 trials."),
        ("C4", "26 of the 31 trials with lr > 0.0825 and adamw diverged (C4)."),
        ("C4", "5 of the 31 trials with lr > 0.0825 and adamw didn't diverge."),
        ("C4", "5 of the 31 trials with lr > 0.0825 and adamw did not actually diverge."),
        ("C4", "Divergence came with adamw and a high lr in 26 cases."),
        ("C4", "Divergence is 24.7x as frequent with lr > 0.0825 and adamw."),
        ("C4", "The rate of divergence rises by 64 to 90 points with lr > 0.0825 and adamw."),
        ("C3", "True drop_last and batch_size = 512 failed in 20 of 20 trials."),
        ("D3", "176 of the 208 trials ran without divergence."),
        ("D3", "Between 11.1% and 20.9% of the trials diverged."),
        ("L3", "The divergence rate is above the limit at 10%."),
        ("L3", "The divergence rate is above the permitted 10%."),
        ("S1", "160 of the 240 trials of digits_sweep.csv are healthy."),
    ],
)
def test_true_in_other_words(ids: str, text: str) -> None:
    assert DIGITS.refuse(ids.split(), text) is None


@pytest.mark.parametrize(
    ("ids", "text", "why"),
    [
        ("C4", "Trials with lr > 0.0825 and adamw always diverged.", "always"),
        ("C4", "lr > 0.0825 with adamw always leads to divergence.", "always"),
        ("C4", "Small values of lr above 0.0825 with adamw diverged in 26 of 31 trials.", "something else"),
        ("C4", "Trials with lr > 0.0825 and adamw diverged in 83.9% 99% of cases.", "99%"),
        ("C4", "Trials with lr > 0.0825 and adamw diverged in 26 of 31 28 cases.", "28"),
        ("C4", "At most 80% of the trials with lr > 0.0825 and adamw diverged.", "other side"),
        ("C4", "26 of the 31 trials with lr > 0.0825 and adamw did not stop the divergence.", "denies"),
        ("C4", "26 of the 31 trials with lr > 0.0825 and adamw did not lead to divergence.", "denies"),
        ("R4", "With lr > 0.11 you should not set grad_clip.", "mixes"),
        ("R4", "With lr > 0.11, we should not use grad_clip.", "mixes"),
        ("C4", "26 of the 31 trials with lr > 0.0825 and adamw didn't diverge.", "26 of 31"),
        ("C4", "lr > 0.0825 with adamw comes without such divergence.", "denies"),
        ("C4", "Divergence is 27.7x as frequent with lr > 0.0825 and adamw.", "27.7"),
        ("C4", "The rate of divergence rises by 64 to 64 points with lr > 0.0825 and adamw.", "64"),
        ("C4", "The rate of divergence rises by 90 to 90 points with lr > 0.0825 and adamw.", "90"),
        ("C4", "adamw by itself leads to divergence.", "together with lr"),
        ("C4", "26 of the 31 diverged without both.", "other side"),
        ("C4", "26 of the 31 trials without them diverged.", "other side"),
        ("C4", "Divergence is more common anywhere else.", "fewer"),
        ("C4", "Divergence is harmless.", "praises"),
        ("D3", "32 of the 208 trials ran without divergence.", "32 of 208"),
        ("D3", "15.4% of the trials diverged (95% interval 11.1 to 11.1%).", "11.1%"),
        ("D3", "15.4% of the trials diverged (95% interval 20.9 to 20.9%).", "20.9%"),
        ("L3", "With the limit at 15.4%, the divergence rate is above it.", "15.4%"),
        ("L3", "The divergence rate is above its ceiling of 15.4%.", "15.4%"),
        ("L3", "The divergence rate is above the permitted 15.4%.", "15.4%"),
        ("L3", "The divergence rate is acceptable.", "praises"),
        ("S1", "digits_sweep.csv is the best sweep.", "ranks"),
        ("S1", "digits_sweep.csv has the best trials.", "ranks"),
        ("S1", "digits_sweep.csv is a good sweep.", "praises"),
        ("R1", "Never lower lr below 0.0825 with adamw.", "mixes"),
    ],
)
def test_false_by_one_word(ids: str, text: str, why: str) -> None:
    problem = DIGITS.refuse(ids.split(), text)
    assert problem is not None
    assert why in problem


@pytest.mark.parametrize(
    ("ids", "text", "holds"),
    [
        ("N2", "Avoid low warmup_steps.", True),
        ("N2", "Avoid high warmup_steps.", False),
        ("N2", "The next search avoids low values of warmup_steps.", True),
    ],
)
def test_what_is_avoided_lies_on_the_other_end(ids: str, text: str, holds: bool) -> None:
    assert (FINETUNE.refuse(ids.split(), text) is None) == holds


@pytest.mark.parametrize(
    ("sweep", "ids", "text", "holds"),
    [
        ("control", "C1", "38 of the 63 trials outside the range went NaN.", False),
        ("control", "C1", "Trials outside the range went NaN.", False),
        ("control", "N1", "The next search won't leave clip_norm unset.", True),
        ("language", "C1", "Test lower warmup_ratio.", False),
        ("language", "C1", "Test higher warmup_ratio.", True),
        ("language", "R3", "Never lower the warmup_ratio below 0.0244.", True),
        ("language", "R3", "Increase warmup_ratio to under 0.0244.", False),
        ("language", "R3", "Increase warmup_ratio to at most 0.0244.", False),
        ("speech", "C1", "Trials with peak_lr at or below 0.05 did not diverge.", True),
        ("speech", "C1", "Trials below it diverged.", False),
        ("speech", "C1", "No trial at or below it diverged.", True),
        ("speech", "C1", "31 of the 45 trials at or below diverged.", False),
        ("speech", "C1", "Trials with peak_lr above 0.05 survived in 14 of 45 cases.", True),
        ("speech", "C1", "Trials with peak_lr above 0.05 survived in 31 of 45 cases.", False),
        ("speech", "C1", "Trials with peak_lr above 0.05 did not diverge in 31 of 45 cases.", False),
        ("speech", "C1", "peak_lr at or below 0.05 rules out divergence.", True),
        ("speech", "C1", "peak_lr above 0.05 rules out divergence.", False),
        ("speech", "C1", "Raising peak_lr reduces divergence.", False),
        ("speech", "C1", "Divergence goes up as peak_lr falls.", False),
        ("speech", "C1", "The higher the peak_lr, the less divergence.", False),
        ("speech", "D1 D3", "Overfitting is more common than divergence.", True),
        ("speech", "D1 D3", "Divergence is more common than overfitting.", False),
        ("speech", "D1 D3", "Fewer trials diverged than overfit.", True),
        ("speech", "D1 D3", "Fewer trials overfit than diverged.", False),
        ("speech", "L3", "The limit of 10% is below the divergence rate.", True),
        ("speech", "L3", "The limit is above the divergence rate.", False),
        ("speech", "O1", "9.39 of 24.2 hours were lost.", True),
        ("speech", "O1", "9.39 of 24.2 hours were well spent.", False),
        ("speech", "O1", "9.39 of 24.2 hours were saved.", False),
        ("speech", "R1", "Never exceed a peak_lr of 0.05.", True),
        ("speech", "R1", "Do not exceed a peak_lr of 0.05.", True),
        ("trees", "C1", "30 of 50 trials went NaN at or below.", True),
        ("trees", "C1", "2 of 279 trials went NaN at or below.", False),
        ("trees", "C2", "Trials with booster other than dart did not fail.", False),
        ("trees", "C2", "One of the 269 trials without booster = dart failed.", True),
        ("trees", "C2", "One of the 151 trials with booster = dart failed.", False),
    ],
)
def test_by_the_facts_of_other_sweeps(sweep: str, ids: str, text: str, holds: bool) -> None:
    assert (OTHERS[sweep].refuse(ids.split(), text) is None) == holds


@pytest.mark.parametrize(
    ("ids", "text", "holds"),
    [
        ("C1", "27 of the 29 trials with 120 warmup_steps or less and lora_rank above 16 went NaN.", True),
        ("C1", "27 of the 29 trials with 120 warmup_steps or more and lora_rank above 16 went NaN.", False),
        ("M1", "learning_rate has 83 to 100% of the importance for val_loss.", True),
        ("M1", "learning_rate has 83 to 83% of the importance for val_loss.", False),
        ("M1", "learning_rate has 93% of the importance for val_loss (interval 83 to 100%).", True),
        ("M1", "learning_rate has 93% of the importance for val_loss (interval 100 to 100%).", False),
        ("M1", "learning_rate matters more than chance.", True),
        ("M3", "lora_rank matters more than chance.", False),
    ],
)
def test_by_the_facts_of_a_sweep_without_divergence(ids: str, text: str, holds: bool) -> None:
    assert (FINETUNE.refuse(ids.split(), text) is None) == holds


@pytest.mark.parametrize(
    "group",
    [
        "Trials that did not exceed a peak_lr of 0.05",
        "Trials that did not go above a peak_lr of 0.05",
        "Trials not exceeding a peak_lr of 0.05",
        "Trials that cannot exceed a peak_lr of 0.05",
        "Trials whose peak_lr was not set above 0.05",
        "Trials whose peak_lr was kept below 0.05",
    ],
)
def test_a_bound_that_is_denied_before_its_name_names_the_other_side(group: str) -> None:
    assert OTHERS["speech"].refuse(["C1"], f"{group} diverged in 0 of 139 cases.") is None
    assert OTHERS["speech"].refuse(["C1"], f"{group} diverged in 31 of 45 cases.") is not None


def test_what_was_not_kept_below_a_bound_lies_above_it() -> None:
    text = "Trials whose peak_lr was not kept below 0.05 diverged in {} cases."
    assert OTHERS["speech"].refuse(["C1"], text.format("31 of 45")) is None
    assert OTHERS["speech"].refuse(["C1"], text.format("0 of 139")) is not None


def test_what_is_above_zero_is_another_value() -> None:
    speech = kept_facts("speech")
    cause = speech.by_id["C2"]
    turned = replace(cause, conditions=(msgspec.structs.replace(cause.conditions[0], op="!="),))
    checker = Checker(replace(speech, by_id=speech.by_id | {"C2": turned}))
    assert checker.refuse(["C2"], "Trials with dropout above 0 overfit in 28 of 37 cases.") is None
    assert checker.refuse(["C2"], "Trials with dropout above 0 overfit in 4 of 116 cases.") is not None


def _beside(*facts: Fact) -> Checker:
    return Checker(replace(FACTS, by_id=FACTS.by_id | {fact.id: fact for fact in facts}))


def _of_lr_alone() -> Checker:
    """The cause of divergence, were it lr > 0.0825 alone."""
    cause = FACTS.by_id["C4"]
    return _beside(replace(cause, conditions=cause.conditions[:1], data=cause.data | {"condition": "lr > 0.0825"}))


@pytest.mark.parametrize(
    "group",
    [
        "Trials whose lr did not exceed 0.0825",
        "Trials whose lr does not exceed 0.0825",
        "Trials whose lr cannot exceed 0.0825",
        "Trials whose lr could not exceed 0.0825",
        "Trials whose lr did not go above 0.0825",
        "Trials whose lr did not get higher than 0.0825",
        "Trials whose lr did not lie above 0.0825",
        "Trials whose lr was not above 0.0825",
        "Trials not using lr > 0.0825",
        "Trials not having lr > 0.0825",
        "Trials that do not have lr > 0.0825",
        "Trials without lr > 0.0825",
    ],
)
def test_a_denied_bound_names_the_other_side(group: str) -> None:
    checker = _of_lr_alone()
    assert checker.refuse(["C4"], f"{group} diverged in 6 of 177 cases.") is None
    assert checker.refuse(["C4"], f"{group} diverged in 26 of 31 cases.") is not None


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        ("C4", "Trials that did not use lr > 0.0825 and adamw diverged in 26 of 31 cases."),
        ("C5", "Trials that did not use optimizer = adamw overfit in 13 of 51 cases."),
        ("C5", "Trials not using optimizer = adamw overfit in 13 of 51 cases."),
        ("R3", "Not using optimizer = adamw causes overfitting."),
    ],
)
def test_what_is_said_not_to_be_used_is_the_other_side(ids: str, text: str) -> None:
    assert DIGITS.refuse([ids], text) is not None


def test_what_is_true_without_a_value_may_be_said_so() -> None:
    assert DIGITS.refuse(["C5"], "Trials not using optimizer = adamw overfit in 3 of 125 cases.") is None
    assert DIGITS.refuse(["R3"], "Not using optimizer = adamw avoids overfitting.") is None
    assert DIGITS.refuse(["R3"], "Do not use optimizer = adamw.") is None


def _remark(message: str) -> Checker:
    return _beside(
        Fact(
            "W1", "finding", 0, {"what": message}, ("HP201",), "Diverged", words=(message,), amounts=amounts_in(message)
        )
    )


def test_a_remark_may_be_repeated_with_its_rank_and_its_whole() -> None:
    message = "20 of 20 highest losses have lr at its largest value"
    for text in (f"{message}.", "lr is at its largest value in 20 of 20 highest losses."):
        assert _remark(message).refuse(["W1"], text) is None
        assert _remark(message).refuse(["W1"], text.replace("20 of 20", "20 of 21")) is not None


@pytest.mark.parametrize("text", ["The cause of divergence stays unexplained.", "Divergence is unexplained."])
def test_an_unknown_cause_may_be_called_unexplained(text: str) -> None:
    amounts = (Amount(32, "trials"), Amount(400, "trials"))
    unknown = Fact("U1", "undetermined", 0, {"cause": "undetermined"}, ("HP201",), "Diverged", amounts=amounts)
    assert _beside(unknown).refuse(["U1"], text) is None
    assert _beside(unknown).refuse(["U1"], "Divergence comes from its own cause.") is not None


def test_advice_for_want_of_a_cause_may_say_that_it_is_not_known() -> None:
    words = ("Run more trials", "the cause of the diverged trials cannot be told")
    advice = replace(FACTS.by_id["R1"], conditions=(), amounts=(), pairs=(), outcome="", words=words)
    assert _beside(advice).refuse(["R1"], "The cause of divergence is not known.") is None
    assert DIGITS.refuse(["R1"], "The cause of divergence is not known.") is not None


def test_an_interval_may_begin_and_end_at_one_shown_value() -> None:
    amounts = (Amount(98.4, "%", "learning_rate"), Amount(98.6, "bound"), Amount(99.4, "bound"))
    facts = kept_facts("finetune")
    near = replace(facts.by_id["M1"], amounts=amounts)
    checker = Checker(replace(facts, by_id=facts.by_id | {"M1": near}))
    text = "learning_rate has 98% of the importance for val_loss (interval 99 to 99%)."
    assert checker.refuse(["M1"], text) is None
    assert checker.refuse(["M1"], text.replace("99 to 99%", "99 to 98%")) is not None


def test_trials_may_be_listed_that_have_names_and_numbers() -> None:
    checker = _beside(replace(FACTS.by_id["C4"], trials=("base", "13", "15")))
    text = "Trials base, 13 and 15 diverged with lr > 0.0825 and adamw."
    assert checker.refuse(["C4"], text) is None
    assert checker.refuse(["C4"], text.replace("15", "16")) == "trial 16 is not in the cited evidence"


@pytest.mark.parametrize("opening", ["At or {}", "{}", "{} it", "{} the threshold", "{} this cutoff"])
@pytest.mark.parametrize(
    ("sweep", "id_", "above", "below", "issue"),
    [
        ("speech", "C1", "31 of 45", "0 of 139", "diverged"),
        ("trees", "C1", "2 of 279", "30 of 50", "went NaN"),
        ("trees", "C3", "70 of 91", "6 of 206", "overfit"),
    ],
)
def test_a_bare_bound_has_the_counts_of_its_side(
    sweep: str, id_: str, above: str, below: str, issue: str, opening: str
) -> None:
    words = {"above": above, "below": below}
    words |= {} if opening.startswith("At") else {"over": above, "under": below}
    for word, counts in words.items():
        bound = opening.format(word)
        other = below if counts == above else above
        for text in (f"{bound.capitalize()}, {{}} trials {issue}.", f"{{}} trials {bound.lower()} {issue}."):
            assert OTHERS[sweep].refuse([id_], text.format(counts)) is None, text
            assert OTHERS[sweep].refuse([id_], text.format(other)) is not None, text


@pytest.mark.parametrize(
    ("sweep", "ids", "values", "wrong", "right"),
    [
        ("language", ("C2", "R1"), "context_length = 4096", 68, 66),
        ("trees", ("C2", "R1"), "booster = dart", 91, 90),
        ("trees", ("C1",), "subsample at or below 0.24", 32, 30),
        ("speech", ("C2",), "dropout = 0", 32, 28),
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "Avoid {}, where {} trials {}.",
        "Avoid {}, with which {} trials {}.",
        "Avoid {}: {} trials {} with it.",
        "{1} trials with {0} {2}.",
    ],
)
def test_all_that_failed_are_not_those_that_failed_with_it(
    sweep: str, ids: tuple[str, ...], values: str, wrong: int, right: int, text: str
) -> None:
    issue = {"subsample": "went NaN", "dropout": "overfit"}.get(values.split(maxsplit=1)[0], "failed")
    for id_ in ids:
        assert OTHERS[sweep].refuse([id_], text.format(values, right, issue)) is None
        assert OTHERS[sweep].refuse([id_], text.format(values, wrong, issue)) is not None


@pytest.mark.parametrize("noun", ["threshold", "cutoff", "limit", "bound", "value"])
@pytest.mark.parametrize(
    ("sweep", "param", "cut", "above", "below", "issue"),
    [
        ("speech", "peak_lr", "0.05", "31 of 45", "0 of 139", "diverged"),
        ("trees", "subsample", "0.24", "2 of 279", "30 of 50", "went NaN"),
    ],
)
def test_a_threshold_that_is_called_one_is_a_bound(
    sweep: str, param: str, cut: str, above: str, below: str, issue: str, noun: str
) -> None:
    said = {"exceeded": above, "did not exceed": below, "did not go above": below, "never went above": below}
    said |= {"never crossed": below, "did not pass": below, "did not fall below": above, "stayed below": below}
    for verb, counts in said.items():
        text = f"Trials whose {param} {verb} the {noun} of {cut} {issue} in {{}} cases."
        assert OTHERS[sweep].refuse(["C1"], text.format(counts)) is None, text
        assert OTHERS[sweep].refuse(["C1"], text.format(below if counts == above else above)) is not None, text
    if noun == "limit":
        return  # which would be one of the gate's
    for group, counts in ((f"above the {noun} of {cut}", above), ("at or below the threshold", below)):
        text = f"Trials {group} {issue} in {{}} cases."
        assert OTHERS[sweep].refuse(["C1"], text.format(counts)) is None, text
        assert OTHERS[sweep].refuse(["C1"], text.format(below if counts == above else above)) is not None, text


@pytest.mark.parametrize(
    "text",
    [
        "peak_lr is better {} 0.05.",
        "peak_lr {} 0.05 is better.",
        "peak_lr works much better {} 0.05.",
        "peak_lr is better kept {} 0.05.",
        "Aim for peak_lr {} 0.05.",
    ],
)
def test_better_is_where_the_healthy_trials_are(text: str) -> None:
    assert OTHERS["speech"].refuse(["C1"], text.format("at or below")) is None
    assert OTHERS["speech"].refuse(["C1"], text.format("above")) is not None


def test_nobody_aims_for_what_is_wrong() -> None:
    assert OTHERS["speech"].refuse(["C1"], "Aim for divergence with peak_lr above 0.05.") is not None
    assert OTHERS["speech"].refuse(["C1"], "Divergence with peak_lr above 0.05 is certain.") is None
