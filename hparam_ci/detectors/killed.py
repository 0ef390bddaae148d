"""HP105 killed: ended from outside, or left marked as running for ever."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._failures import span
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.dialects import State
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Floats
from hparam_ci.sources.times import seconds_of

FEWEST = 5  # trials that ended, before they show how long one takes
WIDER = 10.0  # over the number of those: the limit is so much wider where they are few


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    if not sweep.has_status:
        return CouldNotLook("no status column")
    column = sweep.columns(Role.STATUS)[0]
    killed = sweep.in_state(State.KILLED)
    silent, longest, known = _silence(sweep)
    limit = options["times"] * (1 + WIDER / known) * longest
    stale = sweep.in_state(State.RUNNING) & (silent > limit)

    def evidence(row: int) -> Evidence:
        word = column.show(row)
        if not stale[row]:
            return Evidence(column.name, word, "finished", f"ended as {word}")
        message = (
            f"still marked as {word}, {span(silent[row])} before the last sign of life of the sweep; "
            f"no trial that ended took longer than {span(longest)}"
        )
        return Evidence(column.name, word, f"{span(limit)} of silence", message)

    return Detection(killed | stale, sweep.ended | stale, evidence)


def _silence(sweep: Sweep) -> tuple[Floats, float, int]:
    """(n,) seconds from each trial's last sign of life to the last one of the sweep, the longest duration of a trial
    that ended, and how many of those are known; NaN and infinity where they are not recorded."""
    seen = _last_seen(sweep)
    seconds, ended = sweep.seconds, sweep.ended
    if seconds is None or seen is None or not np.isfinite(seen).any():
        return np.full(len(sweep), np.nan), np.inf, FEWEST
    known = seconds[ended & np.isfinite(seconds)]
    longest = float(np.max(known)) if len(known) >= FEWEST else np.inf
    with np.errstate(over="ignore", invalid="ignore"):
        return np.nanmax(seen) - seen, longest, max(len(known), FEWEST)


def _last_seen(sweep: Sweep) -> Floats | None:
    """(n,) the latest point of time that is recorded of each trial."""
    stamps = [seconds_of(column) for column in sweep.columns(Role.TIMESTAMP)]
    if sweep.began is not None and sweep.seconds is not None:
        stamps.append(sweep.began + sweep.seconds)
    if not stamps:
        return None
    latest: Floats = np.fmax.reduce(stamps)
    return latest


DETECTOR = Detector(
    code="HP105",
    name="killed",
    title="Killed trials",
    trials="killed trials",
    severity="error",
    rate="failed_rate",
    summary="The trial was killed, aborted or pre-empted by its status, or is still marked as running though it has "
    "been silent for more than twice the longest trial. A trial that may still be going is not counted.",
    why="Something outside the program ended it: memory, a pre-empted machine, a lost worker. It left no message, and "
    "trackers show it as running for ever.",
    advice="Look for an out-of-memory kill or a pre-emption in the log of the machine or the scheduler; save "
    "checkpoints, and let killed trials be retried.",
    source="KILLED in MLflow; the stale trials that Optuna fails after a grace period without a heartbeat "
    "(`fail_stale_trials`); SageMaker Debugger's StalledTrainingRule waits for output in the same way.",
    look=_look,
    confidence="medium",
    options=(
        DetectorOption(
            "times",
            2.0,
            "times the longest trial",
            "A running trial that has been silent for longer was killed; with few trials it takes more.",
        ),
    ),
)
