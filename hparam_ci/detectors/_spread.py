"""How far losses spread in a sweep, and where that ends: on the log scale, and robust."""

from __future__ import annotations

import numpy as np

from hparam_ci.sources.table import Floats

MAD_TO_SIGMA = 1.4826
TAIL = 2.0  # decades that a sweep's own tail may run on above the limit
LARGEST = 300.0  # decades
FINE = 32  # cells of a histogram to a window


def limit_by_spread(losses: Floats, decades: float, sigmas: float, gap: float, flat: float) -> float:
    """The loss above which a trial stands apart from the sweep.

    In decades, it is the first quartile plus the larger of `decades` and `sigmas` robust standard deviations. The
    spread is the median distance to the first quartile among the lower half, so that exploded trials (up to three in
    five) do not widen it. Both are wider where trials are few: by 4 / n and 10 / n, which keeps false alarms in
    simulated healthy sweeps of 5 to 20 trials as rare as in large ones. However wide the spread, what is beyond a gap
    of `gap` decades (as much wider) and farther than `decades` is apart. Where losses run on above the limit without
    such a gap, and none is 2 decades above it, they are the sweep's own tail, and the limit is beyond its end.

    Args:
        losses: (n,) finite.
        decades: the least distance.
        sigmas: the least distance in robust standard deviations.
        gap: between the sweep's tail and what is apart, in decades.
        flat: the limit where losses are 0 and have no scale.
    """
    signed = bool(np.min(losses) < 0)
    unit = _unit(losses, signed)
    if unit == 0:
        return flat
    with np.errstate(over="ignore"):
        levels = np.arcsinh(losses / unit) / np.log(10) if signed else np.log10(np.maximum(losses, unit))
    levels = np.sort(np.clip(levels, -LARGEST, LARGEST))
    quartile, median = np.quantile(levels, [0.25, 0.5])
    sigma = MAD_TO_SIGMA * np.median(np.abs(levels[levels <= median] - quartile))
    n = len(levels)
    least = quartile + decades * (1 + 4 / n)
    limit = max(least, quartile + sigmas * sigma * (1 + 10 / n))
    limit = min(limit, _first_gap(levels, median, least, gap * (1 + 10 / n)))
    limit = min(beyond_tail(levels, limit, gap), LARGEST)
    with np.errstate(over="ignore"):
        return float(unit * np.sinh(limit * np.log(10)) if signed else 10**limit)


def _unit(losses: Floats, signed: bool) -> float:
    """The loss below which differences mean nothing: a tenth of what two in five trials reach. Where losses can be
    negative, the usual distance from 0 of the lower half: above it the scale is nearly a log scale."""
    if signed:
        return float(np.median(np.abs(losses[losses <= np.median(losses)])))
    return 0.1 * float(np.quantile(losses, 0.4))


def _first_gap(levels: Floats, median: float, least: float, wide: float) -> float:
    """The middle of the first gap above the median that is so wide and ends above `least`, or that, where it is more;
    infinite without such a gap."""
    low, high = levels[:-1], levels[1:]
    first = np.flatnonzero((low >= median) & (high >= least) & (high - low >= wide))
    return max(least, float(low[first[0]] + high[first[0]]) / 2) if len(first) else np.inf


def beyond_tail(levels: Floats, limit: float, gap: float) -> float:
    """Half a gap above the largest level, where the levels above `limit` are but a tail; else `limit`."""
    first = int(np.searchsorted(levels, limit, side="right"))
    if first in (0, len(levels)) or levels[-1] > limit + TAIL or np.max(np.diff(levels[first - 1 :])) >= gap:
        return limit
    return float(levels[-1]) + gap / 2


def most_within(values: Floats, share: float) -> int:
    """A bound, in linear time, of how many positive values are at most so much greater than the least of them."""
    logs = np.log(values[values > 0])
    if not len(logs):
        return 0
    cells = ((logs - logs.min()) * (FINE / np.log1p(share))).astype(np.intp)
    reached = np.cumsum(np.pad(np.bincount(cells), (1, FINE + 2)))
    return int(np.max(reached[FINE + 2 :] - reached[: -FINE - 2]))


def plateau(losses: Floats) -> float:
    """The highest loss that a tenth of the trials (at least three) share within 1 %: what a blind guess costs, which
    all trials share that have learnt nothing. 0 if there is none."""
    many = max(3, -(-len(losses) // 10))
    if most_within(losses, 0.01) < many:
        return 0.0
    ordered = np.sort(losses)
    low, high = ordered[: 1 - many], ordered[many - 1 :]
    shared = high[(low > 0) & (high <= 1.01 * low)]
    return float(shared[-1]) if len(shared) else 0.0
