"""Error texts: the line that says what went wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.sources.messages import LONGEST, exception_at_end, what_went_wrong

CHAINED = """Traceback (most recent call last):
  File "/app/a.py", line 3, in load
    return table[name]
KeyError: 'lamb'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/a.py", line 9, in <module>
    raise ConfigRefused("no such optimizer")
             ^^^^^^^^^^
app.ConfigRefused: no such optimizer
see the manual
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CHAINED, "app.ConfigRefused: no such optimizer"),
        ("ValueError: bad shape", "ValueError: bad shape"),
        ("first line\nsecond line", "first line"),
        ("step 3 of 5\ntorch.OutOfMemoryError: no memory\nsee the manual", "torch.OutOfMemoryError: no memory"),
        ("\x1b[31mRuntimeError: red\x1b[0m", "RuntimeError: red"),
        ("  \n ", ""),
        ("a   b\tc", "a b c"),
    ],
)
def test_what_went_wrong(text: str, expected: str) -> None:
    assert what_went_wrong(text) == expected


def test_a_log_that_ends_with_an_exception() -> None:
    assert exception_at_end("epoch 1\n" + CHAINED) == "app.ConfigRefused: no such optimizer"


def test_a_log_that_went_on_after_it() -> None:
    assert exception_at_end(CHAINED + "retrying\n" * 9) is None
    assert exception_at_end("epoch 1\nepoch 2\n") is None


@given(st.text(max_size=2000))
def test_any_text_is_one_short_line(text: str) -> None:
    said = what_went_wrong(text)
    assert len(said) <= LONGEST
    assert len(said.splitlines()) <= 1
    assert exception_at_end(text) is None or exception_at_end(text) == said
