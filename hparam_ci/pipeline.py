"""From files to the Inspection: read, understand, detect, attribute, advise, judge. Pure but for reading the files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from hparam_ci import __version__
from hparam_ci.baseline import compare, read_result, regressions
from hparam_ci.causes.attribution import Attribution, attribute
from hparam_ci.detectors.run import DEBUG, IssueTable, detect
from hparam_ci.errors import SettingsError, SourceError
from hparam_ci.gate import decide
from hparam_ci.inspection import (
    SCHEMA_VERSION,
    Inspection,
    PatternMatch,
    Skipped,
    SweepResult,
)
from hparam_ci.options import DEFAULT_PATTERN
from hparam_ci.paths import locate
from hparam_ci.results import Ids, result_of
from hparam_ci.selection import selection_for
from hparam_ci.settings import LEGACY_FILE, LEGACY_VARIABLE, Settings
from hparam_ci.side_by_side import Finish, inspected, inspected_here, pays
from hparam_ci.sources.address import shown_address, split_address
from hparam_ci.sources.discovery import Discovery, find
from hparam_ci.sources.discovery import PatternMatch as Matched
from hparam_ci.sources.given import is_frame, sweep_of_frame
from hparam_ci.sources.open import is_store
from hparam_ci.sources.read import read_address, read_sweeps, why_no_sweep
from hparam_ci.sources.sweep import Sweep

if TYPE_CHECKING:
    import pandas as pd

WILDCARDS = frozenset("*?[")

Progress = Callable[[int, int, str], None]
Files = Sequence[str | Path] | str | Path


def inspect(
    files: Files | pd.DataFrame | None = None,
    settings: Settings | None = None,
    *,
    root: Path | str | None = None,
    progress: Progress | None = None,
    side_by_side: bool = False,
) -> Inspection:
    """Inspect a data frame, or the sweeps that paths and patterns name.

    Args:
        files: a data frame with a row a trial (in which NaN is a cell without a value); or paths, globs below `root`, a
            leading `!` excludes, or addresses such as `mlflow:http://host`; default: those of the settings, else
            `results.csv`, else every table and store that is known by its name.
        settings: options; the defaults if not given.
        root: the workspace; nothing outside it is read. Without one paths may lead anywhere.
        progress: called before each file with its number from 0, how many there are, and its path.
        side_by_side: use all cores, by a process a file, where that pays; the result is the same. Only for programs
            that may be forked: with no threads of their own.

    Returns:
        The inspection. Files that cannot be read are in `skipped` with the reason.

    Raises:
        SettingsError: a pattern that cannot be used.
    """
    settings = settings or Settings()
    if files is not None and is_frame(files):
        return _of_frame(cast("pd.DataFrame", files), settings)
    named_files = [files] if isinstance(files, (str, Path)) else list(cast("Iterable[str | Path]", files or ()))
    asked = [str(file) for file in named_files]
    if root is None:
        root, asked = locate(asked)
    root = Path(root)
    patterns = _patterns(asked, settings, root)
    addresses = [pattern for pattern in patterns if split_address(pattern)]
    found = _find([pattern for pattern in patterns if pattern not in addresses], root, settings, addresses)
    named = {pattern for pattern in patterns if not WILDCARDS & set(pattern)}
    sweeps: list[SweepResult] = []
    skipped = _not_opened(found)
    sources = [*(path.as_posix() for path in found.files), *addresses]

    def begin(source: str) -> Finish[SweepResult | Skipped]:
        return _begun(source, root, settings, named=source in named)

    in_turn = inspected if side_by_side and not addresses and pays(root, found.files) else inspected_here
    turns = in_turn(sources, begin, Counter())
    for number, source in enumerate(sources):
        if progress:
            progress(number, len(sources), shown_address(source))
        for outcome in next(turns) or [_failed(source, MemoryError())]:
            if isinstance(outcome, Skipped):
                skipped.append(outcome)
            else:
                sweeps.append(outcome)
    matches = tuple(PatternMatch(pattern=match.pattern, matches=match.matches) for match in found.patterns)
    return _judged(sweeps, skipped, matches, settings)


def _of_frame(frame: pd.DataFrame, settings: Settings) -> Inspection:
    opened = _opened(sweep_of_frame(frame, settings.columns), settings, named=True)
    if isinstance(opened, Skipped):
        return _judged([], [opened], (), settings)
    result = result_of(opened.issues, opened.attribution, settings, Ids(Counter()))
    return _judged([result], [], (), settings)


def _judged(
    sweeps: Sequence[SweepResult], skipped: Sequence[Skipped], patterns: tuple[PatternMatch, ...], settings: Settings
) -> Inspection:
    rates = [rate for sweep in sweeps for rate in sweep.rates]
    return Inspection(
        schema_version=SCHEMA_VERSION,
        version=__version__,
        title=settings.title,
        gate=decide(rates, sum(sweep.trials for sweep in sweeps), skipped, settings),
        sweeps=tuple(sweeps),
        skipped=tuple(skipped),
        patterns=patterns,
    )


def against(inspection: Inspection, baseline: Inspection, name: str, settings: Settings) -> Inspection:
    """The inspection with what changed against a baseline, and the gate that takes that into account.

    Args:
        inspection: of the sweeps now.
        baseline: of the same sweeps before.
        name: what the baseline is, in words.
        settings: those of the inspection.
    """
    comparison = compare(inspection.sweeps, baseline, name, settings)
    rates = [rate for sweep in inspection.sweeps for rate in sweep.rates]
    reasons = regressions(comparison, settings)
    gate = decide(rates, inspection.trials, inspection.skipped, settings, reasons)
    return msgspec.structs.replace(inspection, comparison=comparison, gate=gate)


def read_baseline(name: str, settings: Settings, root: Path | str = ".") -> Inspection:
    """A baseline from a file below the workspace: an earlier result as JSON, or a sweep, which is inspected.

    Raises:
        SettingsError: it does not exist, leads out of the workspace, or holds neither.
    """
    path = Path(root) / name
    if not path.resolve().is_relative_to(Path(root).resolve()) or not path.exists():
        raise SettingsError(f"baseline_file: {name!r} does not exist in the workspace.")
    if path.suffix == ".json":
        if path.stat().st_size > settings.max_file_size_mb * 1024 * 1024:
            raise SettingsError(f"baseline_file: {name!r} is larger than max_file_size_mb allows.")
        return read_result(path, name)
    baseline = inspect([name], settings, root=root)
    if not baseline.sweeps:
        reasons = [file.reason for file in baseline.skipped] or ["no sweep was found there"]
        raise SettingsError(f"baseline_file: {name!r} cannot be inspected: {reasons[0]}.")
    return baseline


def _patterns(files: Sequence[str], settings: Settings, root: Path) -> list[str]:
    if files:
        return list(files)
    if settings.files:
        return list(settings.files)
    if legacy := os.environ.get(LEGACY_VARIABLE, "").strip():
        return [legacy]
    return [LEGACY_FILE] if (root / LEGACY_FILE).is_file() else [DEFAULT_PATTERN]


def _find(patterns: Sequence[str], root: Path, settings: Settings, addresses: Sequence[str]) -> Discovery:
    """The files that the patterns name, and each address as a pattern that matched."""
    found = Discovery((), (), ())
    if patterns or not addresses:
        found = find(
            patterns,
            root,
            max_files=settings.max_files,
            max_file_bytes=settings.max_file_size_mb * 1024 * 1024,
            is_store=is_store,
        )
    matched = tuple(Matched(shown_address(address), 1) for address in addresses)
    return replace(found, patterns=(*found.patterns, *matched))


def _not_opened(found: Discovery) -> list[Skipped]:
    return [Skipped(path=item.path, reason=item.reason, kind=item.kind) for item in found.skipped]


# --- one file -------------------------------------------------------------------------------------


UNPACKED = 4
"""How many times the largest file an archive may unpack to."""
NO_THREAD = "can't start new thread"
"""What Python says where there is no memory for the stack of one."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """A sweep with what was found in it, before anything has an id."""

    issues: IssueTable
    attribution: Attribution


def _begun(source: str, root: Path, settings: Settings, *, named: bool) -> Finish[SweepResult | Skipped]:
    """The long part of one file, folder or address; what is left gives its facts their ids."""
    try:
        opened = [_opened(sweep, settings, named=named) for sweep in _sweeps_of(source, root, settings)]
    except Exception as error:  # noqa: BLE001 - see _failed
        failed = _failed(source, error)
        return lambda ids: ([failed], ids)

    def finish(last: Counter[str]) -> tuple[list[SweepResult | Skipped], Counter[str]]:
        ids = Ids(last)
        try:
            return [
                one if isinstance(one, Skipped) else result_of(one.issues, one.attribution, settings, ids)
                for one in opened
            ], ids.last
        except Exception as error:  # noqa: BLE001 - see _failed
            return [_failed(source, error)], last

    return finish


def _sweeps_of(source: str, root: Path, settings: Settings) -> list[Sweep]:
    if split_address(source):
        return read_address(source, settings.columns)
    most = UNPACKED * settings.max_file_size_mb * 1024 * 1024
    return read_sweeps(Path(source), root, settings.columns, max_unpacked=most)


def _failed(source: str, error: Exception) -> Skipped:
    """What cannot be read. The last line of defence: an error of ours, or too little memory, costs this file alone."""
    if isinstance(error, SourceError):
        reason = f"{error.what}. {error.fix}"
    elif isinstance(error, MemoryError) or NO_THREAD in str(error):
        reason = "more memory than there is would be needed. Split the file, or export fewer columns."
    elif os.environ.get(DEBUG):
        raise error
    else:
        reason = f"internal error: {type(error).__name__}: {str(error)[:200]}. Please report it."
    return Skipped(path=shown_address(source), reason=reason, kind="unreadable")


def _opened(sweep: Sweep, settings: Settings, *, named: bool) -> _Opened | Skipped:
    path = sweep.table.path
    if not len(sweep):
        return Skipped(path=path, reason="a header without any trial below it", kind="empty")
    if reason := why_no_sweep(sweep):
        is_chart = reason.startswith("a chart")
        return Skipped(path=path, reason=reason, kind="empty" if named and not is_chart else "not_a_sweep")
    issues = detect(sweep, selection_for(path, settings.detectors))
    return _Opened(issues, attribute(issues))
