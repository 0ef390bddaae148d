"""Errors that are the user's to mend: one message that says what, where, what is allowed and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import NoReturn

EXIT_OK = 0
EXIT_GATE = 1
EXIT_USAGE = 2
EXIT_INTERNAL = 3


class UserError(Exception):
    """Bad input from outside; its text is shown as it is, without a traceback."""


class SettingsError(UserError):
    """An option, input or configuration value that cannot be used (exit code 2)."""


class SourceError(UserError):
    """A file that cannot be inspected; the other files still are.

    Args:
        path: the file, relative to the workspace.
        what: what is wrong, with the place where it was seen.
        fix: what the user can do about it.
    """

    def __init__(self, path: str, what: str, fix: str) -> None:
        super().__init__(f"{path}: {what}. {fix}")
        self.path = path
        self.what = what
        self.fix = fix


def unknown(name: str, allowed: Sequence[str], where: str) -> NoReturn:
    """Raise for a name that does not exist, with the nearest one that does."""
    near = nearest(name, allowed)
    hint = f"did you mean {near!r}?" if near else f"allowed: {', '.join(allowed)}."
    raise SettingsError(f"{where}: unknown option {name[:80]!r}; {hint}")


def nearest(name: str, allowed: Sequence[str]) -> str | None:
    """The name that was probably meant, whatever the case; None where none is near."""
    by_lower = {one.lower(): one for one in allowed}
    near = difflib.get_close_matches(name[:80].lower(), list(by_lower), n=1)
    return by_lower[near[0]] if near else None
