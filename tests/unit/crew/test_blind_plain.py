"""What was refused of sentences that somebody wrote without having seen the check, each beside a false neighbour."""

from __future__ import annotations

import pytest

from tests.unit.crew.kept import SWEEPS

PAIRS = [
    # two counts beside each other
    (
        "vision",
        "D1 D3",
        "More trials failed than overfit, 86 against 68.",
        "More trials failed than overfit, 68 against 86.",
    ),
    ("vision", "D1 D3", "Fewer trials overfit than failed.", "Fewer trials failed than overfit, 86 against 68."),
    (
        "trees",
        "D1 D2",
        "Failed trials outnumber NaN trials, 91 to 32.",
        "Failed trials outnumber NaN trials, 91 to 329.",
    ),
    ("trees", "D1 D2", "NaN trials are outnumbered by failed trials.", "NaN trials outnumber failed trials."),
    (
        "language",
        "D1 D2",
        "More than twice as many trials failed as diverged.",
        "More than twice as many trials diverged as failed.",
    ),
    ("language", "D1 D2", "Failures outnumber divergences.", "Twice as many trials failed as diverged."),
    (
        "finetune",
        "D1 D2",
        "NaN is more frequent than failure, at 11.8% against 8.5%.",
        "NaN is less frequent than failure, at 11.8% against 8.5%.",
    ),
    (
        "finetune",
        "D1 D2",
        "NaN is more frequent than failure.",
        "NaN is more frequent than failure, at 8.5% against 11.8%.",
    ),
    # all trials, the verdict, and causes that are none
    ("speech", "O1", "Most trials are healthy.", "Most trials are affected."),
    ("speech", "O1", "Fewer than half of the trials are affected.", "Most trials are not healthy."),
    ("control", "O1", "Most of the trials are sick.", "Most trials are healthy."),
    ("vision", "V1", "Fewer than half of the trials are affected.", "More than half of the trials are affected."),
    ("language", "V1", "The sweep passes.", "The sweep fails."),
    ("vision", "V1", "The verdict is fail.", "The sweep passes."),
    ("two", "S2", "No cause was found in sample_results.csv.", "One cause was found in sample_results.csv."),
    ("two", "S1", "Five causes were found in digits_sweep.csv.", "No cause was found in digits_sweep.csv."),
    # the parts of a remark, and the numbers of advice and of a trial
    ("vision", "S1", "Failures took 11 hours.", "Failures took 8.95 hours."),
    ("vision", "S1", "Failures took 20% of all compute.", "Failures took 16% of all compute."),
    (
        "vision",
        "S1",
        "Of the 25.2 hours that sick trials took, 8.95 went into overfitting trials.",
        "Of the 25.2 hours that sick trials took, 11 went into overfitting trials.",
    ),
    ("vision", "S1", "Sick trials took 25.2 hours.", "Failures took the 25.2 hours."),
    (
        "language",
        "S1",
        "Of the 14.2 hours that sick trials took, 3.73 went into diverged trials.",
        "Diverged trials took all of the 14.2 hours.",
    ),
    (
        "trees",
        "S1",
        "Failed trials took 12.7 hours, 23% of all compute.",
        "Failed trials took 12.7 hours, 18% of all compute.",
    ),
    (
        "trees",
        "S1",
        "Failed trials took 12.7 hours (23%) and overfitting ones 9.99 hours (18%).",
        "Failed trials took 12.7 hours (18%) and overfitting ones 9.99 hours (23%).",
    ),
    ("control", "S1", "Failures cost more than divergence.", "Divergence cost more than failures."),
    ("policy", "S1", "Failures cost 5.61 hours.", "Failures saved 5.61 hours."),
    (
        "policy",
        "S2",
        "16 of the 18 best trials lie in the largest 10% of the gamma range.",
        "16 of the 18 best trials lie in the largest 18% of the gamma range.",
    ),
    (
        "speech",
        "I17",
        "In trial 172, the val_loss is 150 times as high as the train_loss.",
        "In trial 172, the train_loss is 150 times as high as the val_loss.",
    ),
    (
        "speech",
        "I17",
        "In trial 172, the val_loss is 150 times as high as the train_loss.",
        "In trial 172, the val_loss is 172 times as high as the train_loss.",
    ),
    (
        "finetune",
        "R3",
        "Aim at learning_rate between 5.872e-05 and 0.0001467, where most of the best 21 finished trials lie.",
        "Aim at learning_rate between 5.872e-05 and 0.0001467, where all of the best 21 finished trials lie.",
    ),
    (
        "finetune",
        "R4",
        "Most of the best 21 finished trials have warmup_steps between 245 and 466.",
        "Most of the best 7 finished trials have warmup_steps between 245 and 466.",
    ),
    (
        "finetune",
        "R3",
        "Aim at learning_rate between 5.872e-05 and 0.0001467, where most of the best 21 finished trials lie.",
        "Aim at learning_rate between 5.872e-05 and 0.0001467, where most of the 21 finished trials lie.",
    ),
    # the ends of the next range, and what it leaves out
    ("trees", "N2", "The next range of subsample starts at 0.248.", "The next range of subsample starts at 0.1."),
    ("trees", "N2", "subsample is searched from 0.248 up.", "subsample is searched from 1 up."),
    ("finetune", "N2", "warmup_steps now starts at 130.", "warmup_steps now ends at 130."),
    ("speech", "N1", "The next search caps peak_lr at 0.05.", "The next search caps peak_lr at 0.296."),
    ("trees", "N1", "max_depth above 13 is no longer searched.", "max_depth below 13 is no longer searched."),
    ("trees", "N1", "max_depth stops at 13 in the next search.", "max_depth from 2 to 13 is no longer searched."),
    (
        "vision",
        "N1",
        "Next, search learning_rate from 1e-05 to 0.2 on a log scale.",
        "Next, search learning_rate from 1e-05 to 0.2 on a linear scale.",
    ),
    ("vision", "N2", "weight_decay = 0 is no longer searched.", "weight_decay = 0.001 is no longer searched."),
    (
        "control",
        "N2",
        "The next search omits entropy_coef between 0.0001062 and 0.0009863 because of NaN.",
        "The next search omits entropy_coef between 0.0001062 and 0.0009863 because of divergence.",
    ),
    (
        "language",
        "N3",
        "The next search skips fp16 with lr above 0.0095.",
        "The next search skips fp16 with lr below 0.0095.",
    ),
    (
        "finetune",
        "N3",
        "The next search skips eager attention at seq_len = 2048.",
        "The next search keeps eager attention at seq_len = 2048.",
    ),
    ("two", "P2", "batch_size went from 4 up to 512.", "batch_size went from 4 up to 256."),
    # why it leaves it out
    (
        "vision",
        "N2",
        "weight_decay loses the value 0 in the next search because 61 of 75 trials with it overfit.",
        "weight_decay loses the value 0 in the next search because 61 of 68 trials with it overfit.",
    ),
    (
        "vision",
        "N2",
        "weight_decay loses the value 0 in the next search because 61 of 75 trials with it overfit.",
        "weight_decay loses the value 0 in the next search because 61 of 75 trials without it overfit.",
    ),
    (
        "speech",
        "N2",
        "Take dropout = 0 out of the next search, as 28 of 37 such trials overfit.",
        "Take dropout = 0.1 out of the next search, as 28 of 37 such trials overfit.",
    ),
    (
        "speech",
        "N2",
        "Take dropout = 0 out of the next search, as 28 of 37 such trials overfit.",
        "Take dropout = 0 out of the next search, as 28 of 37 such trials diverged.",
    ),
    ("trees", "N3", "dart is excluded because it fails.", "dart is kept because it fails."),
    ("language", "N1", "warmup_ratio is narrowed because of NaN.", "warmup_ratio is narrowed because of divergence."),
    # what would have been spared, and fewer than half
    (
        "digits",
        "R2",
        "Not pairing batch_size = 512 with drop_last = True would have spared all 20 failed trials.",
        "Not pairing batch_size = 512 with drop_last = True would have caused all 20 failed trials.",
    ),
    (
        "two",
        "R5",
        "Not combining optimizer = momentum with an unset grad_clip would have spared 11 of the 12 NaN trials.",
        "Combining optimizer = momentum with an unset grad_clip would have spared 11 of the 12 NaN trials.",
    ),
    (
        "language",
        "C1",
        "Fewer than half of the trials with warmup_ratio ≤ 0.0244 went NaN (39.1%).",
        "More than half of the trials with warmup_ratio ≤ 0.0244 went NaN (39.1%).",
    ),
    (
        "language",
        "C2",
        "More than half of the trials with context_length = 4096 failed.",
        "Fewer than half of the trials with context_length = 4096 failed.",
    ),
    ("trees", "N1", "max_depth is narrowed because of overfitting.", "max_depth up to 13 overfits."),
    ("policy", "N2", "max_grad_norm is never left unset.", "max_grad_norm is never set."),
]


@pytest.mark.parametrize(("sweep", "ids", "true", "false"), PAIRS, ids=[false for *_, false in PAIRS])
def test_the_true_one_is_kept_and_the_false_one_is_not(sweep: str, ids: str, true: str, false: str) -> None:
    assert SWEEPS[sweep].refuse(ids.split(), true) is None
    assert SWEEPS[sweep].refuse(ids.split(), false) is not None
