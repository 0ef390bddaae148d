"""`hparam-ci next`: where to search next, for a person or for a tool."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hparam_ci.commands.options import read_settings, sweep_named, write_file
from hparam_ci.errors import EXIT_OK, UserError

if TYPE_CHECKING:
    from hparam_ci.inspection import SweepResult

FORMATS = ("terminal", "wandb", "optuna", "ray", "keras-tuner", "json")


def add(commands: Any) -> None:
    """Put the command on the parser."""
    parser = commands.add_parser(
        "next",
        allow_abbrev=False,
        help="propose the search space of the next sweep",
        description="Propose the search space of the next sweep: sick regions cut out, ranges narrowed to where the "
        "best trials lie or extended past an end; as a table, or as code for a tool.",
        epilog="Example: hparam-ci next results.csv --format optuna -o space.py",
    )
    parser.add_argument("file", metavar="FILE", help="a file, or the folder, database or address of a tool")
    parser.add_argument("--format", choices=FORMATS, default="terminal", help="default: %(default)s")
    parser.add_argument("--sweep", metavar="NAME", help="which sweep, where the file holds several")
    parser.add_argument("-o", "--output", metavar="FILE", help="write there instead of to the terminal")
    parser.add_argument("--config", metavar="FILE", default="", help="configuration file")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from hparam_ci.paths import locate
    from hparam_ci.pipeline import inspect

    root, patterns = locate([options.file])
    found = inspect(patterns, read_settings(options), root=root)
    if not found.sweeps:
        why = f" ({found.skipped[0].reason})" if found.skipped else ""
        raise UserError(f"{options.file}: no sweep was found there{why}. Name a file with one row a trial.")
    sweep = sweep_named(found.sweeps, options.sweep, f"{options.file} holds", "with --sweep")
    if sweep.next_space is None or not sweep.next_space.dimensions:
        raise UserError(f"{sweep.path}: no hyperparameter has a value there; see `hparam-ci roles`.")
    if options.format == "terminal" and not options.output:
        from rich.console import Console

        from hparam_ci.report.terminal_space import show_space

        show_space(sweep, Console(highlight=False))
        return EXIT_OK
    _write(_text(sweep, options.format), options.output)
    return EXIT_OK


def _text(sweep: SweepResult, form: str) -> str:
    from hparam_ci.advice.exports import export

    if form == "terminal":
        import io

        from rich.console import Console

        from hparam_ci.report.terminal_space import show_space

        text = io.StringIO()
        show_space(sweep, Console(file=text, width=120, highlight=False))
        return text.getvalue()
    assert sweep.next_space is not None
    return export(sweep.next_space, form)


def _write(text: str, output: str | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    write_file(Path(output), text.encode())
