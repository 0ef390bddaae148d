"""One word decides: a sentence and its neighbour that differ in the word, or in what it is said of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew.grounding import Checker
from hparam_ci.crew.outlook import importance
from hparam_ci.inspection import Drivers, Importance
from tests.unit.crew.kept import why

TRUE = [
    ("speech", "C1", "At or below 0.05 peak_lr, divergence is rarer."),
    ("speech", "C1", "At or below 0.05 peak_lr, trials diverged less often."),
    ("policy", "C2", "Trials without both of them failed less often."),
    ("vision", "R3", "Reduce learning_rate over 0.2."),
    ("policy", "C2", "Without both hyperparameters at these values, 5 of 168 trials failed."),
    ("speech", "C2", "Trials without it also overfit."),
    ("finetune", "C1", "Too few warmup_steps with lora_rank > 16 lead to NaN."),
    ("policy", "C1", "11 of 75 trials outside 64 and 256 went NaN."),
    ("policy", "C1", "Outside 64 and 256, 11 of 75 trials went NaN."),
    ("speech", "C1", "At the threshold or below no trial diverged."),
    ("speech", "C1", "At the threshold or above most trials diverged."),
    ("vision", "C1", "Of 44 trials, 75% went NaN."),
    ("speech", "V1 O1", "Of 1 sweep, 69 of 190 trials are affected."),
    ("speech", "C1", "Two diverged trials out of three have peak_lr above 0.05."),
    ("speech", "D3", "Two overfitting trials out of ten."),
    ("finetune", "M1", "The best trials have intermediate learning_rate."),
    ("control", "R1", "It gives up two thirds of the searched space."),
    ("finetune", "M1", "learning_rate has about nine tenths of the importance."),
    ("trees", "S1", "Failed trials took time, the most of all."),
    ("trees", "S1", "Failed trials took a larger share than overfitting trials."),
    ("trees", "S1", "Overfitting trials took a smaller share than failed trials."),
    ("speech", "C1", "Anywhere else, no trial diverged."),
    ("finetune", "M1 M2", "learning_rate is more important than warmup_steps."),
    ("speech", "R1", "peak_lr should be never above 0.05."),
    ("trees", "S1", "Overfitting trials took fewer hours than failed trials."),
    ("trees", "C1", "Too little subsample leads to NaN."),
    ("speech", "C1", "When peak_lr goes up, trials diverge."),
    ("speech", "U1", "The cause of the failed trials was not found."),
    ("speech", "D2", "More than 5 of 190 trials failed."),
    ("digits", "D2", "More than 17 of 240 trials failed."),
]
FALSE = [
    ("vision", "C2", "Failed trials exclude convnext."),
    ("speech", "C1", "Diverged trials exclude peak_lr above 0.05."),
    ("policy", "C2", "Without both hyperparameters at these values, 39 of 62 trials failed."),
    ("speech", "C1", "Trials without it also diverged."),
    ("speech", "C1", "Trials without it still diverged."),
    ("speech", "C1", "Trials without it diverged, too."),
    ("finetune", "C1", "Too many warmup_steps with lora_rank > 16 lead to NaN."),
    ("finetune", "C1", "Too many warmup_steps lead to NaN when lora_rank is above 16."),
    ("policy", "C1", "1 of 111 trials outside 64 and 256 went NaN."),
    ("speech", "C1", "At the threshold or below most trials diverged."),
    ("speech", "C1", "At the threshold or above no trial diverged."),
    ("language", "C3 R2", "Lower lr without fp16."),
    ("language", "C3 R2", "Keep lr low without fp16."),
    ("speech", "D1", "Seven trials diverged out of ten."),
    ("policy", "M1", "The best trials have moderate gamma."),
    ("control", "R1", "It gives up nearly three quarters of the searched space."),
    ("speech", "M1", "n_layers has about nine tenths of the importance."),
    ("trees", "S1", "Most hours were lost, and that was in overfitting trials."),
    ("trees", "S1", "Most of the compute was lost, to overfitting trials."),
    ("trees", "S1", "Overfitting trials took time, the most of all."),
    ("vision", "C1 R3", "Strive for NaN with learning_rate above 0.2."),
    ("vision", "C1 R3", "Aim for NaN with learning_rate above 0.2."),
    ("trees", "S1", "Failed trials took a smaller share than overfitting trials."),
    ("trees", "S1", "Failed trials took a lower share than overfitting trials."),
    ("trees", "S1", "Overfitting trials took a larger share than failed trials."),
    ("speech", "C1", "Anywhere else, 31 of 45 trials diverged."),
    ("finetune", "M1 M2", "warmup_steps is more important than learning_rate."),
    ("speech", "R1", "Keep peak_lr never below 0.05."),
    ("speech", "C1", "Anywhere else, trials diverged."),
    ("trees", "S1", "Failed trials took fewer hours than overfitting trials."),
    ("trees", "C1", "Too much subsample leads to NaN."),
    ("speech", "U1", "The cause of the failed trials was found."),
    ("speech", "D2", "More than 6 of 190 trials failed."),
]


@pytest.mark.parametrize(("sweep", "ids", "text"), TRUE)
def test_the_word_that_fits_is_kept(sweep: str, ids: str, text: str) -> None:
    assert why(sweep, ids, text) is None


@pytest.mark.parametrize(("sweep", "ids", "text"), FALSE)
def test_the_word_that_does_not_fit_is_refused(sweep: str, ids: str, text: str) -> None:
    assert why(sweep, ids, text)


def test_the_importance_of_a_choice_is_about_its_hyperparameter() -> None:
    one = Importance("booster", 0.9, 0.8, 1.0, 0.001, noise=False, direction="levels", levels=("gbtree",))
    drivers = Drivers("val_loss", "minimize", trials=90, top=9, best=0.1, hyperparameters=(one,))

    assert importance(one, drivers, 0).params == ("booster",)


def test_a_range_that_is_fixed_may_be_called_narrowed_and_nothing_else() -> None:
    facts = kept_facts("policy")
    fixed = replace(facts.by_id["N1"], outcome="fixed")
    checker = Checker(replace(facts, by_id=facts.by_id | {"N1": fixed}))
    assert checker.refuse(["N1"], "The range of gamma is narrowed.") is None
    assert checker.refuse(["N1"], "The range of gamma is widened.") is not None
