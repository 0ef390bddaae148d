"""`hparam-ci roles`: what every column of a file was taken for, and why."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hparam_ci.commands.options import read_settings, sweeps_of
from hparam_ci.errors import EXIT_OK

if TYPE_CHECKING:
    from rich.table import Table

    from hparam_ci.sources.sweep import Reading, Sweep

STYLES = {"hyperparameter": "cyan", "metric": "green", "ignored": "dim"}


def add(commands: Any) -> None:
    """Put the command on the parser."""
    parser = commands.add_parser(
        "roles",
        allow_abbrev=False,
        help="say what every column is taken for, and why",
        description="Say what every column of a sweep is taken for, how sure that is, and why.",
    )
    parser.add_argument("file", metavar="FILE", help="a file, or the folder or database of a tool")
    parser.add_argument("--format", choices=("terminal", "json"), default="terminal", help="default: %(default)s")
    parser.add_argument("--config", metavar="FILE", default="", help="configuration file with roles of your own")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    sweeps = sweeps_of(options.file, read_settings(options))
    if options.format == "json":
        _print_json(sweeps)
    else:
        _print_tables(sweeps)
    return EXIT_OK


def _print_json(sweeps: Sequence[Sweep]) -> None:
    import json

    from hparam_ci.sources.read import columns_in_file

    columns = [
        {"name": name, "role": reading.role.value, "confidence": reading.confidence, "reason": reading.reason}
        | ({"sweep": sweep.table.path} if len(sweeps) > 1 else {})
        for sweep in sweeps
        for name, reading in columns_in_file(sweep)
    ]
    sys.stdout.write(json.dumps({"columns": columns}, indent=2) + "\n")


def _print_tables(sweeps: Sequence[Sweep]) -> None:
    from rich.console import Console
    from rich.text import Text

    from hparam_ci.report.sanitize import terminal_text
    from hparam_ci.sources.notes import notes

    console = Console(highlight=False)
    for sweep in sweeps:
        trials = f"{len(sweep):,} trial{'' if len(sweep) == 1 else 's'}"
        console.print(Text(f"{terminal_text(sweep.table.path)}: {trials}", "bold"))
        console.print(_table(sweep))
        for note in notes(sweep):
            console.print(Text(f"· {terminal_text(note)}", "dim"))
        console.print()


def _table(sweep: Sweep) -> Table:
    from rich.table import Table
    from rich.text import Text

    from hparam_ci.report.sanitize import terminal_text
    from hparam_ci.sources.read import columns_in_file

    table = Table(box=None, pad_edge=False, header_style="dim")
    for header in ("Column", "Role", "Sure", "Why"):
        table.add_column(header, overflow="fold")
    for name, reading in columns_in_file(sweep):
        style = STYLES.get(reading.role.value, "")
        role, why = _described(reading), terminal_text(reading.reason)
        table.add_row(Text(terminal_text(name)), Text(role, style), Text(reading.confidence, "dim"), Text(why, "dim"))
    return table


def _described(reading: Reading) -> str:
    """`metric: val loss ↓`, `hyperparameter`."""
    metric = reading.metric
    if metric is None:
        return reading.role.value
    arrow = {"minimize": " ↓", "maximize": " ↑", None: ""}[metric.direction]
    scale = " %" if metric.scale == "percent" else ""
    return f"{reading.role.value}: {' '.join(filter(None, (metric.split, metric.kind)))}{scale}{arrow}"
