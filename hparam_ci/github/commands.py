"""The runner's log and files: workflow commands that cannot be forged, step outputs and the job summary.

Sources: docs.github.com, "Workflow commands for GitHub Actions"; actions/runner ``ActionCommand.cs`` (what it
obeys in a line), ``ExecutionContext.cs`` (caps on annotations) and ``FileCommandManager.cs`` (files).
"""

from __future__ import annotations

import re
import secrets
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from hparam_ci.files import append

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping
    from typing import TextIO

Level = Literal["notice", "warning", "error"]

MAX_MESSAGE_CHARACTERS: Final = 4_096
MAX_ANNOTATIONS: Final = 10
MAX_SUMMARY_BYTES: Final = 1_048_576

# Controls, line separators, lone surrogates and what Unicode calls "default ignorable": bidi controls reorder
# a line, and .NET's string search, which the runner uses, looks through ignorable characters.
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_COMMAND_START: Final = re.compile(r"^(\s*):(?=:)")
_OUTPUT_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)


class RunnerFileError(OSError):
    """A file of the runner cannot be written; the result stands, so this is worth a notice and no more."""


def neutralise(text: str) -> str:
    """Return free text as one harmless line of log.

    Controls, ANSI escapes and bidi controls appear as ``\\x1b`` or ``\\u202e``; ``::`` at the start and
    ``##[`` anywhere, which the runner obeys, are broken by a space; the text is cut at 4,096 characters.
    """
    # One character more than is shown tells whether anything was cut.
    visible = _UNPRINTABLE.sub(_spell_out, text[: MAX_MESSAGE_CHARACTERS + 1])
    harmless = _COMMAND_START.sub(r"\1: ", visible).replace("##[", "## [")
    if len(harmless) <= MAX_MESSAGE_CHARACTERS:
        return harmless
    return harmless[: MAX_MESSAGE_CHARACTERS - 1] + "…"


class Log:
    """The run's log: workflow commands on Actions, plain lines elsewhere.

    Args:
        stream: where the lines go.
        on_actions: whether the runner reads them.
        verbose: show debug messages even where the runner would hide them.
    """

    def __init__(self, stream: TextIO, *, on_actions: bool, verbose: bool = False) -> None:
        self._stream = stream
        self._on_actions = on_actions
        self._verbose = verbose
        self._annotations: dict[Level, int] = {"notice": 0, "warning": 0, "error": 0}

    def info(self, message: str) -> None:
        """Write one line."""
        self._line(neutralise(message))

    def debug(self, message: str) -> None:
        """Write a line that shows in verbose logs, or once the runner's debug logging is on."""
        if self._verbose:
            self._line(f"debug: {neutralise(message)}")
        elif self._on_actions:
            self._command("debug", message)

    def notice(
        self, message: str, *, title: str | None = None, file: str | None = None, line: int | None = None
    ) -> None:
        """Write a notice; see `error`."""
        self._annotate("notice", message, title, file, line)

    def warning(
        self, message: str, *, title: str | None = None, file: str | None = None, line: int | None = None
    ) -> None:
        """Write a warning; see `error`."""
        self._annotate("warning", message, title, file, line)

    def error(
        self, message: str, *, title: str | None = None, file: str | None = None, line: int | None = None
    ) -> None:
        """Write an error annotation, or a plain line once the level has used its 10.

        Args:
            message: free text; becomes one line.
            title: heading of the annotation.
            file: path relative to the workspace.
            line: 1-based line of the file.
        """
        self._annotate("error", message, title, file, line)

    @contextmanager
    def group(self, title: str) -> Iterator[None]:
        """Fold the lines written inside under a title."""
        if self._on_actions:
            self._command("group", title)
        else:
            self._line(neutralise(title))
        try:
            yield
        finally:
            if self._on_actions:
                self._line("::endgroup::")

    def mask(self, secret: str) -> None:
        """Have the runner hide a secret in everything that follows; the runner looks line by line."""
        if self._on_actions:
            for part in re.split(r"[\r\n]+", secret):
                if part.strip():
                    self._line(f"::add-mask::{_escape_data(part)}")

    def traceback(self, error: BaseException) -> None:
        """Write where an error came from, for verbose logs alone."""
        import traceback

        for line in "".join(traceback.format_exception(error)).splitlines():
            self.debug(line)

    def finish(self) -> None:
        """Say how many messages found no room among the annotations."""
        for level, count in self._annotations.items():
            if self._on_actions and count > MAX_ANNOTATIONS:
                plural = f"{level}s"
                self._line(
                    f"{count - MAX_ANNOTATIONS} of {count} {plural} are in this log only: "
                    f"GitHub shows {MAX_ANNOTATIONS} annotations of a level per step."
                )

    def _annotate(self, level: Level, message: str, title: str | None, file: str | None, line: int | None) -> None:
        self._annotations[level] += 1
        if not self._on_actions or self._annotations[level] > MAX_ANNOTATIONS:
            self._line(_plain(level, message, title, file, line))
            return
        given = {"title": title, "file": file, "line": None if line is None else str(line)}
        properties = ",".join(f"{name}={_escape_property(neutralise(value))}" for name, value in given.items() if value)
        self._command(f"{level} {properties}" if properties else level, message)

    def _command(self, command: str, message: str) -> None:
        self._line(f"::{command}::{_escape_data(neutralise(message))}")

    def _line(self, line: str) -> None:
        with suppress(OSError, ValueError):  # a full disk, a closed pipe: the log says less, the run goes on
            self._stream.write(f"{line}\n")
            self._stream.flush()


