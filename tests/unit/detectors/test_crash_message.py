"""HP107: what failed trials said, without what differs between them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.detectors.crash_message import template_of
from hparam_ci.sources.sweep import Sweep
from tests.unit.detectors.of_the_sweep import findings, why_not

Make = Callable[..., Sweep]
OOM = "CUDA out of memory. Tried to allocate {} GiB (GPU {}; 10.76 GiB total capacity)"
SHAPES = (
    'Traceback (most recent call last):\n  File "/app/train.py", line {}, in run\n    a @ b\nValueError: shapes ({}x3)'
)


def sweep(make: Make, messages: list[str], name: str = "error", word: str = "failed") -> Sweep:
    status = [word if text else "completed" for text in messages]
    loss = ["" if text else 0.3 + i / 100 for i, text in enumerate(messages)]
    return make(lr=[f"{i + 1}e-4" for i in range(len(messages))], status=status, val_loss=loss, **{name: messages})


def test_groups_by_what_is_common(sweep_of: Make) -> None:
    texts = [
        "",
        "",
        OOM.format(2.5, 0),
        SHAPES.format(12, 4),
        OOM.format(8, 1),
        "",
        OOM.format(0.25, 3),
        SHAPES.format(7, 16),
    ]
    memory, shapes = findings(sweep(sweep_of, texts), "crash-message")
    assert memory.rows == [2, 4, 6]
    assert memory.evidence.message == (
        "CUDA out of memory. Tried to allocate … GiB (GPU …; … GiB total capacity): 3 of 5 trials that ended badly"
    )
    assert shapes.rows == [3, 7]
    assert shapes.evidence.message.startswith("ValueError: shapes (…): 2 of 5")


def test_one_text_stands_as_it_is(sweep_of: Make) -> None:
    [finding] = findings(sweep(sweep_of, ["", "KeyError: 'lamb' at 0x7f12ab", ""]), "crash-message")
    assert finding.evidence.message == "KeyError: 'lamb' at 0x7f12ab: 1 of 1 trial that ended badly"


@pytest.mark.parametrize("name", ["error", "error_message", "exception", "traceback", "fail_reason", "tags.error"])
def test_names_of_such_columns(sweep_of: Make, name: str) -> None:
    assert len(findings(sweep(sweep_of, ["", "boom", "boom", ""], name), "crash-message")) == 1


def test_what_a_good_trial_says_is_no_error(sweep_of: Make) -> None:
    cells = sweep_of(
        lr=[1, 2, 3], status=["completed"] * 3, val_loss=[0.5, 0.6, 0.7], message=["done", "", "early stop"]
    )
    assert findings(cells, "crash-message") == ()


def test_a_killed_trial_may_say_why(sweep_of: Make) -> None:
    [finding] = findings(sweep(sweep_of, ["", "preempted by 7", "preempted by 9", ""], word="killed"), "crash-message")
    assert finding.rows == [1, 2]


def test_rare_messages_share_a_line(sweep_of: Make) -> None:
    texts = ["", *[f"problem {letter}" for letter in "aabbcdef"]]
    found = findings(sweep(sweep_of, texts), "crash-message", groups=2)
    assert [len(one.rows) for one in found] == [2, 2, 4]
    assert found[-1].evidence.message == "4 other messages: 4 trials"


def test_a_long_message_is_cut(sweep_of: Make) -> None:
    [finding] = findings(sweep(sweep_of, ["", "x" * 5000]), "crash-message")
    assert len(finding.evidence.message) < 250


def test_without_failures_there_is_nothing_to_say(sweep_of: Make) -> None:
    assert findings(sweep_of(lr=[1, 2], status=["completed"] * 2, val_loss=[0.4, 0.5]), "crash-message") == ()


def test_a_commit_message_is_no_error(sweep_of: Make) -> None:
    cells = sweep_of(lr=[1, 2], status=["failed", "completed"], val_loss=["", 0.5], commit_message=["fix a", "add b"])
    assert why_not(cells, "HP107") == "no column of error messages"


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("no space on /mnt/disk1/run_3", "no space on /scratch/tmp/run_77/ckpt"),
        ("at 0x7f00aa", "at 0xdeadbeef"),
        ("worker 9c90c00a12bf died", "worker 12ab44cd9eff died"),
        ("lr=1e-05 is too small", "lr=0.5 is too small"),
        ("size [32, 10]", "size [8, 5]"),
        ("got 28x28x3", "got 32x32x1"),
        ("https://host/a/b?c=1 refused", "https://other/x refused"),
    ],
)
def test_what_differs_between_trials(a: str, b: str) -> None:
    assert template_of(a) == template_of(b)


@pytest.mark.parametrize(
    ("a", "b"), [("KeyError: 'lamb'", "KeyError: 'adam'"), ("conv1d is missing", "conv2d is missing"), ("loss", "acc")]
)
def test_what_tells_errors_apart(a: str, b: str) -> None:
    assert template_of(a) != template_of(b)


@given(st.text(max_size=400))
def test_any_text_has_a_template(text: str) -> None:
    assert len(template_of(text)) <= max(1, len(text))
    assert template_of(template_of(text)) == template_of(text) or "…" in template_of(text)
