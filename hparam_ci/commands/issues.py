"""`hparam-ci issues`: every issue of a file, as a table, as CSV or as JSON, none left out."""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from hparam_ci.commands.options import add_option, opened, read_settings, sweeps_of
from hparam_ci.errors import EXIT_OK, UserError
from hparam_ci.options import BY_NAME

if TYPE_CHECKING:
    from hparam_ci.detectors.detector import Detector, Evidence
    from hparam_ci.detectors.run import IssueTable

    Wanted = Callable[[Detector], bool]

COLUMNS = ("trial_id", "line", "code", "name", "severity", "column", "value", "limit", "message")
MOST_ROWS = 500  # of the table on a terminal


@dataclass(frozen=True, slots=True)
class Row:
    """One issue, or one finding on the sweep, which has neither trial nor line."""

    trial_id: str
    line: int | None
    code: str
    name: str
    severity: str
    column: str
    value: str
    limit: str
    message: str

    def cells(self) -> list[Any]:
        """In the order of COLUMNS."""
        return [getattr(self, name) for name in COLUMNS]


def add(commands: Any) -> None:
    """Put the command on the parser."""
    parser = commands.add_parser(
        "issues",
        allow_abbrev=False,
        help="list every issue of a file",
        description="List every issue of a sweep: errors first, then by code, and of each detector the worst first. "
        "What detectors say of the sweep as a whole has neither trial nor line. The gate has no say here.",
        epilog="Example: hparam-ci issues sweep.csv --format csv --select HP1 > died.csv",
    )
    parser.add_argument("file", metavar="FILE", help="a file, the folder or database of a tool, or an address")
    parser.add_argument("--format", choices=tuple(FORMS), default="terminal", help="default: %(default)s")
    parser.add_argument("-o", "--output", metavar="FILE", help="write the list there instead of to the terminal")
    for name in ("config", "select", "ignore"):
        add_option(parser, BY_NAME[name])
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    found = _detected(options)
    for table in found:
        for code, reason in table.broken.items():
            sys.stderr.write(f"hparam-ci: {code} did not look at {ascii(table.sweep.table.path)[1:-1]}: {reason}\n")
    with _opened(options.output) as file:
        FORMS[options.format](found, file)
    return EXIT_OK


def _detected(options: argparse.Namespace) -> list[IssueTable]:
    from hparam_ci.detectors.run import detect
    from hparam_ci.selection import selection_for
    from hparam_ci.sources.read import why_no_sweep

    settings = read_settings(options)
    sweeps = sweeps_of(options.file, settings)
    reasons = [why_no_sweep(sweep) for sweep in sweeps]
    if sweeps and all(reasons):
        raise UserError(f"{options.file}: {reasons[0]}.")
    return [
        detect(sweep, selection_for(sweep.table.path, settings.detectors))
        for sweep, reason in zip(sweeps, reasons, strict=True)
        if not reason
    ]


@contextlib.contextmanager
def _opened(output: str | None) -> Iterator[TextIO]:
    if not output:
        yield sys.stdout
        return
    with opened(Path(output)) as file:
        text = io.TextIOWrapper(file, "utf-8", errors="replace", newline="")
        yield text
        text.flush()
        text.detach()


# --- rows -----------------------------------------------------------------------------------------


def rows(table: IssueTable, wanted: Wanted = lambda _: True) -> Iterator[Row]:
    """Every issue and finding: errors, warnings, notices; then by code; of each detector the worst first.

    Args:
        table: what the detectors saw.
        wanted: whether to list what a detector found.
    """
    from hparam_ci.detectors.registry import all_detectors
    from hparam_ci.selection import SEVERITIES

    detectors = sorted(filter(wanted, all_detectors()), key=lambda d: SEVERITIES.index(table.severity(d)))
    for detector in detectors:
        if detector.code in table.found:
            for finding in table.found[detector.code].findings:
                yield _row(detector, table, "", None, finding.evidence)
        elif detector.code in table.seen:
            ids, lines = table.sweep.trial_ids, table.sweep.table.lines
            for row in table.seen[detector.code].worst_first():
                yield _row(detector, table, ids[row], int(lines[row]), table.evidence(detector.code, row))


