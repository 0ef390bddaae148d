"""`hparam-ci rules` and `hparam-ci explain`: the detectors, and the page of one."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from hparam_ci.errors import EXIT_OK, UserError, nearest


def add(commands: Any) -> None:
    """Put both commands on the parser."""
    parser = commands.add_parser(
        "rules", allow_abbrev=False, help="list the detectors", description="List the detectors, plugins included."
    )
    parser.add_argument("--format", choices=("terminal", "json"), default="terminal", help="default: %(default)s")
    parser.set_defaults(run=_rules)
    parser = commands.add_parser(
        "explain",
        allow_abbrev=False,
        help="explain a detector",
        description="Print the page of a detector: what it finds, why that matters, what to try, its options.",
    )
    parser.add_argument("rule", metavar="RULE", help="its code or name, such as HP101 or nan-metric")
    parser.set_defaults(run=_explain)


def _rules(options: argparse.Namespace) -> int:
    if options.format == "json":
        _print_json()
    else:
        _print_table()
    return EXIT_OK


def _print_json() -> None:
    import json

    from hparam_ci.detectors.registry import all_detectors

    shown = ("code", "name", "title", "severity", "confidence", "scope", "rate", "summary", "why", "advice", "source")
    rules = [
        {name: getattr(detector, name) for name in shown}
        | {"options": [{name: getattr(o, name) for name in o.__slots__} for o in detector.options]}
        for detector in all_detectors()
    ]
    sys.stdout.write(json.dumps({"rules": rules}, indent=2, ensure_ascii=False) + "\n")


def _print_table() -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from hparam_ci.detectors.registry import all_detectors
    from hparam_ci.report.sanitize import terminal_text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for header in ("Code", "Name", "Severity", "Counts towards"):
        table.add_column(header, no_wrap=True)
    table.add_column("What it finds", overflow="fold")
    for d in all_detectors():
        cells = (d.code, d.name, d.severity, d.rate or "(the sweep)", d.title)
        table.add_row(*(Text(terminal_text(cell)) for cell in cells))
    console = Console(highlight=False)
    console.print(table)
    console.print(Text("`hparam-ci explain RULE` prints the page of one", "dim"))


def _explain(options: argparse.Namespace) -> int:
    from hparam_ci.detectors._pages import page
    from hparam_ci.detectors.registry import all_detectors, find_detector

    detector = find_detector(options.rule)
    if detector is None:
        near = nearest(options.rule, [name for d in all_detectors() for name in (d.name, d.code)])
        hint = f"did you mean {near}?" if near else "`hparam-ci rules` lists all."
        raise UserError(f"there is no detector {options.rule[:80]!r}; {hint}")
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(page(detector)))
    else:
        sys.stdout.write(page(detector))
    return EXIT_OK
