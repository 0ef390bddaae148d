"""HP106 timeout: a limit of time ended the trial."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._failures import FEWEST, MOST_OTHERS, NEAR, between, ended_badly, pile_up, span
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.dialects import State
from hparam_ci.sources.sweep import Role, Sweep


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    seconds = sweep.seconds
    if not sweep.has_status and seconds is None:
        return CouldNotLook("no status column")
    named = sweep.in_state(State.TIMEOUT)
    pile = pile_up(sweep, named | ended_badly(sweep), options["near"], int(options["fewest"]), options["others"])
    flagged = named | pile.rows if pile else named
    low, high = _limit(seconds, named) if named.any() else (pile.low, pile.high) if pile else (np.nan, np.nan)

    def evidence(row: int) -> Evidence:
        many = int(flagged.sum())
        together = f"{many} trials end between {between(low, high)}" if many > 1 and high >= 0 else ""
        took = f"ended after {span(float(seconds[row]))}" if seconds is not None and seconds[row] >= 0 else ""
        if named[row]:
            column = sweep.columns(Role.STATUS)[0]
            took = f"ended as {column.show(row)}" + took.removeprefix("ended")
            name, value = column.name, column.show(row)
        else:
            name, value = sweep.seconds_column, took.removeprefix("ended after ")
        return Evidence(
            name,
            value,
            f"less than {span(high)}" if high >= 0 else "finished",
            "; ".join(filter(None, (took, together))),
        )

    return Detection(flagged, sweep.ended, evidence)


def _limit(seconds: np.ndarray | None, rows: np.ndarray) -> tuple[float, float]:
    """The shortest and the longest duration of some trials; NaN where none is recorded."""
    known = seconds[rows & np.isfinite(seconds)] if seconds is not None else np.zeros(0)
    return (float(np.min(known)), float(np.max(known))) if len(known) else (np.nan, np.nan)


DETECTOR = Detector(
    code="HP106",
    name="timeout",
    title="Timed out",
    trials="timed-out trials",
    severity="error",
    rate="failed_rate",
    summary="A limit of time ended the trial: its status says so, or trials that did not end well pile up at one "
    "duration that no other trial passes.",
    why="The trial was cut off in the middle: its metrics are those of a half-trained model, or are missing. Settings "
    "that make a trial slow are judged as bad ones.",
    advice="Raise the limit, or bound what makes a trial slow (epochs, batch size, size of the model); else give all "
    "trials the same budget and save checkpoints.",
    source="TIMEOUT in SMAC, time limits of batch schedulers. Jobs end within two per cent of such a limit (Slurm's "
    "KillWait is 30 seconds).",
    look=_look,
    options=(
        DetectorOption("near", NEAR, "of the limit", "How far below the longest duration a trial counts as at it."),
        DetectorOption("fewest", FEWEST, "trials", "Fewer trials than this make no pile."),
        DetectorOption(
            "others", MOST_OTHERS, "of the pile", "More finished trials than this at the limit, and it is no limit."
        ),
    ),
)
