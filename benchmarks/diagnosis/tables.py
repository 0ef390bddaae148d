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
NO_REGION = ("optuna",)
"""It names hyperparameters and no region, so that it cannot find a cause; compare what it named."""


def tables(rows: pd.DataFrame) -> str:
    """Everything that is published, from one row a sweep and method."""
    rows = rows.assign(stopped=rows.error != "")
    order = [method for method in METHODS if method in set(rows.method)]
    parts = [_by_size(rows[rows.n == n], n, order) for n in sorted(rows.n.unique())]
    parts += [_by_kind(rows, order), _ahead(rows, order)]
    return "\n\n".join(part for part in parts if part)


def _by_size(rows: pd.DataFrame, n: int, order: list[str]) -> str:
    head = [
        "method",
        *GROUPS,
        "named",
        "clean",
        "invents",
        "alarm without a cause",
        "cut error",
        "s",
        "sweeps",
        "stopped",
    ]
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
                *(_found(planted[planted.kind.isin(kinds)], method) for kinds in GROUPS.values()),
                _share(planted.named),
                _found(planted, method, "clean"),
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
        lines.append(
            [
                kind,
                *(
                    _share(own[own.method == method].invents)
                    if kind in NULL
                    else _found(own[own.method == method], method)
                    for method in order
                ),
            ]
        )
    title = f"### By kind, {MIDDLE[0]} to {MIDDLE[1]} trials: found, and without a cause an alarm"
    return f"{title}\n\n" + _table(["kind", *order], lines) if lines else ""


def _ahead(rows: pd.DataFrame, order: list[str]) -> str:
    """The rows of the tables above in which a peer is better than this project, on the sweeps that both saw."""
    title = "### Where a peer is ahead"
    peers = [method for method in order if method not in (OURS, "oracle", "command")]
    lines = [line for peer in peers if (line := _leads(rows, peer))]
    return f"{title}\n\n" + ("\n".join(lines) or "Nowhere, in no row.") if OURS in order and peers else ""


def _leads(rows: pd.DataFrame, peer: str) -> str:
    """The rows in which one peer leads, and how often it invents a cause."""
    key = ["kind", "n", "seed"]
    both = rows[rows.method == peer].merge(rows[rows.method == OURS], on=key, suffixes=("_peer", ""))
    found = list(_led(both, regions=peer not in NO_REGION))
    planted = both[~both.kind.isin(NULL)]
    invents = (
        f"invents in {_share(planted.invents_peer)} % of these sweeps, this project in {_share(planted.invents)} %"
    )
    return f"- **{peer}** ({invents}): {'; '.join(found)}" if found else ""


def _led(both: pd.DataFrame, *, regions: bool) -> Iterator[str]:
    planted, null = both[~both.kind.isin(NULL)], both[both.kind.isin(NULL)]
    for n in sorted(both.n.unique()):
        own = planted[planted.n == n]
        for name, kinds in GROUPS.items() if regions else ():
            part = own[own.kind.isin(kinds)]
            yield from _lead(f"{name} at {n:,}", part.found_peer, part.found)
        yield from _lead(f"named at {n:,}", own.named_peer, own.named)
        if regions:
            yield from _lead(f"clean at {n:,}", own.clean_peer, own.clean)
        yield from _lead(f"inventions at {n:,}", -own.invents_peer, -own.invents)
        own = null[null.n == n]
        yield from _lead(f"alarms at {n:,}", -own.invents_peer, -own.invents)
    middle = planted[planted.n.between(*MIDDLE)]
    for kind in middle.kind.unique() if regions else ():
        own = middle[middle.kind == kind]
        yield from _lead(kind, own.found_peer, own.found)


def _lead(row: str, theirs: pd.Series, ours: pd.Series) -> Iterator[str]:
    difference = (theirs - ours).dropna()
    if len(difference) and difference.mean() > 0:
        error = difference.std() / np.sqrt(len(difference)) if len(difference) > 1 else float("nan")
        yield (
            f"{row}, {100 * abs(theirs.mean()):.0f} to {100 * abs(ours.mean()):.0f} % "
            f"({100 * difference.mean():.0f} ± {100 * error:.0f} on {len(difference)})"
        )


def _found(rows: pd.DataFrame, method: str, column: str = "found") -> str:
    return "–" if method in NO_REGION else _share(rows[column])


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
