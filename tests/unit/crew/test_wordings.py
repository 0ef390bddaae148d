"""Single wordings that turn a sentence round or leave it true, each beside the fact that it is held to."""

from __future__ import annotations

import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew.grounding import Checker

DIGITS = Checker(kept_facts("digits"))
FINETUNE = Checker(kept_facts("finetune"))


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
