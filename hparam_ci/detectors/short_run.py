"""HP401 short-run: the trial ended far earlier than the others, and nobody stopped it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._metrics import finite
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.dialects import State
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Floats, Mask, any_of

ENOUGH_FOR_QUARTILES = 20


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    budgets = sweep.columns(Role.BUDGET)[:1]
    measures: list[tuple[str, Floats, float]] = [(column.name, finite(column), options["share"]) for column in budgets]
    if sweep.seconds is not None:
        name = sweep.columns(Role.DURATION)[0].name
        measures.append((name, np.where(sweep.seconds > 0, sweep.seconds, np.nan), options["runtime_share"]))
    if not measures:
        return CouldNotLook("no column says how far or how long a trial ran")
    died = any_of([earlier[code].flagged for code in ("HP101", "HP102", "HP104") if code in earlier], len(sweep))
    usual = sweep.in_state(State.OK, State.UNKNOWN) & sweep.reported & ~died
    at_risk = usual & any_of([np.isfinite(values) for _, values, _ in measures], len(sweep))
    limits = [limit(values[usual], share) for _, values, share in measures]
    with np.errstate(invalid="ignore"):
        under: list[Mask] = [values < floor for (_, values, _), floor in zip(measures, limits, strict=True)]
    flagged = at_risk & any_of(under, len(sweep))

    def evidence(row: int) -> Evidence:
        i = next(i for i, mask in enumerate(under) if mask[row])
        name, values, _ = measures[i]
        middle = float(np.nanmedian(values[usual]))
        message = f"{name} is {values[row]:.4g}; the sweep's median is {middle:.4g}"
        return Evidence(name, f"{values[row]:.6g}", f"{limits[i]:.3g}", message)

    return Detection(flagged, at_risk, evidence)


def limit(values: Floats, share: float) -> float:
    """Below this a run is short: `share` of the median, and with 20 trials or more also Tukey's lower fence on the log.

    Args:
        values: how far or long the usual trials ran; NaN where not recorded.
        share: of the median (0 to 1).
    """
    numbers = values[np.isfinite(values) & (values > 0)]
    if len(numbers) < 4:
        return -np.inf
    floor = share * float(np.median(numbers))
    if len(numbers) >= ENOUGH_FOR_QUARTILES:
        low, high = np.quantile(np.log(numbers), [0.25, 0.75])
        floor = min(floor, float(np.exp(low - 1.5 * (high - low))))
    return floor


DETECTOR = Detector(
    code="HP401",
    name="short-run",
    title="Short runs",
    trials="short runs",
    severity="notice",
    rate="short_run_rate",
    summary="The trial finished after far fewer epochs or far less time than the others, though nothing says "
    "that it was stopped.",
    why="Its metrics are those of a half-trained model and do not compare with the rest.",
    advice="Look for an early exit in its log; compare trials at equal budget, or mark stopped trials as pruned.",
    source="Half of the median, and Tukey's lower fence on the log scale (Exploratory Data Analysis, 1977).",
    look=_look,
    options=(
        DetectorOption("share", 0.5, "of the median epochs", "Fewer epochs than this share of the median are short."),
        DetectorOption(
            "runtime_share", 0.25, "of the median run time", "Less time than this share of the median is short."
        ),
    ),
)
