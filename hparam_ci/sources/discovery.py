"""Find the files that glob patterns name: inside the workspace, following no link, and in a fixed order."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from fnmatch import translate
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from hparam_ci.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    States = frozenset[int]
    AllStates = list[list[States]]

NEVER_ENTERED = ".git"
PRUNED = frozenset(("node_modules", "site-packages", "__pycache__"))
"""Folders that `**` at the start of a pattern does not enter, as it does not enter those with a leading dot."""

READABLE = ("csv", "tsv", "csv.gz", "tsv.gz", "jsonl", "ndjson", "parquet", "db", "sqlite", "sqlite3")
"""Endings of the files that a folder's name stands for."""

DATABASES = (".db", ".sqlite", ".sqlite3")

_ANY_DEPTH = "**"
_BRACES = re.compile(r"\{([^{}/\[\]]*,[^{}/\[\]]*)\}")


@dataclass(frozen=True, slots=True)
class PatternMatch:
    """How many regular files a pattern matched, before exclusions and limits."""

    pattern: str
    matches: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that a pattern named and that is not read; `path` is relative to the workspace."""

    path: str
    reason: str
    kind: Literal["unreadable", "over_cap", "refused"] = "refused"


@dataclass(frozen=True, slots=True)
class Discovery:
    """What the patterns found.

    Attributes:
        files: relative to the workspace, sorted folder by folder.
        patterns: in the order given.
        skipped: sorted by path.
    """

    files: tuple[Path, ...]
    patterns: tuple[PatternMatch, ...]
    skipped: tuple[Skipped, ...]


def find(
    patterns: Sequence[str],
    root: Path,
    *,
    max_files: int,
    max_file_bytes: int,
    is_store: Callable[[Path], bool] = lambda _: False,
) -> Discovery:
    """Find the regular files below `root` that some pattern names and no `!pattern` excludes.

    A pattern is a path relative to `root` in which `*` and `?` stand for characters of a name, `[ab]` for one of
    these and `[!ab]` for one of the others, `{a,b}` for either, and `**` as a whole name for any number of folders,
    none included. One without a slash names files in `root` itself. One that names a folder stands for all files below
    it whose endings say that they can be read, or with `!` for everything below it. Upper and lower case differ.

    A folder that is the store of a tool counts as one file wherever a folder's name or a leading `**` leads into it,
    and a database that no tool wrote is left out unless it is named.

    No symbolic link is followed and `.git` is never entered. A pattern that starts with `**` does not enter
    folders with a leading dot, `node_modules`, `site-packages` and `__pycache__` unless it has them by name.

    Args:
        patterns: one pattern each, or several on lines of their own.
        root: the workspace.
        max_files: the first so many files are kept; the others are skipped.
        max_file_bytes: larger files are skipped.
        is_store: whether a file or folder is the store of a known tool.

    Raises:
        SettingsError: no pattern at all, one that leads out of the workspace, or no such workspace.
    """
    parsed = [_parse(line.strip()) for pattern in patterns for line in pattern.split("\n") if line.strip()]
    if all(pattern.excludes for pattern in parsed):
        raise SettingsError("no file pattern given: name at least one, for example `results/**/*.csv`")
    if not root.is_dir():
        raise SettingsError(f"the workspace `{root}` is no folder")
    walk = _Walk(parsed, max_file_bytes, is_store)
    walk.run(root)
    files = sorted(walk.files, key=lambda file: file.parts)
    over = [Skipped(str(file), f"more than {max_files:,} files", "over_cap") for file in files[max_files:]]
    return Discovery(
        tuple(map(Path, files[:max_files])),
        tuple(PatternMatch(pattern.text, pattern.matches) for pattern in parsed),
        tuple(sorted((*walk.skipped, *over), key=lambda skipped: skipped.path)),
    )


@dataclass(slots=True)
class _Pattern:
    """A pattern as given, and the paths that it stands for."""

    text: str
    excludes: bool
    paths: list[_Names]
    opens_stores: bool
    matches: int = 0


@dataclass(frozen=True, slots=True)
class _Names:
    """The names that make up a path, one pattern for each; None is `**`.

    A state is how many of them the names seen so far have used up; as `**` leaves a choice, there can be several.
    """

    names: tuple[re.Pattern[str] | None, ...]
    literal: frozenset[str]
    prunes: bool

    def start(self) -> States:
        return self._past_empty({0})

    def step(self, states: States, name: str, *, is_folder: bool) -> States:
        """The states after one more name."""
        if is_folder and self.prunes and _is_pruned(name) and name not in self.literal:
            return frozenset()
        after = set()
        for state in states - {len(self.names)}:
            pattern = self.names[state]
            if pattern is None:
                after.add(state)
            elif pattern.match(name):
                after.add(state + 1)
        return self._past_empty(after)

    def _past_empty(self, states: set[int]) -> States:
        """With the states in which a `**` stands for no folder."""
        for state, pattern in enumerate(self.names):
            if pattern is None and state in states:
                states.add(state + 1)
        return frozenset(states)

    def accepts(self, states: States) -> bool:
        return len(self.names) in states

    def goes_on(self, states: States) -> bool:
        return bool(states - {len(self.names)})


def _is_pruned(folder: str) -> bool:
    return folder.startswith(".") or folder in PRUNED


def _parse(text: str) -> _Pattern:
    excludes = text.startswith("!")
    path = text.removeprefix("!").strip()
    names = [name for name in path.split("/") if name not in ("", ".")]
    _refuse_outside(text, path, names)
    below = [[_ANY_DEPTH, "*"]] if excludes else [[_ANY_DEPTH, f"*.{ending}"] for ending in READABLE]
    opens = names[:1] == [_ANY_DEPTH]
    if path.endswith("/") or not names:
        paths, opens = [names + each for each in below], True
    elif _is_literal(path):
        paths, opens = [names, *(names + each for each in below)], True
    else:
        paths = [[*each, "*"] if each[-1] == _ANY_DEPTH else each for each in _alternatives(names)]
    return _Pattern(text, excludes, [_compile(each, excludes=excludes) for each in paths], opens and not excludes)


def _alternatives(names: list[str]) -> list[list[str]]:
    """The paths that `{a,b}` in a name stands for."""
    for place, name in enumerate(names):
        if match := _BRACES.search(name):
            swapped = (name[: match.start()] + each + name[match.end() :] for each in match[1].split(","))
            return [path for each in swapped for path in _alternatives([*names[:place], each, *names[place + 1 :]])]
    return [names]


def _refuse_outside(text: str, path: str, names: list[str]) -> None:
    if not path:
        what = "is empty"
    elif path.startswith(("/", "~")) or re.match("[A-Za-z]:/", path):
        what = "is an absolute path"
    elif ".." in names:
        what = "has a `..` in it"
    elif "\\" in path:
        what = "has a backslash in it"
    elif "\0" in path:
        what = "has a NUL character in it"
    else:
        return
    raise SettingsError(
        f"the file pattern `{text}` {what}: give a path inside the workspace, relative to it and with forward "
        "slashes, for example `results/**/*.csv`"
    )


def _is_literal(path: str) -> bool:
    return not (re.search(r"[*?[]", path) or _BRACES.search(path))


def _compile(names: Sequence[str], *, excludes: bool) -> _Names:
    compiled = [None if name == _ANY_DEPTH else re.compile(translate(name)) for name in names]
    literal = frozenset(filter(_is_literal, names))
    return _Names(tuple(compiled), literal, prunes=not excludes and names[0] == _ANY_DEPTH)


class _Walk:
    """One pass over the folders that some pattern can reach into."""

    def __init__(self, patterns: Sequence[_Pattern], max_file_bytes: int, is_store: Callable[[Path], bool]) -> None:
        self.files: list[PurePosixPath] = []
        self.skipped: list[Skipped] = []
        self._limit = max_file_bytes
        self._patterns = patterns
        self._is_store = is_store

    def run(self, root: Path) -> None:
        folders = [(root, PurePosixPath(), [[names.start() for names in pattern.paths] for pattern in self._patterns])]
        while folders:
            folders.extend(self._visit(*folders.pop()))

    def _visit(
        self, folder: Path, shown: PurePosixPath, before: AllStates
    ) -> Iterator[tuple[Path, PurePosixPath, AllStates]]:
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self._skip(shown, f"cannot be read: {error.strerror}", "unreadable")
            return
        for entry in found:
            is_folder = _is_folder(entry)
            after = self._step(before, entry.name, is_folder=is_folder)
            if not is_folder:
                self._judge(entry, shown / entry.name, after)
            elif entry.name != NEVER_ENTERED and self._goes_on(after):
                if entry.is_symlink():
                    self._skip(shown / entry.name, "symbolic link to a folder, not followed")
                elif openers := self._openers(after, Path(entry.path)):
                    self._keep_store(shown / entry.name, openers, after)
                else:
                    yield Path(entry.path), shown / entry.name, after

    def _openers(self, after: AllStates, folder: Path) -> list[_Pattern]:
        """The patterns that take a folder as one file, if it is the store of a tool."""
        openers = [
            pattern
            for pattern, states in zip(self._patterns, after, strict=True)
            if pattern.opens_stores and any(n.goes_on(each) for n, each in zip(pattern.paths, states, strict=True))
        ]
        return openers if openers and self._is_store(folder) else []

    def _keep_store(self, shown: PurePosixPath, openers: Sequence[_Pattern], after: AllStates) -> None:
        if any(pattern.excludes for pattern in self._hits(after)):
            return
        for pattern in openers:
            pattern.matches += 1
        self.files.append(shown)

    def _hits(self, after: AllStates) -> list[_Pattern]:
        """The patterns that name what the states have led to."""
        return [
            pattern
            for pattern, states in zip(self._patterns, after, strict=True)
            if any(names.accepts(each) for names, each in zip(pattern.paths, states, strict=True))
        ]

    def _judge(self, entry: os.DirEntry[str], shown: PurePosixPath, after: AllStates) -> None:
        """Keep a file that the patterns name, or say why not."""
        hits = self._hits(after)
        if all(pattern.excludes for pattern in hits):
            return
        excluded = any(pattern.excludes for pattern in hits)
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            self._skip(shown, f"cannot be read: {error.strerror}", "unreadable")
            return
        if stat.S_ISREG(status.st_mode):
            for pattern in hits:
                pattern.matches += 1
        if excluded:
            return
        if reason := _why_not(shown, status):
            self._skip(shown, reason)
        elif self._is_foreign(entry, shown, hits):
            self._skip(shown, "a database that no known tool wrote")
        elif status.st_size > self._limit:
            self._skip(shown, f"{status.st_size:,} bytes, the limit is {self._limit:,}", "over_cap")
        else:
            self.files.append(shown)

    def _is_foreign(self, entry: os.DirEntry[str], shown: PurePosixPath, hits: Sequence[_Pattern]) -> bool:
        named = any(PurePosixPath(pattern.text) == shown for pattern in hits)
        return entry.name.endswith(DATABASES) and not named and not self._is_store(Path(entry.path))

    def _step(self, before: AllStates, name: str, *, is_folder: bool) -> AllStates:
        return [
            [names.step(each, name, is_folder=is_folder) for names, each in zip(pattern.paths, states, strict=True)]
            for pattern, states in zip(self._patterns, before, strict=True)
        ]

    def _goes_on(self, after: AllStates) -> bool:
        return any(
            names.goes_on(each)
            for pattern, states in zip(self._patterns, after, strict=True)
            for names, each in zip(pattern.paths, states, strict=True)
            if not pattern.excludes
        )

    def _skip(
        self,
        shown: PurePosixPath,
        reason: str,
        kind: Literal["unreadable", "over_cap", "refused"] = "refused",
    ) -> None:
        path = str(shown).encode(errors="backslashreplace").decode()
        self.skipped.append(Skipped(path, reason, kind))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Also of a link to one; what cannot be looked at is none."""
    try:
        folder: bool = entry.is_dir()
    except OSError:
        return False
    return folder


def _why_not(shown: PurePosixPath, status: os.stat_result) -> str | None:
    """Why a file is refused whatever its size, if so."""
    if stat.S_ISLNK(status.st_mode):
        return "symbolic link, not followed"
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if not _is_utf8(str(shown)):
        return "its name is not UTF-8"
    return None


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