def write_outputs(path: str | os.PathLike[str], outputs: Mapping[str, str]) -> None:
    """Append step outputs to the file named by ``GITHUB_OUTPUT``.

    Each value stands between two lines that hold a fresh random delimiter, so no value can end early or
    define another output; line breaks in values are kept.

    Raises:
        ValueError: a name is not one, or a value holds its delimiter. Nothing has been written.
        RunnerFileError: the file cannot be written.
    """
    _append(path, "".join(_heredoc(name, value) for name, value in outputs.items()))


def write_summary(path: str | os.PathLike[str], markdown: str) -> None:
    """Append to the job summary, the file named by ``GITHUB_STEP_SUMMARY``.

    Raises:
        RunnerFileError: the file cannot be written, or it would exceed 1,048,576 bytes: one byte more, and
            the runner drops the whole summary.
    """
    size = len(_encode(markdown)) + _size(path)
    if size > MAX_SUMMARY_BYTES:
        raise RunnerFileError(f"the job summary would be {size} bytes; the runner takes {MAX_SUMMARY_BYTES}")
    _append(path, markdown)


def _spell_out(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")


def _plain(level: Level, message: str, title: str | None, file: str | None, line: int | None) -> str:
    place = "" if file is None else f" [{file}]" if line is None else f" [{file}:{line}]"
    heading = f"{title}: " if title else ""
    return neutralise(f"{level}{place}: {heading}{message}")


def _heredoc(name: str, value: str) -> str:
    if not _OUTPUT_NAME.fullmatch(name):
        raise ValueError(f"not the name of an output: {name!r}")
    delimiter = secrets.token_hex(16)
    if delimiter in value:
        raise ValueError(f"the value of the output {name!r} holds its random delimiter")
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def _append(path: str | os.PathLike[str], text: str) -> None:
    try:
        append(path, _encode(text))
    except OSError as error:
        raise RunnerFileError(f"cannot write {path}: {error.strerror or type(error).__name__}") from error


def _size(path: str | os.PathLike[str]) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


def _encode(text: str) -> bytes:
    # Names of files can hold bytes that are not UTF-8; Python reads them as lone surrogates.
    return text.encode("utf-8", "replace")
