"""The comparison as Markdown: shares in per cent with their standard errors, and where a peer is ahead."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from benchmarks.diagnosis.methods import METHODS
from benchmarks.diagnosis.sweeps import HARD, NULL, PAIR, SINGLE

OURS = "ours"
GROUPS = {"single": SINGLE, "pair": PAIR, "hard": HARD}
MIDDLE = (30, 500)


def tables(rows: pd.DataFrame) -> str:
    """Everything that is published, from one row a sweep and method."""
    rows = rows.assign(stopped=rows.error != "")
    order = [method for method in METHODS if method in set(rows.method)]
    parts = [_by_size(rows[rows.n == n], n, order) for n in sorted(rows.n.unique())]
    parts += [_by_kind(rows, order), _ahead(rows, order)]
    return "\n\n".join(part for part in parts if part)


def _by_size(rows: pd.DataFrame, n: int, order: list[str]) -> str:
    head = ["method", *GROUPS, "named", "invents", "alarm without a cause", "cut error", "s", "sweeps", "stopped"]
    lines = []
    for method in order:
        own = rows[rows.method == method]
        planted, null = own[~own.kind.isin(NULL)], own[own.kind.isin(NULL)]
        if not len(own):
            continue
        error = planted.get("cut_error", pd.Series(dtype=float)).dropna()
        lines.append(
            [
                method,
                *(_share(planted[planted.kind.isin(kinds)].found) for kinds in GROUPS.values()),
                _share(planted.named),
                _share(planted.invents),
                _share(null.invents),
                f"{100 * error.median():.1f}" if len(error) else "–",
                f"{own.seconds.mean():.2g}",
                f"{len(planted)} + {len(null)}",
                str(int(own.stopped.sum())),
            ]
        )
    return f"### {n:,} trials\n\n" + _table(head, lines)


def _by_kind(rows: pd.DataFrame, order: list[str]) -> str:
    """Found by kind; for kinds without a cause, an alarm."""
    middle = rows[rows.n.between(*MIDDLE)]
    lines = []
    for kind in middle.kind.unique():
        own = middle[middle.kind == kind]
        column = "invents" if kind in NULL else "found"
        lines.append([kind, *(_share(own[own.method == method][column]) for method in order)])
    title = f"### By kind, {MIDDLE[0]} to {MIDDLE[1]} trials: found, and without a cause an alarm"
    return f"{title}\n\n" + _table(["kind", *order], lines) if lines else ""


def _ahead(rows: pd.DataFrame, order: list[str]) -> str:
    """The rows of the tables above in which a peer is better than this project, on the sweeps that both saw."""
    found = list(_leads(rows, [method for method in order if method not in (OURS, "oracle", "command")]))
    title = "### Where a peer is ahead"
    lines = "\n".join(f"- {line}" for line in found) or "Nowhere, in no row."
    return f"{title}\n\n{lines}" if OURS in order else ""


def _leads(rows: pd.DataFrame, peers: list[str]) -> Iterator[str]:
    key = ["kind", "n", "seed"]
    ours = rows[rows.method == OURS].set_index(key)
    for peer in peers:
        both = rows[rows.method == peer].set_index(key).join(ours, lsuffix="_peer", how="inner").reset_index()
        planted, null = both[~both.kind.isin(NULL)], both[both.kind.isin(NULL)]
        for n in sorted(both.n.unique()):
            for name, kinds in GROUPS.items():
                own = planted[(planted.n == n) & planted.kind.isin(kinds)]
                yield from _lead(peer, f"{name}, {n:,} trials, found", own.found_peer, own.found)
            own = planted[planted.n == n]
            yield from _lead(peer, f"{n:,} trials, named", own.named_peer, own.named)
            yield from _lead(peer, f"{n:,} trials, inventions", -own.invents_peer, -own.invents)
            own = null[null.n == n]
            yield from _lead(peer, f"{n:,} trials, alarms", -own.invents_peer, -own.invents)
        middle = planted[planted.n.between(*MIDDLE)]
        for kind in middle.kind.unique():
            own = middle[middle.kind == kind]
            yield from _lead(peer, f"{kind}, found", own.found_peer, own.found)


def _lead(peer: str, row: str, theirs: pd.Series, ours: pd.Series) -> Iterator[str]:
    difference = (theirs - ours).dropna()
    if len(difference) and difference.mean() > 0:
        error = difference.std() / np.sqrt(len(difference)) if len(difference) > 1 else float("nan")
        yield (
            f"{peer}: {row}, {100 * abs(theirs.mean()):.0f} to {100 * abs(ours.mean()):.0f} % "
            f"(by {100 * difference.mean():.0f} ± {100 * error:.0f} on {len(difference)} sweeps)"
        )


def _share(values: pd.Series) -> str:
    """`81 ± 4`: per cent and the standard error of the mean over sweeps."""
    values = values.dropna()
    if not len(values):
        return "–"
    share = float(values.mean())
    # with a success and a failure more, so that none or all of a few does not look certain (Agresti and Coull, 1998)
    smoothed = (values.sum() + 1) / (len(values) + 2)
    return f"{100 * share:.0f} ± {100 * np.sqrt(smoothed * (1 - smoothed) / (len(values) + 2)):.0f}"


def _table(head: list[str], lines: list[list[str]]) -> str:
    rule = ":--|" + "--:|" * (len(head) - 1)
    return "\n".join(["| " + " | ".join(head) + " |", "|" + rule, *("| " + " | ".join(line) + " |" for line in lines)])
