"""The page itself, run by Streamlit from top to bottom on each click. It reads Inspections and decides nothing.

Text from files is drawn by the report's own templates, which escape it, or by Streamlit elements that take plain text.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import streamlit as st

from hparam_ci.advice.exports import FORMATS, export
from hparam_ci.errors import UserError
from hparam_ci.inspection import Cause, Inspection, SweepResult
from hparam_ci.limits import RATE_OPTIONS
from hparam_ci.paths import locate
from hparam_ci.pipeline import against
from hparam_ci.report import html, outlook, words
from hparam_ci.report.forms import as_bytes
from hparam_ci.report.sanitize import one_line
from hparam_ci.settings import Settings
from hparam_ci.ui import figures, limits, opening
from hparam_ci.wording import show_rate_name

TITLE = "hparam-inspector"
KEPT = 12  # inspections, over all who look
ICON = Path(__file__).with_name("icon.svg").read_text(encoding="utf-8")
CLOSER = "<style>.stMainBlockContainer { padding-top: 4rem; }</style>"

DOWNLOADS = {
    "html": ("Page with pictures", "hparam_report.html", "text/html"),
    "md": ("Markdown", "hparam_report.md", "text/markdown"),
    "json": ("JSON", "hparam_report.json", "application/json"),
    "sarif": ("SARIF", "hparam_report.sarif", "application/json"),
    "junit": ("JUnit", "hparam_report.xml", "application/xml"),
    "terminal": ("Plain text", "hparam_report.txt", "text/plain"),
}


@dataclass(frozen=True, slots=True)
class Opened:
    """One sweep on the page, alone in an Inspection, with what to call it."""

    label: str
    inspection: Inspection

    @property
    def sweep(self) -> SweepResult:
        """The sweep."""
        return self.inspection.sweeps[0]


def main() -> None:
    """Draw the page."""
    st.set_page_config(TITLE, page_icon=ICON, layout="wide")
    st.html(html.piece_style() + CLOSER)
    local, paths = "--local" in sys.argv[1:2], [path for path in sys.argv[1:] if path != "--local"]
    try:
        opened = _opened(paths, local=local)
    except UserError as error:
        st.error("That cannot be inspected.")
        st.text(str(error))
        return
    if not opened:
        _welcome()
        return
    chosen = st.sidebar.selectbox(
        "Sweep", range(len(opened)), format_func=lambda place: opened[place].label, key="sweep"
    )
    _show(opened[chosen or 0], opened)


# --- opening --------------------------------------------------------------------------------------


def _opened(paths: Sequence[str], *, local: bool) -> list[Opened]:
    st.sidebar.subheader(TITLE)
    files = st.sidebar.file_uploader(
        "Drop sweeps here", accept_multiple_files=True, help="CSV, JSON, Parquet, or the database of a tool"
    )
    asked = ""
    if local:
        asked = st.sidebar.text_input(
            "Or open a file, folder or store", placeholder="results/*.csv", help="below the folder of `hparam-ci ui`"
        )
    inspections = [_uploaded(file.name, _digest(file.getvalue()), file.getvalue()) for file in files or []]
    if paths:
        root, patterns = locate(paths)
        inspections.append(_of_paths(tuple(patterns), root))
    if asked.strip():
        inspections.append(_of_paths((asked.strip(),), Path.cwd()))
    for skipped in (one for inspection in inspections for one in inspection.skipped):
        st.sidebar.warning("Not inspected:")
        st.sidebar.text(one_line(f"{skipped.path}: {skipped.reason}", 400))
    return _each(inspections)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@st.cache_resource(max_entries=KEPT, show_spinner="Inspecting …")
def _uploaded(name: str, digest: str, _content: bytes) -> Inspection:
    return opening.inspect_upload(name, _content, limits.settings_with({}, "fail", Path.cwd()))


@st.cache_resource(max_entries=KEPT, ttl=600, show_spinner="Inspecting …")
def _of_paths(paths: tuple[str, ...], root: Path) -> Inspection:
    return opening.inspect_paths(paths, limits.settings_with({}, "fail", Path.cwd()), root)


def _each(inspections: Sequence[Inspection]) -> list[Opened]:
    """Each sweep alone, those of one name told apart."""
    found: list[Opened] = []
    for inspection in inspections:
        for sweep in inspection.sweeps:
            label = one_line(sweep.path, 80)
            again = sum(one.sweep.path == sweep.path for one in found)
            alone = msgspec.structs.replace(inspection, sweeps=(sweep,), skipped=(), comparison=None)
            found.append(Opened(f"{label} ({again + 1})" if again else label, alone))
    return found


def _welcome() -> None:
    st.title("Open a sweep")
    st.write(
        "Drop a results file on the left: a CSV, JSON or Parquet table, or the database of Optuna or MLflow. "
        "It is read on this machine, and nothing is sent anywhere."
    )
    st.write("You get the verdict, the causes with the trials that prove them, and what to try next.")


# --- one sweep ------------------------------------------------------------------------------------


def _show(opened: Opened, everything: Sequence[Opened]) -> None:
    percents = {name: st.session_state.get(name, value) for name, value in limits.defaults().items()}
    settings = limits.settings_with(percents, st.session_state.get("fail_on", "fail"), Path.cwd())
    inspection = limits.judged(opened.inspection, settings)
    sweep = opened.sweep
    _piece("verdict", inspection)
    sections: dict[str, Callable[[], None]] = {
        "Causes": partial(_causes, inspection, sweep),
        "Limits": partial(_limits, inspection, percents),
        "Hyperparameters": partial(_hyperparameters, inspection, sweep),
        "Curves": partial(_curves, sweep),
        "Trials": partial(_trials, inspection, sweep),
        "Next search": partial(_next, inspection, sweep),
        "Compare": partial(_compare, opened, everything, settings),
        "Download": partial(_downloads, inspection),
    }
    for tab, draw in zip(st.tabs(list(sections), key="tab", on_change="rerun"), sections.values(), strict=True):
        if tab.open:
            with tab:
                draw()


def _piece(macro: str, inspection: Inspection, *arguments: Any) -> None:
    st.html(html.piece(macro, inspection, *arguments))


def _plot(figure: Any, key: str) -> None:
    st.plotly_chart(figure, key=key, config=figures.CONFIG)


def _causes(inspection: Inspection, sweep: SweepResult) -> None:
    proven = words.proven(sweep)
    columns = st.columns(2)
    for number, cause in enumerate(proven):
        with columns[number % 2].container(border=True):
            _cause(inspection, sweep, cause)
    _piece("unproven", inspection, sweep)


def _cause(inspection: Inspection, sweep: SweepResult, cause: Cause) -> None:
    _piece("cause_head", inspection, cause)
    figure = figures.proof(cause, sweep.sample)
    if figure is not None:
        _plot(figure, f"cause-{cause.id}")
        _piece("hover_key", inspection, sweep, cause)
    _plot(figures.rates(cause), f"rates-{cause.id}")
    _piece("cause_rest", inspection, sweep, cause)


def _limits(inspection: Inspection, percents: dict[str, float]) -> None:
    left, right = st.columns([2, 3])
    with left:
        for option in RATE_OPTIONS:
            st.slider(
                f"{show_rate_name(option.rate)}, at most (%)",
                0.0,
                limits.OFF,
                limits.defaults()[option.option],
                0.5,
                format="%.1f",
                key=option.option,
                persist_state="page",
                help=f"{option.meaning}; 100 is no limit",
            )
        st.selectbox("The run fails on", ["fail", "warn", "never"], key="fail_on", persist_state="page")
    with right:
        judged = [limit for limit in inspection.gate.limits if limit.result != "not_checked"]
        if judged:
            _plot(figures.gate(judged), "gate")
        for limit in inspection.gate.limits:
            if limit.result == "not_checked":
                st.text(f"Not checked: {one_line(limit.reason, 300)}")
        st.write("The workflow that judges like this:")
        text = limits.workflow(inspection.sweeps[0].path, percents, st.session_state.get("fail_on", "fail"))
        st.code(text, language="yaml")


def _hyperparameters(inspection: Inspection, sweep: SweepResult) -> None:
    flagged = words.flagged(sweep)
    if not flagged or not sweep.buckets:
        st.write("No trial shows an issue, or no hyperparameter varies: there is nothing to compare.")
        _moving(sweep)
        return
    codes = [d.code for d in flagged]
    titles = {d.code: f"{d.title} ({d.count.affected})" for d in flagged}
    code = st.selectbox("Issue", codes, format_func=lambda one: titles[one], key="issue")
    st.write("**Rates by bucket**, low to high or most frequent first; without colour: fewer than 5 trials.")
    _plot(figures.heatmap(sweep, code), "heatmap")
    figure = figures.parallel(sweep, code)
    if figure is not None:
        st.write("**Trials across hyperparameters**: the ones with the issue are red. Drag along an axis to pick some.")
        _plot(figure, "parallel")
    with st.expander("All issues at once"):
        _piece("heatmap", inspection, sweep)
    _moving(sweep)


def _moving(sweep: SweepResult) -> None:
    if sweep.drivers:
        st.write("**What moves the objective**")
        if outlook.moving(sweep.drivers):
            _plot(figures.moving(sweep.drivers), "moving")
        st.text(one_line(outlook.drivers_note(sweep.drivers), 400))


def _curves(sweep: SweepResult) -> None:
    columns = st.columns(2)
    drawn = 0
    for detector in words.flagged(sweep):
        figure = figures.curves(sweep, detector)
        if figure is not None:
            with columns[drawn % 2].container(border=True):
                st.text(one_line(f"{detector.title} ({detector.code})"))
                _plot(figure, f"curves-{detector.code}")
            drawn += 1
    if drawn:
        st.caption(
            "In colour the worst trials, in grey some without any issue; a cross where a curve is no number any more."
        )
    else:
        st.write("This sweep has no learning curves of sick trials: one value a trial, or nothing that a curve shows.")


def _trials(inspection: Inspection, sweep: SweepResult) -> None:
    rows = [
        {
            "Trial": one_line(issue.trial),
            "Line": issue.line,
            "Severity": d.severity,
            "Issue": one_line(d.title),
            "Evidence": one_line(words.evidence(issue), 300),
        }
        for d in words.flagged(sweep)
        for issue in d.issues
    ]
    if rows:
        st.dataframe(rows, hide_index=True)
        st.caption(f"{len(rows)} of {sweep.issues} issues: the worst of each kind.")
    else:
        st.write("No trial shows an issue.")
    _piece("remarks", inspection, sweep)
    _piece("reading", inspection, sweep)


def _next(inspection: Inspection, sweep: SweepResult) -> None:
    _piece("next_steps", inspection, sweep)
    if sweep.next_space:
        form = st.selectbox("The next search space as code", FORMATS, index=FORMATS.index("optuna"), key="form")
        text = export(sweep.next_space, form)
        st.code(text, language={"wandb": "yaml", "json": "json"}.get(form, "python"))


def _compare(opened: Opened, everything: Sequence[Opened], settings: Settings) -> None:
    others = [one for one in everything if one is not opened]
    if not others:
        st.write("Open a second sweep to see what changed between the two.")
        return
    place = st.selectbox(
        "Compare with", range(len(others)), format_func=lambda place: others[place].label, key="baseline"
    )
    other = others[place or 0]
    changed = against(opened.inspection, other.inspection, other.label, settings)
    _piece("comparison", changed)
    if changed.comparison and (rates := words.moved(changed.comparison)):
        _plot(figures.moved(rates), "moved")
    left, right = st.columns(2)
    for column, one in ((left, other), (right, opened)):
        with column:
            st.text(one.label)
            judged = limits.judged(one.inspection, settings)
            _piece("verdict", judged)
            _piece("cause_list", judged, one.sweep)


def _downloads(inspection: Inspection) -> None:
    for form, (label, name, mime) in DOWNLOADS.items():
        content: Callable[[], bytes] = partial(as_bytes, inspection, form)
        st.download_button(label, content, name, mime, key=f"download-{form}", on_click="ignore")


main()
