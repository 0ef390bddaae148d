"""What a sentence makes of remarks, of single trials, of sweeps beside each other and of causes that are not known."""

from __future__ import annotations

import pytest

from tests.unit.crew.kept import why

TRUE = [
    ("policy", "S2", "16 of the 18 best trials lie in the largest 10% of the gamma range."),
    ("speech", "I17", "In trial 172, the val_loss is 150 times as high as the train_loss."),
    ("digits", "I31", "Trial 5 shows overfitting, its val_acc being 0.108 below its train_acc."),
    (
        "finetune",
        "R3",
        "Aim at learning_rate between 5.872e-05 and 0.0001467, where most of the best 21 finished trials lie.",
    ),
    ("finetune", "R4", "Most of the best 21 finished trials have warmup_steps between 245 and 466."),
    ("vision", "R4", "Prefer weight_decay = 1e-05 or 0.001, where most of the best 30 finished trials lie."),
    ("speech", "S1", "Overfitting trials took 4.39 hours."),
    ("policy", "S3", "1 of 1 configurations fails for every run, about as many as chance would give."),
    ("speech", "S1", "Overfitting trials come first in lost compute, with 4.39 hours."),
    ("vision", "S1", "Failed trials took 11 hours, more than any other sick trials."),
    ("two", "S1 S2", "sample_results.csv lost more time than digits_sweep.csv."),
    ("two", "S1 S2", "digits_sweep.csv has more affected trials than sample_results.csv."),
    ("digits", "I11", "Trial 8 ended as failed."),
    ("digits", "I21", "The train_loss of trial 28 is 4743.4, far above the lower quartile of 0.575."),
    ("speech", "U1", "No hyperparameter separates the 6 failed trials from the others more than chance would."),
    ("digits", "C1 C2", "Both NaN causes include an unset grad_clip."),
    ("vision", "C1", "Of 44 trials, 75% went NaN."),
    ("speech", "I17", "val_loss is below 3."),
    ("two", "S1 S2", "digits_sweep.csv lost less time than sample_results.csv."),
    ("speech", "U1", "What made the 6 trials fail cannot be told."),
    ("speech", "U1", "The cause of the 6 failed trials cannot be told."),
]
FALSE = [
    ("speech", "U1", "What made the 6 trials fail can be told."),
    ("speech", "U1", "The cause of the 6 failed trials is clear."),
    ("two", "S1 S2", "sample_results.csv lost less time than digits_sweep.csv."),
    ("digits", "I21", "The train_loss of trial 28 is 4743.4, above 4743.4."),
    ("vision", "C1", "Of 44 trials, 1% went NaN."),
    ("speech", "I17", "val_loss is above 3."),
    ("speech", "I17", "The val_loss of trial 172 is above 3."),
    ("policy", "S2", "16 of the 18 best trials lie in the smallest 10% of the gamma range."),
    ("policy", "S2", "16 of the 18 best trials lie in the largest 20% of the gamma range."),
    ("speech", "I17", "In trial 172, the train_loss is 150 times as high as the val_loss."),
    ("speech", "I17", "In trial 172, the val_loss is 15 times as high as the train_loss."),
    ("digits", "I31", "Trial 5 shows overfitting, its val_acc being 0.108 above its train_acc."),
    ("digits", "I31", "Trial 5 shows overfitting, its train_acc being 0.108 below its val_acc."),
    ("digits", "I31", "Trial 5 shows overfitting, its val_acc being 0.2 below its train_acc."),
    (
        "finetune",
        "R3",
        "Aim at learning_rate between 5.872e-05 and 0.0001467, where most of the best 210 finished trials lie.",
    ),
    ("finetune", "R4", "All of the best 21 finished trials have warmup_steps between 245 and 466."),
    ("finetune", "R4", "Few of the best 21 finished trials have warmup_steps between 245 and 466."),
    ("vision", "R4", "Prefer weight_decay = 0.0001, where most of the best 30 finished trials lie."),
    ("language", "S1", "Of the 14.2 hours that sick trials took, 3.73 went into failed trials."),
    ("language", "S1", "Diverged trials took 14.2 hours."),
    ("speech", "S1", "Overfitting trials took 9.39 hours."),
    ("speech", "S1", "Diverged trials took 4.39 hours."),
    ("policy", "S3", "1 of 1 configurations fails for every run, far more than chance would give."),
    ("speech", "S1", "Diverged trials come first in lost compute, with 4.24 hours."),
    ("vision", "S1", "Overfitting trials took 8.95 hours, more than any other sick trials."),
    ("trees", "S1", "Failed trials took 12.7 hours, 18% of all compute."),
    ("two", "S1 S2", "digits_sweep.csv lost more time than sample_results.csv."),
    ("two", "S1 S2", "sample_results.csv has more affected trials than digits_sweep.csv."),
    ("digits", "I11", "Trial 8 ended normally."),
    ("digits", "I21", "The train_loss of trial 28 is 4743.4, far below the lower quartile of 0.575."),
    ("speech", "O1 U1", "Two causes were found, one of them for the failed trials."),
    ("speech", "U1", "One hyperparameter separates the 6 failed trials from the others more than chance would."),
    ("two", "R9", "The overfitting in this sweep was caused by a lack of weight decay or dropout."),
    ("digits", "C1 C2", "Both NaN causes include optimizer = momentum."),
    ("two", "C1", "With lr > 0.11 and grad_clip not set, 12 of 12 trials went NaN, against 0 of 172 without it."),
    ("policy", "D2", "All but 33 of 174 trials diverged."),
]


@pytest.mark.parametrize(("sweep", "ids", "text"), TRUE)
def test_what_the_fact_says_is_kept(sweep: str, ids: str, text: str) -> None:
    assert why(sweep, ids, text) is None


@pytest.mark.parametrize(("sweep", "ids", "text"), FALSE)
def test_what_it_does_not_say_is_refused(sweep: str, ids: str, text: str) -> None:
    assert why(sweep, ids, text)
