"""The Inspection for a terminal: the verdict first, then sweep by sweep, worst first. It reads without colour too."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, JustifyMethod, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hparam_ci.inspection import BucketTable, Cause, Count, DetectorResult, Inspection, SweepResult
from hparam_ci.report import charts, words
from hparam_ci.report.sanitize import one_line, terminal_text
from hparam_ci.report.words import Standing
from hparam_ci.wording import show_rate_name, show_share

OUTCOMES = {
    "pass": ("✓", "green"),
    "warn": ("!", "yellow"),
    "fail": ("✗", "red"),
    "inconclusive": ("?", "magenta"),
}
SEVERITIES = {"error": "red", "warning": "yellow", "notice": "blue"}
HEAT = ("grey42", "yellow", "dark_orange", "red", "grey42")
EXAMPLES = 5
MOST_SWEEPS = 20
MOST_LINES = 100
MOST_ADVICE = 5
MOST_NOTES = 8
HEAT_ROWS = 12
NAME = 24
SPAN = 10
GAP = 2


def show(inspection: Inspection, console: Console) -> None:
    """Print the inspection."""
    ranked = words.standings(inspection)
    detailed = [one for one in ranked if not (one.healthy and len(ranked) > 1)][:MOST_SWEEPS]
    console.print(*_verdict(inspection), sep="\n")
    if len(ranked) > 1:
        console.print(*_overview(ranked), "", sep="\n")
    for standing in detailed:
        for part in _sweep(standing, console.width):
            console.print(part)
        console.print()
    for line in _files(inspection):
        console.print(line)


def _verdict(inspection: Inspection) -> Iterator[RenderableType]:
    verdict, aside = inspection.verdict, words.aside(inspection)
    badge = (f" {verdict.upper()} ", f"bold reverse {OUTCOMES[verdict][1]}")
    yield ""
    yield _hanging(Text.assemble(badge), _plain(words.headline(inspection) + (f" ({aside})" if aside else ""), "bold"))
    yield ""


def _overview(ranked: list[Standing]) -> Iterator[RenderableType]:
    """One line a sweep; those with issues first."""
    sick = [one for one in ranked if not one.healthy]
    for standing in ranked[:MOST_LINES]:
        mark, style = OUTCOMES[standing.outcome]
        sweep = standing.sweep
        said = words.why(standing) if sweep.issues else words.well(sweep)
        counted = f"{sweep.affected} of {sweep.trials} affected, {said}"
        yield _hanging(Text(mark, style), Text.assemble(_plain(sweep.path, "bold"), "  ", _plain(counted)))
    if len(ranked) > MOST_LINES:
        yield Text(f"{MOST_LINES} of {words.plural(len(ranked), 'sweep')} shown", "dim")
    if len(sick) > MOST_SWEEPS:
        yield Text(
            f"details of the worst {MOST_SWEEPS} of {words.plural(len(sick), 'sweep')} with issues follow", "dim"
        )


def _files(inspection: Inspection) -> Iterator[RenderableType]:
    for file in inspection.skipped[:MOST_LINES]:
        yield _labelled("not inspected", "magenta", Text.assemble(_plain(file.path, "bold"), ": ", _plain(file.reason)))
    if len(inspection.skipped) > MOST_LINES:
        yield Text(f"{MOST_LINES} of {words.plural(len(inspection.skipped), 'file')} shown", "dim")
    if not inspection.sweeps:
        for match in inspection.patterns[:MOST_LINES]:
            yield _labelled("looked for", "blue", _plain(f"{match.pattern}: {words.plural(match.matches, 'match')}"))


# --- one sweep ------------------------------------------------------------------------------------


def _sweep(standing: Standing, width: int) -> Iterator[RenderableType]:
    sweep = standing.sweep
    yield _title(sweep)
    if standing.limits:
        yield ""
        yield _limits(standing)
    if sweep.issues:
        yield ""
        yield _breakdown(sweep)
        yield from _causes(sweep)
        yield from _advice(sweep)
        yield from _heatmap(sweep, width)
    unseen = [_labelled("not checked", "magenta", _plain(f"{d.title}: {d.reason}", "dim")) for d in words.blind(sweep)]
    notes = [_labelled("note", "blue", _plain(note, "dim")) for note in sweep.notes[:MOST_NOTES]]
    if len(sweep.notes) > MOST_NOTES:
        notes.append(_labelled("note", "blue", Text(f"{MOST_NOTES} of {len(sweep.notes)} notes shown", "dim")))
    if unseen or notes:
        yield ""
        yield from unseen + notes


def _title(sweep: SweepResult) -> Text:
    title = Text.assemble(_plain(sweep.path, "bold underline"), "  ")
    if not sweep.issues:
        return title.append(f"{words.plural(sweep.trials, 'trial')}, no issue found", "green")
    issues = f"{words.plural(sweep.issues, 'issue')} ({words.severities(words.counted_severities([sweep]))})"
    title.append(f"{sweep.affected} of {words.plural(sweep.trials, 'trial')} affected, {issues}")
    return title.append(f", {words.lost(sweep.compute)} lost") if sweep.compute else title


def _limits(standing: Standing) -> Table:
    table = _table("Rate", "Affected", "Share", "Limit", right=(1, 2))
    for limit in standing.limits:
        mark, style = OUTCOMES[limit.result]
        name = Text.assemble((mark, style), " ", _plain(show_rate_name(limit.rate)))
        table.add_row(name, words.ratio(limit), Text(show_share(limit.count), style), _plain(words.allowed(limit)))
    return table


def _breakdown(sweep: SweepResult) -> Table:
    table = _table("Issue", "Code", "Trials", "Share", "For example", right=(2, 3))
    for d in words.flagged(sweep):
        table.add_row(
            _plain(d.title, SEVERITIES[d.severity]),
            _plain(d.code),
            f"{d.count.affected} of {d.count.evaluable}",
            show_share(d.count),
            _plain(_few(d.trials, EXAMPLES, d.count.affected), "dim"),
        )
    return table


def _causes(sweep: SweepResult) -> Iterator[RenderableType]:
    yield Text("\nHyperparameter pathologies", "underline")
    for cause in words.proven(sweep):
        yield _plain(f"{cause.text} → {cause.issue}", "bold")
        yield Padding(_plain(_evidence(cause)), (0, 0, 0, 2))
    for cause in words.hints(sweep):
        hint = f"{cause.text} → {cause.issue}: {_counted(cause.inside)} with it, {_counted(cause.outside)} without"
        yield _labelled("hint, not proven", "blue", _plain(hint, "dim"))
    for line in words.undetermined(sweep):
        yield _labelled("undetermined", "magenta", _plain(line, "dim"))


def _evidence(cause: Cause) -> str:
    together = f"; or {', '.join(cause.moves_with)}: they moved together, this sweep cannot say which"
    together = together if cause.moves_with else f"; the same as {', '.join(cause.same_as)}" if cause.same_as else ""
    return (
        f"{_counted(cause.inside)} with it, {_counted(cause.outside)} without; {cause.strength}, explains "
        f"{cause.explains} of {cause.of}: {_few(cause.trials, 3, cause.explains)}{together}"
    )


def _advice(sweep: SweepResult) -> Iterator[RenderableType]:
    if not sweep.recommendations:
        return
    yield Text("\nRecommendations", "underline")
    for number, one in enumerate(sweep.recommendations[:MOST_ADVICE], 1):
        yield _hanging(Text(f"{number}."), Text.assemble(_plain(one.action, "bold"), ": ", _plain(one.reason, "dim")))
    if len(sweep.recommendations) > MOST_ADVICE:
        yield Text(f"{MOST_ADVICE} of {len(sweep.recommendations)} recommendations shown", "dim")


def _heatmap(sweep: SweepResult, width: int) -> Iterator[RenderableType]:
    found = words.flagged(sweep)
    if not sweep.buckets or not found:
        return
    yield ""
    if not charts.worth_drawing(sweep):
        yield Text(charts.TOO_FEW, "dim")
        return
    tables = charts.heat_tables(sweep)[:HEAT_ROWS]
    names = [Text(one_line(table.param, NAME)) for table in tables]
    cell = max(5, *(len(table.buckets) for table in tables)) + GAP
    room = width - max(len("Hyperparameter"), *(name.cell_len for name in names)) - GAP - SPAN
    drawn = sorted(found, key=lambda d: -d.count.affected)[: max(1, room // cell)]
    chart = _table("Hyperparameter", *(d.code for d in drawn), "From … to")
    for name, table in zip(names, tables, strict=True):
        chart.add_row(name, *(_heat(table, d) for d in drawn), _plain(charts.span(table), "dim"))
    yield chart
    if len(drawn) < len(found):
        yield Text(f"{len(drawn)} of {len(found)} issues shown; a wider terminal shows more", "dim")
    if len(sweep.buckets) > HEAT_ROWS:
        yield Text(f"{HEAT_ROWS} of {len(sweep.buckets)} hyperparameters shown", "dim")
    yield Text(charts.legend(charts.SHADES), "dim")


def _heat(table: BucketTable, detector: DetectorResult) -> Text:
    levels = [charts.heat(bucket.counts.get(detector.code)) for bucket in table.buckets]
    return Text.assemble(*((charts.SHADES[level], HEAT[level]) for level in levels))


# --- pieces ---------------------------------------------------------------------------------------


def _plain(text: str, style: str = "") -> Text:
    """Text from anywhere, made safe; rich reads no markup in a `Text`."""
    return Text(terminal_text(text), style=style)


def _few(texts: tuple[str, ...], most: int, total: int) -> str:
    return ", ".join(texts[:most]) + (", …" if total > most else "")


def _counted(count: Count) -> str:
    return f"{count.affected} of {count.evaluable} ({show_share(count)})"


def _labelled(label: str, style: str, text: Text) -> Table:
    return _hanging(Text(label, style), text)


def _hanging(label: Text, text: Text) -> Table:
    """A label and a text that wraps beside it."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(label, text)
    return grid


def _table(*headers: str, right: tuple[int, ...] = ()) -> Table:
    """A table whose last column alone gives way where the terminal is narrow."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    last = len(headers) - 1
    for index, header in enumerate(headers):
        justify: JustifyMethod = "right" if index in right else "left"
        table.add_column(_plain(header), justify=justify, overflow="fold", no_wrap=index < last)
    return table
