"""Sentences that somebody wrote without having seen the check: each true one beside a false one, and their like."""

from __future__ import annotations

import pytest

from tests.unit.crew.kept import SWEEPS

PAIRS = [
    # what `all but` counts, and of which trials a count is
    ("policy", "D2", "All but 141 of 174 trials diverged.", "All but 33 of 174 trials diverged."),
    ("policy", "D2", "All but 33 of 174 trials stayed healthy.", "All but 141 of 174 trials stayed healthy."),
    (
        "policy",
        "C3",
        "All but 13 of 42 trials without max_grad_norm diverged.",
        "All but 29 of 42 trials without max_grad_norm diverged.",
    ),
    (
        "two",
        "C1",
        "With lr > 0.11 and grad_clip not set, 12 of 48 trials went NaN, against 0 of 172 without it.",
        "With lr > 0.11 and grad_clip not set, 12 of 12 trials went NaN, against 0 of 172 without it.",
    ),
    ("speech", "C1", "31 of 31 diverged trials had peak_lr > 0.05.", "With peak_lr > 0.05, 31 of 31 trials diverged."),
    (
        "vision",
        "C1",
        "33 of 36 trials with NaN had learning_rate > 0.2.",
        "NaN hit 33 of 36 trials with learning_rate > 0.2.",
    ),
    # how sure which cause is
    (
        "policy",
        "C1 C3",
        "The evidence is strong for the NaN cause and certain for the divergence cause.",
        "The evidence is certain for the NaN cause and strong for the divergence cause.",
    ),
    (
        "policy",
        "C1 C3",
        "The evidence for minibatch is strong and for max_grad_norm certain.",
        "The evidence for minibatch is certain and for max_grad_norm strong.",
    ),
    (
        "policy",
        "C1 C3",
        "The divergence cause is certain, but the NaN cause only strong.",
        "The NaN cause is certain, but the divergence cause only strong.",
    ),
    (
        "trees",
        "C1 C2 C3",
        "The evidence is certain for all three causes.",
        "The evidence is certain for only one of the three causes.",
    ),
    ("trees", "C1 C2 C3", "All three causes are certain.", "None of the three causes is certain."),
    ("trees", "C1 C2 C3", "All three causes are certain.", "All three causes but one are certain."),
    ("digits", "C1 C2", "Both NaN causes include an unset grad_clip.", "Both NaN causes include optimizer = momentum."),
    ("digits", "C1 C2", "Both NaN causes include grad_clip not set.", "Both NaN causes involve lr."),
    # where no cause could be told
    (
        "speech",
        "U1",
        "No hyperparameter separates the 6 failed trials from the others more than chance would.",
        "One hyperparameter separates the 6 failed trials from the others more than chance would.",
    ),
    (
        "speech",
        "O1 U1",
        "Two causes were found, but none for the failed trials.",
        "Two causes were found, one of them for the failed trials.",
    ),
    ("speech", "O1 U1", "The cause of the failed trials is undetermined.", "The failed trials have one of two causes."),
    (
        "two",
        "R9",
        "Adding weight decay or dropout may help against overfitting.",
        "The overfitting in this sweep was caused by a lack of weight decay or dropout.",
    ),
    (
        "two",
        "R9",
        "The sweep does not show the cause of overfitting.",
        "Overfitting is due to too little weight decay.",
    ),
    (
        "speech",
        "R4",
        "This sweep does not show the cause of the failed trials.",
        "The failed trials are caused by a setting.",
    ),
    # what a trial or a remark says
    ("digits", "I11", "Trial 8 ended as failed.", "Trial 8 ended normally."),
    ("digits", "I11", "Trial 8 failed.", "Trial 8 ended successfully."),
    (
        "digits",
        "I21",
        "The train_loss of trial 28 is 4743.4, far above the lower quartile of 0.575.",
        "The train_loss of trial 28 is 4743.4, far below the lower quartile of 0.575.",
    ),
    (
        "digits",
        "I21",
        "The lower quartile of 0.575 is far below the train_loss of 4743.4 in trial 28.",
        "The lower quartile of 0.575 is far above the train_loss of 4743.4 in trial 28.",
    ),
    (
        "digits",
        "I31",
        "The train_acc of trial 5 is 0.95066, above its val_acc of 0.84302.",
        "The train_acc of trial 5 is 0.95066, below its val_acc of 0.84302.",
    ),
    (
        "policy",
        "S3",
        "1 of 1 configurations fails for every run, about as many as chance would give.",
        "1 of 1 configurations fails for every run, far more than chance would give.",
    ),
    # places among the lost hours, and one sweep beside another
    (
        "speech",
        "S1",
        "Diverged trials come second in lost compute, with 4.24 hours.",
        "Diverged trials come first in lost compute, with 4.24 hours.",
    ),
    (
        "vision",
        "S1",
        "Failed trials took 11 hours, more than any other sick trials.",
        "Overfitting trials took 8.95 hours, more than any other sick trials.",
    ),
    (
        "vision",
        "S1",
        "Overfitting trials come second with 8.95 hours.",
        "Overfitting trials took the most time, 8.95 hours.",
    ),
    (
        "two",
        "S1 S2",
        "sample_results.csv lost more time than digits_sweep.csv.",
        "digits_sweep.csv lost more time than sample_results.csv.",
    ),
    (
        "two",
        "S1 S2",
        "digits_sweep.csv has more affected trials than sample_results.csv.",
        "sample_results.csv has more affected trials than digits_sweep.csv.",
    ),
    (
        "two",
        "S1 S2",
        "sample_results.csv has more kinds of issue than digits_sweep.csv.",
        "digits_sweep.csv has more kinds of issue than sample_results.csv.",
    ),
    # how many limits
    ("digits", "L1 L2 L3", "Two of three rates are within the limit.", "All three rates are within their limits."),
    ("digits", "L1 L2 L3", "One of three limits is broken.", "Two rates are above their limits."),
    ("digits", "L1 L2 L3", "Not all rates are within their limits.", "Every rate is within its limit."),
    ("language", "L1 L2 L3", "No rate is above its limit.", "One rate is above its limit."),
    ("language", "L1 L2", "Both rates are within their limits.", "No rate is above its limit."),
    ("language", "L1 L2 L3", "All limits are met.", "No rate is within its limit."),
    ("vision", "L1 L2 L3", "Two limits are broken.", "Three limits are broken."),
    ("vision", "L1 L2 L3", "Only one of the three rates is within its limit.", "No limit is broken."),
    (
        "vision",
        "L1 L2 L3",
        "Divergence is the only rate within its limit.",
        "The failed rate is the only rate within its limit.",
    ),
    ("control", "L1 L2 L3", "All three limits are broken.", "Two limits are broken."),
    (
        "digits",
        "L1 L2 L3",
        "The NaN or Inf rate and the failed rate are within their limits, but the divergence rate is not.",
        "The NaN or Inf rate and the divergence rate are within their limits, but the failed rate is not.",
    ),
    (
        "vision",
        "L1 L2 L3",
        "Two rates break their limits, but the divergence rate does not.",
        "Two rates break their limits, but the failed rate does not.",
    ),
    (
        "vision",
        "L1 L2 L3",
        "Divergence keeps its limit, NaN and failures do not.",
        "NaN keeps its limit, divergence and failures do not.",
    ),
    (
        "speech",
        "L2 L3",
        "The divergence rate is over its limit while the failed rate is not.",
        "The failed rate is over its limit while the divergence rate is not.",
    ),
    # several hyperparameters at once
    (
        "trees",
        "M1 M2 M3",
        "None of max_depth, n_estimators and subsample moves val_loss more than chance.",
        "Of max_depth, n_estimators and subsample, only n_estimators moves val_loss no more than chance.",
    ),
    (
        "trees",
        "M1 M2 M3",
        "None of these three matters more than chance for val_loss.",
        "None of max_depth, n_estimators and subsample moves val_loss no more than chance.",
    ),
    (
        "policy",
        "M1 M2 M3",
        "Neither minibatch nor max_grad_norm moves val_loss more than chance.",
        "Neither gamma nor max_grad_norm moves val_loss more than chance.",
    ),
    (
        "finetune",
        "M1 M2",
        "Both learning_rate and warmup_steps move val_loss more than chance.",
        "Neither learning_rate nor warmup_steps moves val_loss more than chance.",
    ),
    (
        "policy",
        "M1 M2 M3",
        "Only gamma moves val_loss more than chance.",
        "Of gamma, minibatch and max_grad_norm, only minibatch moves val_loss more than chance.",
    ),
    (
        "language",
        "L1 L2 L3",
        "No rate is above its limit, so the verdict is pass.",
        "Not all rates are within their limits.",
    ),
    (
        "digits",
        "L1 L2 L3",
        "Not all rates are within their limits.",
        "All three rates are within their limits, so the verdict is pass.",
    ),
    (
        "digits",
        "L3",
        "The divergence rate is past the limit of 10%.",
        "The divergence rate is not past the limit of 10%.",
    ),
    (
        "policy",
        "D1 D3",
        "NaN in a metric is less frequent than failure, with 12 trials against 44.",
        "NaN in a metric is less frequent than failure, with 44 trials against 12.",
    ),
    ("vision", "D2", "There were 36 trials with NaN among 334.", "There were 334 trials with NaN among 36."),
    (
        "policy",
        "S3",
        "1 of 1 configurations fails for every run, about as many as chance would give.",
        "1 of 1 configurations fails for no run, about as many as chance would give.",
    ),
    (
        "speech",
        "I17",
        "In trial 172, the val_loss is 150 times as high as the train_loss.",
        "In trial 172, the val_loss is 150 times as low as the train_loss.",
    ),
    ("speech", "O1", "Two causes were found.", "Two causes were not found."),
]


@pytest.mark.parametrize(("sweep", "ids", "true", "false"), PAIRS, ids=[false for *_, false in PAIRS])
def test_the_true_one_is_kept_and_the_false_one_is_not(sweep: str, ids: str, true: str, false: str) -> None:
    assert SWEEPS[sweep].refuse(ids.split(), true) is None
    assert SWEEPS[sweep].refuse(ids.split(), false) is not None
