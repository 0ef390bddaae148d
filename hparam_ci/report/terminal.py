"""The Inspection for a terminal: the verdict first, then sweep by sweep, worst first. It reads without colour too."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, JustifyMethod, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hparam_ci.inspection import BucketTable, Cause, Comparison, Count, DetectorResult, Inspection, SweepResult
from hparam_ci.report import charts, outlook, words
from hparam_ci.report.sanitize import one_line, terminal_text
from hparam_ci.report.words import Standing
from hparam_ci.review import OFF, Review, Section
from hparam_ci.wording import plural, show_rate_name, show_share

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
MOST_KINDS = 12
WORST_EACH, WORST = 3, 8
HEAT_ROWS = 12
PROSE: tuple[tuple[Section, str], ...] = (
    ("summary", "In short"),
    ("patterns", "Patterns"),
    ("next", "Next sweep"),
)
NAME = 24
FEW = 3
SPAN = 10
GAP = 2


def show(inspection: Inspection, console: Console, review: Review = OFF) -> None:
    """Print the inspection, and what a review says of it."""
    ranked = words.standings(inspection)
    detailed = [one for one in ranked if not (one.healthy and len(ranked) > 1)][:MOST_SWEEPS]
    console.print(*_verdict(inspection), sep="\n")
    for part in _prose(review):
        console.print(part)
    if inspection.comparison:
        console.print(*_comparison(inspection, inspection.comparison), "", sep="\n")
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


def _prose(review: Review) -> Iterator[RenderableType]:
    for section, title in PROSE:
        sentences = review.of(section)
        if sentences:
            yield Text(title, "underline")
        for sentence in sentences:
            label = Text(" " if sentence.by == "rule" else words.PENCIL, "cyan")
            yield _hanging(label, _plain(sentence.text + (f" ({', '.join(sentence.evidence)})")))
    if note := words.review_note(review):
        yield _plain(note, "dim")
        yield ""


def _comparison(inspection: Inspection, comparison: Comparison) -> Iterator[RenderableType]:
    yield _plain(words.compared(comparison), "bold")
    for change in words.moved(comparison)[:MOST_ADVICE]:
        said = f"{show_rate_name(change.rate)}: {_counted(change.before)} before, {_counted(change.now)} now"
        yield _plain(f"  {said}, {words.arrow(change)}", "red" if change.rose else "")
    for cause in words.new_causes(inspection)[:MOST_ADVICE]:
        yield _plain(f"  new: {cause.text} → {cause.issue}")
    for gone in comparison.gone_causes[:MOST_ADVICE]:
        yield _plain(f"  gone: {gone.text} → {gone.issue}", "dim")


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
        yield Text(f"{MOST_LINES} of {plural(len(ranked), 'sweep')} shown", "dim")
    if len(sick) > MOST_SWEEPS:
        yield Text(f"details of the worst {MOST_SWEEPS} of {plural(len(sick), 'sweep')} with issues follow", "dim")


def _files(inspection: Inspection) -> Iterator[RenderableType]:
    for file in inspection.skipped[:MOST_LINES]:
        yield _labelled("not inspected", "magenta", Text.assemble(_plain(file.path, "bold"), ": ", _plain(file.reason)))
    if len(inspection.skipped) > MOST_LINES:
        yield Text(f"{MOST_LINES} of {plural(len(inspection.skipped), 'file')} shown", "dim")
    if not inspection.sweeps:
        for match in inspection.patterns[:MOST_LINES]:
            yield _labelled("looked for", "blue", _plain(f"{match.pattern}: {plural(match.matches, 'match')}"))


# --- one sweep ------------------------------------------------------------------------------------


def _sweep(standing: Standing, width: int) -> Iterator[RenderableType]:
    """The parts that there are, with an empty line between them."""
    sweep = standing.sweep
    sick = (_breakdown, _causes, _advice, _worst) if sweep.issues else ()
    parts = (
        [_title(sweep)],
        [_limits(standing)] if standing.limits else [],
        _broken(sweep),
        *(part(sweep) for part in sick),
        _drivers(sweep),
        _next_space(sweep),
        _heatmap(sweep, width) if sweep.issues else (),
        _remarks(sweep),
        _unsaid(sweep),
    )
    for number, lines in enumerate(filter(None, map(list, parts))):
        if number:
            yield ""
        yield from lines


def _broken(sweep: SweepResult) -> Iterator[RenderableType]:
    for broken in words.broken(sweep):
        yield _labelled("error", "red", _plain(f"{broken.title} ({broken.code}) says nothing here: {broken.reason}"))


def _unsaid(sweep: SweepResult) -> Iterator[RenderableType]:
    """What could not be looked at, and what to know of how the file was read."""
    for reason, detectors in words.not_checked(sweep):
        yield _labelled("not checked", "magenta", _unseen(reason, detectors))
    for note in sweep.notes[:MOST_NOTES]:
        yield _labelled("note", "blue", _plain(note, "dim"))
    if len(sweep.notes) > MOST_NOTES:
        yield _labelled("note", "blue", Text(f"{MOST_NOTES} of {len(sweep.notes)} notes shown", "dim"))


def _title(sweep: SweepResult) -> Text:
    title = Text.assemble(_plain(sweep.path, "bold underline"), "  ")
    if not sweep.issues:
        quiet = not sweep.findings and words.looked(sweep)
        said = "no issue found" if quiet else words.well(sweep).split(";")[0]
        return title.append(f"{plural(sweep.trials, 'trial')}, {said}", "green" if quiet else "")
    issues = f"{plural(sweep.issues, 'issue')} ({words.severities(words.counted_severities([sweep]))})"
    title.append(f"{sweep.affected} of {plural(sweep.trials, 'trial')} affected, {issues}")
    return title.append(f", {words.lost(sweep.compute)} lost") if sweep.compute else title


def _limits(standing: Standing) -> Table:
    table = _table("Rate", "Affected", "Share", "Limit", right=(1, 2))
    for limit in standing.limits:
        mark, style = OUTCOMES[limit.result]
        name = Text.assemble((mark, style), " ", _plain(show_rate_name(limit.rate)))
        table.add_row(name, words.ratio(limit), Text(show_share(limit.count), style), _plain(words.allowed(limit)))
    return table


def _breakdown(sweep: SweepResult) -> Iterator[RenderableType]:
    found = words.flagged(sweep)
    table = _table("Issue", "Code", "Trials", "Share", "For example", right=(2, 3))
    for d in found[:MOST_KINDS]:
        name = d.title + (f" ({words.sure(d)})" if words.sure(d) else "")
        table.add_row(
            _plain(name, SEVERITIES[d.severity]),
            _plain(d.code),
            f"{d.count.affected} of {d.count.evaluable}",
            show_share(d.count),
            _plain(_few(d.trials, EXAMPLES, d.count.affected), "dim"),
        )
    yield table
    if rest := found[MOST_KINDS:]:
        listed = [_plain(f"{d.title} {d.count.affected} of {d.count.evaluable}", SEVERITIES[d.severity]) for d in rest]
        yield _hanging(Text("and", "dim"), Text(", ").join(listed))


def _causes(sweep: SweepResult) -> Iterator[RenderableType]:
    yield Text("Hyperparameter pathologies", "underline")
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
    among = f"{cause.among}: " if cause.beside else ""
    return (
        f"{among}{_counted(cause.inside)} with it, {_counted(cause.outside)} without; {cause.strength}, explains "
        f"{cause.explains} of {cause.of}: {_few(cause.trials, 3, cause.explains)}{together}"
    )


def _advice(sweep: SweepResult) -> Iterator[RenderableType]:
    if not sweep.recommendations:
        return
    yield Text("Recommendations", "underline")
    for number, one in enumerate(sweep.recommendations[:MOST_ADVICE], 1):
        yield _hanging(Text(f"{number}."), Text.assemble(_plain(one.action, "bold"), ": ", _plain(one.reason, "dim")))
    if len(sweep.recommendations) > MOST_ADVICE:
        yield Text(f"{MOST_ADVICE} of {len(sweep.recommendations)} recommendations shown", "dim")


def _worst(sweep: SweepResult) -> Iterator[RenderableType]:
    """A line for each of the worst trials, with its curve where the sweep has one."""
    found = words.worst(sweep, WORST_EACH, WORST)
    if not found:
        return
    yield Text("Worst trials", "underline")
    table = _table("Trial", "Line", "Code", "Evidence", right=(1,))
    for d, issue in found:
        said = Text.assemble(_plain(words.evidence(issue)), " " * bool(issue.curve), (charts.spark(issue.curve), "dim"))
        table.add_row(Text(one_line(issue.trial, NAME)), str(issue.line), _plain(d.code, SEVERITIES[d.severity]), said)
    yield table
    if len(found) < sweep.issues:
        yield Text(f"{len(found)} of {plural(sweep.issues, 'issue')} shown; `hparam-ci issues` lists all", "dim")


def _remarks(sweep: SweepResult) -> Iterator[RenderableType]:
    found = words.remarks(sweep)
    if found:
        yield Text("The sweep itself", "underline")
    for detector, finding in found[:MOST_NOTES]:
        name = detector.title + (f" ({words.sure(detector)})" if words.sure(detector) else "")
        yield _hanging(_plain(name, SEVERITIES[detector.severity]), _plain(words.evidence(finding)))
    if len(found) > MOST_NOTES:
        yield Text(f"{MOST_NOTES} of {len(found)} remarks shown", "dim")


def _drivers(sweep: SweepResult) -> Iterator[RenderableType]:
    """What moves the objective."""
    drivers = sweep.drivers
    if drivers and (moving := outlook.moving(drivers)):
        yield _plain(f"What moves {drivers.metric}", "underline")
        table = _table("Hyperparameter", "Importance", "Best trials", right=(1,))
        for one in moving[:MOST_ADVICE]:
            table.add_row(Text(one_line(one.param, NAME)), outlook.importance(one), _plain(outlook.best(one)))
        yield table
    if drivers and (sweep.issues or outlook.moving(drivers)):
        yield _plain(outlook.drivers_note(drivers), "dim")


def _next_space(sweep: SweepResult) -> Iterator[RenderableType]:
    """Where to search next."""
    space = sweep.next_space
    if space and outlook.worth_telling(sweep):
        yield Text.assemble(
            _plain(outlook.space_title(space)), ("; see ", "dim"), _plain(f"hparam-ci next {sweep.path}", "dim")
        )


def _heatmap(sweep: SweepResult, width: int) -> Iterator[RenderableType]:
    found = words.flagged(sweep)
    if not sweep.buckets or not found:
        return
    if not charts.worth_drawing(sweep):
        yield Text(charts.TOO_FEW, "dim")
        return
    tables = charts.heat_tables(sweep)[:HEAT_ROWS]
    names = [Text(one_line(table.param, NAME)) for table in tables]
    marks = max(5, *(len(table.buckets) for table in tables))
    told = [[charts.peak_text(sweep, table, d.code) for d in found] for table in tables]
    numbers = max(len(text) for row in told for text in row) + 1
    room = width - max(len("Hyperparameter"), *(name.cell_len for name in names)) - GAP - SPAN
    with_numbers = (marks + numbers + GAP) * len(found) <= room
    cell = marks + GAP + numbers * with_numbers
    order = list(range(len(found)))[: max(1, room // cell)]
    drawn = [found[i] for i in order]
    chart = _table("Hyperparameter", *(d.code for d in drawn), "From … to")
    for name, table, texts in zip(names, tables, told, strict=True):
        cells = [_heat(table, found[i], marks, texts[i] if with_numbers else "") for i in order]
        chart.add_row(name, *cells, _plain(charts.span(table), "dim"))
    yield chart
    if len(drawn) < len(found):
        yield Text(f"{len(drawn)} of {len(found)} issues shown; a wider terminal shows more", "dim")
    if len(sweep.buckets) > HEAT_ROWS:
        yield Text(f"{HEAT_ROWS} of {len(sweep.buckets)} hyperparameters shown", "dim")
    yield Text(charts.legend(charts.SHADES), "dim")


def _heat(table: BucketTable, detector: DetectorResult, width: int, number: str) -> Text:
    """The marks of one cell, and behind them its highest rate where there is room for it."""
    levels = [charts.heat(bucket.counts.get(detector.code)) for bucket in table.buckets]
    text = Text.assemble(*((charts.SHADES[level], HEAT[level]) for level in levels))
    return text.append(" " * (width - len(levels) + 1) + number, "dim") if number else text


def _unseen(reason: str, detectors: list[DetectorResult]) -> Text:
    """Why detectors did not look: by name where they are few, else by code."""
    names = [f"{d.title} ({d.code})" if len(detectors) <= FEW else d.code for d in detectors]
    return Text.assemble(Text(", ", "dim").join(_plain(name, "dim") for name in names), ": ", _plain(reason, "dim"))


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
