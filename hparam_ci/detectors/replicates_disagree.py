"""HP510 replicates-disagree: configurations that fail in every run, and those that fail in some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from hparam_ci.detectors._trials import NO_HYPERPARAMETER, NO_REPLICATES, described, died
from hparam_ci.detectors.detector import (
    CouldNotLook,
    Detection,
    Detector,
    DetectorOption,
    Evidence,
    Finding,
    Options,
    SweepDetection,
)
from hparam_ci.sources.rows import Rows, dense, sizes
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Mask

SHOWN = 3


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> SweepDetection | CouldNotLook:
    config = sweep.configurations
    if config is None:
        return CouldNotLook(NO_HYPERPARAMETER)
    failed = died(sweep, earlier)
    if "HP201" in earlier:
        failed |= earlier["HP201"].flagged
    rows = np.flatnonzero(sweep.ended | failed)
    group = dense(config[rows])
    replicated = sizes(group) >= options["fewest"]
    if not replicated.any():
        return CouldNotLook(NO_REPLICATES)
    return SweepDetection(tuple(_findings(sweep, rows[replicated], group[replicated], failed)))


def _findings(sweep: Sweep, rows: Rows, config: Rows, failed: Mask) -> Iterator[Finding]:
    group = dense(config)
    counts, sick = np.bincount(group), np.bincount(group, failed[rows]).astype(np.intp)
    firsts = rows[np.unique(group, return_index=True)[1]]
    by_chance = float(((sick.sum() / counts.sum()) ** np.sort(counts)).sum())  # all runs of a configuration fail
    runs = "seed" if sweep.columns(Role.SEED) else "run"
    every, some = sick == counts, (sick > 0) & (sick < counts)
    fault = (
        "the configuration is at fault" if every.sum() > 2.000001 * by_chance else "about as many as chance would give"
    )
    for chosen, how, meaning in (
        (every, f"for every {runs}", fault),
        (some, f"for some {runs}s only", f"it depends on the {runs}, or on the machine"),
    ):
        if chosen.any():
            k = int(chosen.sum())
            worst = sorted((-sick[i], described(sweep, int(firsts[i])), counts[i]) for i in np.flatnonzero(chosen))
            shown = "; ".join(f"{text}: {-bad} of {of}" for bad, text, of in worst[:SHOWN])
            more = f"; and {k - SHOWN} more" if k > SHOWN else ""
            fail = "fails" if k == 1 else "fail"
            message = f"{k} of {len(counts)} configurations {fail} {how} ({shown}{more}): {meaning}"
            listed = rows[chosen[group] & failed[rows]]
            yield Finding(Evidence("", f"{k} of {len(counts)}", "0", message), listed.tolist())


DETECTOR = Detector(
    code="HP510",
    name="replicates-disagree",
    title="Failures among replicates",
    trials="",
    severity="notice",
    rate="",
    summary="Where configurations were run several times: those that fail or diverge in every run, and those that do "
    "in some runs only.",
    why="A configuration that fails for every seed is wrong; one that fails for some is unstable. The first is to be "
    "left out, the second to be stabilised.",
    advice="Leave out what always fails; where some seeds fail, lower the learning rate or clip gradients, and report "
    "the share of seeds that fail.",
    source="Henderson et al., Deep Reinforcement Learning that Matters (AAAI 2018), on results that hang on the seed.",
    look=_look,
    options=(DetectorOption("fewest", 2, "runs", "A configuration with so many runs has replicates."),),
    scope="sweep",
)
