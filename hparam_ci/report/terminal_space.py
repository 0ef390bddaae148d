"""The next search space for a terminal: every hyperparameter, what changes and why."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hparam_ci.inspection import Dimension, SweepResult
from hparam_ci.report import outlook
from hparam_ci.report.sanitize import terminal_text

STYLES = {"same": "dim", "narrowed": "yellow", "extended": "green", "moved": "cyan", "fixed": "magenta"}


def show_space(sweep: SweepResult, console: Console) -> None:
    """Print the next search space of one sweep."""
    space = sweep.next_space
    if space is None:
        return
    console.print(_plain(sweep.path, "bold underline"))
    console.print(_plain(outlook.space_title(space)))
    table = Table(box=None, pad_edge=False, header_style="dim")
    for header in ("Hyperparameter", "Searched", "Next", "", "Why"):
        table.add_column(header, overflow="fold")
    for one in space.dimensions:
        style = STYLES[one.change]
        table.add_row(
            _plain(one.name),
            _plain(outlook.searched(one), "dim"),
            _plain(outlook.proposed(one), "" if one.change != "same" else "dim"),
            Text("" if one.change == "same" else one.change, style),
            _plain(_why(one), "dim"),
        )
    console.print(table)
    for exclusion in space.excluded:
        console.print(_plain(f"excluded: {exclusion.text} ({exclusion.issue}, {exclusion.evidence})"))
    for note in space.notes:
        console.print(_plain(f"· {note}", "dim"))
    console.print(_plain(f"As code: {outlook.command(sweep.path)} (or {outlook.FORMATS})", "dim"))


def _why(one: Dimension) -> str:
    return "; ".join(filter(None, (outlook.condition_of(one), *one.reasons)))


def _plain(text: str, style: str = "") -> Text:
    return Text(terminal_text(text) if text else "", style)
