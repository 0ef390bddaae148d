"""What a sentence says of several facts at once, and of a part of them, is counted."""

from __future__ import annotations

import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew.grounding import Checker

TRUE = [
    ("language", "L1 L2 L3", "No rate is above its limit."),
    ("trees", "L1 L2 L3", "One of three limits is broken."),
    ("vision", "L1 L2 L3", "Two limits are broken."),
    ("vision", "L1 L2 L3", "Divergence is the only rate within its limit."),
    ("control", "L1 L2 L3", "Every rate is above its limit."),
    ("digits", "L1 L2 L3", "Two of three rates are within the limit."),
    (
        "digits",
        "L1 L2 L3",
        "The NaN or Inf rate and the failed rate are within their limits, but the divergence rate is not.",
    ),
    ("vision", "L1 L2 L3", "Two rates break their limits, but the divergence rate does not."),
    ("vision", "L1 L2 L3", "Divergence keeps its limit, NaN and failures do not."),
    ("speech", "L1 L2 L3", "The divergence rate is over its limit while the failed rate is not."),
    ("digits", "L1 L2", "Both rates are within their limits."),
    ("policy", "M2 M3", "Neither max_grad_norm nor minibatch moves val_loss more than chance."),
    ("trees", "M1 M2 M3", "None of max_depth, n_estimators and subsample moves val_loss more than chance."),
    ("trees", "M1 M2 M3", "max_depth, n_estimators and subsample move val_loss no more than chance."),
    ("policy", "M1 M3", "gamma matters, minibatch does not."),
    ("policy", "M1 M2 M3", "Only gamma moves val_loss more than chance."),
    ("policy", "M1 M2 M3", "Of gamma, minibatch and max_grad_norm, only gamma moves val_loss more than chance."),
    ("language", "M1 M2 M3", "None of these three matters more than chance for val_loss."),
    ("trees", "C1 C2 C3", "The evidence is certain for all three causes."),
    ("policy", "C1 C3", "The evidence is strong for the NaN cause and certain for the divergence cause."),
    ("policy", "C1 C2 C3", "Two causes are certain, and the other is strong."),
    ("policy", "C1 C2 C3", "Only the NaN cause is strong."),
    ("policy", "C1 C2 C3", "The NaN cause is strong, the others are certain."),
    ("speech", "M1 M2", "n_layers matters, dropout does not."),
    ("policy", "M1 M2", "gamma moves val_loss more than chance, max_grad_norm no more than chance."),
    ("digits", "L1 L3", "The divergence rate is not within its limit, the NaN or Inf rate is."),
    ("vision", "L1 L2 L3", "Not within their limits are the NaN rate and the failed rate."),
    ("finetune", "L1 L2", "The NaN or Inf rate (11.8%) is above its limit, the failed rate (8.5%) is not."),
    ("graph", "C1 C2 C3", "The evidence is certain for the causes of NaN, failures and overfitting alike."),
    ("policy", "C1 C2 C3", "The evidence is strong for NaN and certain for failures and divergence."),
    ("forecast", "U1 U2", "Neither the NaN trials nor the failed trials have a determined cause."),
    ("forecast", "U1 U2", "The cause of NaN and of the failures is unknown."),
    ("diffusion", "C2", "Trials with attention = cross failed 63 times out of 104, against 7 of 226 without it."),
    ("graph", "C3", "Four of the 24 overfitting trials are not explained by dropout ≤ 0.098."),
    ("language", "C3", "Only one diverged trial is not explained by lr > 0.0095 and precision = fp16."),
    ("graph", "C1 C2 C3", "The evidence is certain for all three causes."),
    ("graph", "C3", "4 overfitting trials are not explained by dropout ≤ 0.098."),
    ("forecast", "O1", "Of 19.6 hours, 7.81 were lost."),
    ("speech", "L3", "A divergence rate of 16.8% overshoots the 10% limit."),
    ("language", "S1", "Of the 14.2 hours that sick trials took, 3.73 went into diverged trials."),
    (
        "digits",
        "L1 L2 L3",
        "The NaN rate (5.5%) and the failed rate (8.3%) are within their limits, the divergence rate (15.4%) is not.",
    ),
    ("digits", "C4", "adamw with lr > 0.0825 diverged 26 times in 31 trials."),
    ("diffusion", "V1 L1 L2 L3", "The sweep fails, with all three rates above their limits."),
    ("diffusion", "D1 D2 D3", "Failure is the most frequent issue, ahead of NaN and divergence."),
    ("policy", "C1", "Outside 64 to 256, 11 of 75 trials went NaN."),
    ("policy", "M1 M3", "gamma moves val_loss more than chance and minibatch no more than chance."),
    ("vision", "D1 D3", "More trials failed than overfit, 86 vs 68."),
    ("digits", "D3 D4", "Twice as many trials diverged as overfit."),
]
FALSE = [
    ("policy", "M1 M3", "minibatch moves val_loss more than chance and gamma no more than chance."),
    ("vision", "D1 D3", "More trials overfit than failed, 68 vs 86."),
    ("digits", "D3 D4", "Twice as many trials overfit as diverged."),
    ("digits", "D3 D4", "Three times as many trials diverged as overfit."),
    ("finetune", "L1 L2", "The NaN or Inf rate (11.8%) is above its limit, the failed rate (8.1%) is not."),
    ("finetune", "L1 L2", "The failed rate (11.8%) is above its limit, the NaN or Inf rate (8.5%) is not."),
    ("graph", "C1 C2 C3", "The evidence is strong for the causes of NaN, failures and overfitting alike."),
    ("policy", "C1 C2 C3", "The evidence is certain for NaN and strong for failures and divergence."),
    ("forecast", "U1 U2", "Both the NaN trials and the failed trials have a determined cause."),
    ("forecast", "U1 U2", "The cause of NaN and of the failures is known."),
    ("forecast", "U1 U2", "A cause was found for NaN and for failures."),
    ("diffusion", "C2", "Trials with attention = cross failed 7 times out of 226, against 63 of 104 without it."),
    ("graph", "C3", "20 of the 24 overfitting trials are not explained by dropout ≤ 0.098."),
    ("graph", "C3", "Five of the 24 overfitting trials are not explained by dropout ≤ 0.098."),
    ("language", "C3", "Only two diverged trials are not explained by lr > 0.0095 and precision = fp16."),
    ("graph", "C1 C2 C3", "The evidence is certain only for the cause of NaN."),
    ("graph", "C3", "The 24 overfitting trials are not explained by dropout ≤ 0.098."),
    ("graph", "C3", "20 overfitting trials are not explained by dropout ≤ 0.098."),
    ("graph", "C3", "4 of the 24 overfitting trials are explained by dropout ≤ 0.098."),
    ("graph", "C3", "33 trials are not explained by dropout ≤ 0.098."),
    ("graph", "C3", "4 of 189 trials are not explained by dropout ≤ 0.098."),
    ("forecast", "O1", "Of 19.6 hours, 7.18 were lost."),
    ("forecast", "O1", "Of 7.81 hours, 19.6 were lost."),
    ("speech", "L3", "A divergence rate of 10% overshoots the 16.8% limit."),
    ("speech", "L2", "The failed rate overshoots its limit."),
    ("language", "S1", "Of the 14.2 hours that sick trials took, 9.17 went into diverged trials."),
    (
        "digits",
        "L1 L2 L3",
        "The NaN rate (5.5%) and the failed rate (8.3%) are within their limits, the divergence rate (8.3%) is not.",
    ),
    ("digits", "C4", "adamw with lr > 0.0825 diverged 6 times in 177 trials."),
    ("digits", "C4", "adamw with lr > 0.0825 diverged 26 times in 177 trials."),
    ("policy", "C2", "Outside minibatch > 128 with env ant, hopper or humanoid, 39 of 62 trials failed."),
    ("diffusion", "V1 L1 L2 L3", "The sweep fails, with all three rates within their limits."),
    ("diffusion", "V1 L1 L2 L3", "The sweep passes, with all three rates above their limits."),
    ("diffusion", "V1 L1 L2 L3", "The sweep fails, with only two rates above their limits."),
    ("diffusion", "D1 D2 D3", "Divergence is the most frequent issue, ahead of NaN and failure."),
    ("diffusion", "D1 D2", "NaN is ahead of failure."),
    ("policy", "C1", "Outside 64 to 256, 1 of 111 trials went NaN."),
    ("language", "L1 L2 L3", "Every rate is above its limit."),
    ("trees", "L1 L2 L3", "Two of three limits are broken."),
    ("vision", "L1 L2 L3", "One limit is broken."),
    ("vision", "L1 L2 L3", "Divergence is the only rate above its limit."),
    ("control", "L1 L2 L3", "No rate is above its limit."),
    ("digits", "L1 L2 L3", "All three rates are within their limits."),
    (
        "digits",
        "L1 L2 L3",
        "The NaN or Inf rate and the divergence rate are within their limits, but the failed rate is not.",
    ),
    ("vision", "L1 L2 L3", "Two rates break their limits, but the failed rate does not."),
    ("vision", "L1 L2 L3", "NaN keeps its limit, divergence and failures do not."),
    ("speech", "L1 L2 L3", "The failed rate is over its limit while the divergence rate is not."),
    ("digits", "L1 L2", "All rates are within their limits."),
    ("digits", "L1 L2", "Both rates are above their limits."),
    ("policy", "M2 M3", "Both max_grad_norm and minibatch move val_loss more than chance."),
    (
        "trees",
        "M1 M2 M3",
        "Of max_depth, n_estimators and subsample, only n_estimators moves val_loss no more than chance.",
    ),
    ("trees", "M1 M2 M3", "Only subsample moves val_loss more than chance."),
    ("policy", "M1 M3", "minibatch matters, gamma does not."),
    ("policy", "M1 M2 M3", "Only minibatch moves val_loss more than chance."),
    ("policy", "M1 M2 M3", "Of gamma, minibatch and max_grad_norm, only gamma moves val_loss no more than chance."),
    ("language", "M1 M2 M3", "All of these three matter more than chance for val_loss."),
    ("trees", "C1 C2 C3", "The evidence is certain for only one of the three causes."),
    ("policy", "C1 C3", "The evidence is certain for the NaN cause and strong for the divergence cause."),
    ("policy", "C1 C2 C3", "Two causes are strong, and the other is certain."),
    ("policy", "C1 C2 C3", "Only the failed cause is strong."),
    ("policy", "C1 C2 C3", "All three causes are certain."),
    ("policy", "C1 C2 C3", "The failed cause is strong, the others are certain."),
    ("speech", "M1 M2", "n_layers does not matter, dropout does."),
    ("policy", "M1 M2", "max_grad_norm moves val_loss more than chance, gamma no more than chance."),
    ("policy", "M2 M3", "minibatch moves val_loss more than chance, max_grad_norm no more than chance."),
    ("digits", "L1 L2", "No rate is above its limit."),
    ("vision", "L1 L2 L3", "Not within its limit is the divergence rate."),
]


def refused(sweep: str, ids: str, text: str) -> str | None:
    return Checker(kept_facts(sweep)).refuse(ids.split(), text)


@pytest.mark.parametrize(("sweep", "ids", "text"), TRUE)
def test_what_is_so_of_all_that_are_counted_is_kept(sweep: str, ids: str, text: str) -> None:
    assert refused(sweep, ids, text) is None


@pytest.mark.parametrize(("sweep", "ids", "text"), FALSE)
def test_what_is_not_so_of_all_is_refused(sweep: str, ids: str, text: str) -> None:
    assert refused(sweep, ids, text)
