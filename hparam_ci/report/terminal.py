"""The Inspection for a terminal."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from hparam_ci.inspection import BucketTable, Count, Gate, Inspection, SweepResult
from hparam_ci.report.sanitize import terminal_text
from hparam_ci.report.words import headline, undetermined
from hparam_ci.wording import show_rate_name, show_share

STYLES = {"pass": "green", "warn": "yellow", "fail": "red", "inconclusive": "magenta", "not_checked": "dim"}
SEVERITIES = {"error": "red", "warning": "yellow", "notice": "blue"}
HEAT = ((0.0, "grey42"), (0.10, "yellow"), (0.35, "dark_orange"), (1.0, "red"))
TOP = 5


def show(inspection: Inspection, console: Console) -> None:
    """Print the inspection: the verdict first, then sweep by sweep."""
    verdict = inspection.verdict
    console.print()
    console.print(
        Text.assemble((f" {verdict.upper()} ", f"bold reverse {STYLES[verdict]}"), "  ", _plain(headline(inspection)))
    )
    console.print()
    if any(limit.result != "not_checked" for limit in inspection.gate.limits):
        console.print(_limits(inspection.gate, many=len(inspection.sweeps) > 1))
    for sweep in inspection.sweeps:
        console.print(_sweep(sweep))
    for file in inspection.skipped:
        console.print(
            Text.assemble(("not inspected ", "magenta"), _plain(file.path, "bold"), ": ", _plain(file.reason))
        )


def _plain(text: str, style: str = "") -> Text:
    return Text(terminal_text(text), style=style)


def _limits(gate: Gate, *, many: bool) -> Table:
    table = _table("Limit", "Affected", "Share", "Allowed", *(["Sweep"] if many else []), right=(1, 2))
    for limit in gate.limits:
        if limit.result == "not_checked":
            continue
        share = Text(show_share(limit.count), STYLES[limit.result])
        allowed = (f"{limit.warn} warns, " if limit.warn else "") + str(limit.fail)
        counted = f"{limit.count.affected} of {limit.count.evaluable}"
        cells: list[Text | str] = [_plain(show_rate_name(limit.rate)), counted, share, allowed]
        table.add_row(*cells, *([_plain(limit.path)] if many else []))
    return table


def _sweep(sweep: SweepResult) -> RenderableType:
    parts: list[RenderableType] = [Text(), _title(sweep), Text()]
    if sweep.issues:
        parts += [_breakdown(sweep), Text(), *_causes(sweep), *_advice(sweep), *_heatmap(sweep)]
    parts += [
        Text.assemble(("not checked  ", "magenta"), _plain(f"{d.title}: {d.reason}", "dim"))
        for d in sweep.detectors
        if not d.ran
    ]
    parts += [Text.assemble(("note  ", "blue"), _plain(note, "dim")) for note in sweep.notes[:8]]
    return Group(*parts)


def _title(sweep: SweepResult) -> Text:
    title = Text.assemble(_plain(sweep.path, "bold underline"), f"   {sweep.trials} trials")
    if sweep.issues:
        title.append(f", {sweep.affected} affected, {sweep.issues} issues")
        if sweep.compute:
            title.append(
                f", {sweep.compute.lost_hours:.3g} of {sweep.compute.hours:.3g} hours went into affected trials"
            )
    else:
        title.append(", no issue found", "green")
    return title


def _breakdown(sweep: SweepResult) -> Table:
    table = _table("Issue", "Code", "Trials that could show it", "Share", "For example", right=(3,))
    for d in sweep.detectors:
        if d.ran and d.count.affected:
            examples = ", ".join(d.trials[:TOP]) + (", …" if d.count.affected > TOP else "")
            counted = f"{d.count.affected} of {d.count.evaluable}"
            table.add_row(
                Text(d.title, SEVERITIES[d.severity]), d.code, counted, show_share(d.count), _plain(examples, "dim")
            )
    return table


def _causes(sweep: SweepResult) -> list[RenderableType]:
    proven = [cause for cause in sweep.causes if cause.strength != "suggestive"]
    parts: list[RenderableType] = []
    if proven:
        table = _table("Cause", "Issue", "With it", "Without it", "Evidence", right=(2, 3))
        for cause in proven:
            text = _plain(cause.text, "bold")
            if cause.moves_with:
                text.append(terminal_text(f" (moves together with {', '.join(cause.moves_with)})"), "dim")
            evidence = f"{cause.strength}, explains {cause.explains} of {cause.of}"
            table.add_row(text, cause.issue, _counted(cause.inside), _counted(cause.outside), evidence)
        parts += [table, Text()]
    parts += [Text.assemble(("undetermined  ", "magenta"), _plain(line, "dim")) for line in undetermined(sweep)]
    for cause in sweep.causes:
        if cause.strength == "suggestive":
            hint = (
                f"{cause.text} for {cause.issue}: {_counted(cause.inside)} with it, {_counted(cause.outside)} without"
            )
            parts.append(Text.assemble(("hint, not proven  ", "blue"), _plain(hint, "dim")))
    return [*parts, Text()] if sweep.undetermined or len(proven) < len(sweep.causes) else parts


def _advice(sweep: SweepResult) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for number, one in enumerate(sweep.recommendations[:TOP], 1):
        lines.append(Text.assemble(f"{number}. ", _plain(one.action, "bold"), ": ", _plain(one.reason, "dim")))
    return [Text("What to try next", "underline"), *lines, Text()] if lines else []


def _heatmap(sweep: SweepResult) -> list[RenderableType]:
    codes = [d for d in sweep.detectors if d.ran and d.count.affected]
    if not sweep.buckets or not codes:
        return []
    table = _table("Hyperparameter", *(d.name for d in codes), "Buckets")
    for buckets in sweep.buckets:
        first, last = buckets.buckets[0].label, buckets.buckets[-1].label
        table.add_row(
            _plain(buckets.param), *(_heat(buckets, d.code) for d in codes), _plain(f"{first} … {last}", "dim")
        )
    return [table, Text()]


def _heat(table: BucketTable, code: str) -> Text:
    row = Text()
    for bucket in table.buckets:
        seen = bucket.counts.get(code)
        if seen is None or seen.evaluable < 5:
            row.append("·", "grey42")
            continue
        share = seen.affected / seen.evaluable
        row.append("■", next(style for bound, style in HEAT if share <= bound))
    return row


def _counted(count: Count) -> str:
    return f"{count.affected} of {count.evaluable} ({show_share(count)})"


def _table(*headers: str, right: tuple[int, ...] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for index, header in enumerate(headers):
        table.add_column(header, justify="right" if index in right else "left", overflow="fold", no_wrap=index == 0)
    return table