def _row(detector: Detector, table: IssueTable, trial: str, line: int | None, evidence: Evidence) -> Row:
    return Row(
        trial_id=trial,
        line=line,
        code=detector.code,
        name=detector.name,
        severity=table.severity(detector),
        column=evidence.column,
        value=evidence.value,
        limit=evidence.limit,
        message=evidence.message,
    )


# --- forms ----------------------------------------------------------------------------------------


def _write_csv(found: Sequence[IssueTable], file: TextIO) -> None:
    """With a last column `sweep` where the file holds several."""
    from hparam_ci.report.sanitize import csv_text

    writer = csv.writer(file, lineterminator="\n")
    several = len(found) > 1
    writer.writerow([*COLUMNS, *(["sweep"] if several else [])])
    for table in found:
        last = [table.sweep.table.path] if several else []
        writer.writerows(
            [csv_text(cell) if isinstance(cell, str) else cell for cell in [*row.cells(), *last]] for row in rows(table)
        )


def _write_json(found: Sequence[IssueTable], file: TextIO) -> None:
    """One object a line, so that it can be written and read as a stream; trial and line of a finding are null."""
    import msgspec

    encode = msgspec.json.Encoder().encode
    between = "\n"
    file.write('{"issues": [')
    for table in found:
        last = {"sweep": table.sweep.table.path} if len(found) > 1 else {}
        for row in rows(table):
            values = dict(zip(COLUMNS, row.cells(), strict=True)) | last
            values["trial_id"] = row.trial_id if row.line is not None else None
            file.write(f"{between}{encode(values).decode()}")
            between = ",\n"
    file.write("\n]}\n")


def _write_table(found: Sequence[IssueTable], file: TextIO) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from hparam_ci.report.sanitize import terminal_text

    console = Console(file=file, highlight=False, width=None if file.isatty() else 160)
    for issues in found:
        grid = Table(box=None, pad_edge=False, header_style="dim")
        for header in ("Trial", "Line", "Code", "Severity"):
            grid.add_column(header, no_wrap=True, justify="right" if header == "Line" else "left")
        for header in ("Limit", "What"):
            grid.add_column(header, overflow="fold")
        for row in islice(rows(issues), MOST_ROWS):
            texts = (row.trial_id or "the sweep", str(row.line or ""), row.code, row.severity, row.limit, row.message)
            grid.add_row(*(Text(terminal_text(text) if text else "") for text in texts))
        number = total(issues)
        counted = f"{number:,} issue{'' if number == 1 else 's'}" if number else "no issue found"
        console.print(Text(f"{terminal_text(issues.sweep.table.path)}: {counted}", "bold"))
        if number:
            console.print(grid)
        if number > MOST_ROWS:
            console.print(Text(f"{MOST_ROWS} of {number:,} shown; --format csv lists all", "dim"))
        for line in unseen(issues):
            console.print(Text(f"not checked: {terminal_text(line)}", "dim"))
        console.print()


def total(table: IssueTable, wanted: Wanted = lambda _: True) -> int:
    """How many rows there are."""
    from hparam_ci.detectors.registry import all_detectors

    codes = {detector.code for detector in filter(wanted, all_detectors())}
    flagged = sum(int(seen.flagged.sum()) for code, seen in table.seen.items() if code in codes)
    return flagged + sum(len(seen.findings) for code, seen in table.found.items() if code in codes)


def unseen(table: IssueTable, wanted: Wanted = lambda _: True) -> Iterator[str]:
    """One line for each reason why detectors did not look, with their codes."""
    from hparam_ci.detectors.registry import all_detectors

    reasons: dict[str, list[str]] = {}
    for detector in filter(wanted, all_detectors()):
        if reason := table.why_not(detector.code):
            reasons.setdefault(reason, []).append(detector.code)
    yield from (f"{', '.join(codes)}: {reason}" for reason, codes in reasons.items())


FORMS = {"terminal": _write_table, "csv": _write_csv, "json": _write_json}
