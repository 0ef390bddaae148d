"""How often the detectors of deaths and of waste are right: `python benchmarks/detectors/endings.py [SEED]`.

Makes sweeps that ran on a few workers, with a clock: each trial begins when a worker is free, and ends by itself, by a
refused configuration, an exception, a kill, a limit of time, or an interruption that the record takes for an end. What
the file records of it differs from sweep to sweep. Prints precision and recall of each detector, how often crashes fall
into the right groups, and how many healthy sweeps (some of them still going) show a finding.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from hparam_ci.detectors.registry import all_detectors
from hparam_ci.detectors.run import IssueTable, detect
from hparam_ci.sources.history import collapse
from hparam_ci.sources.roles import read_roles
from hparam_ci.sources.tabular import read_table

Rng = np.random.Generator
FAULTY, HEALTHY = 500, 1000
SIZES = (8, 12, 20, 40, 80, 150, 300)
KINDS = ("failed", "rejected-at-once", "killed", "timeout", "short-run", "unfinished", "wasteful-run")
MESSAGES = (
    "CUDA out of memory. Tried to allocate {:.2f} GiB (GPU 0; 10.76 GiB total capacity)",
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied ({}x{} and 64x10)",
    "FileNotFoundError: [Errno 2] No such file or directory: '/data/run_{}/shard_{}.npy'",
    "ValueError: Expected more than 1 value per channel when training, got input size [1, {}]",
    "OSError: broken pipe at 0x7f{:08x}",
)
WORDS = ({"ok": "completed", "bad": "failed", "kill": "killed", "late": "timeout", "open": "running"},
         {"ok": "FINISHED", "bad": "FAILED", "kill": "KILLED", "late": "FAILED", "open": "RUNNING"},
         {"ok": "Completed", "bad": "Failed", "kill": "Aborted", "late": "Failed", "open": "InProgress"})  # fmt: skip


@dataclass
class Made:
    """A sweep: its columns, detector name to (n,) trials with that fault, (n,) the message that each died of, and
    (n,) which were killed so late that they may be going still, as far as anybody can tell."""

    columns: dict[str, list[Any]]
    faults: dict[str, np.ndarray] = field(default_factory=dict)
    message: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    going: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))


def make(rng: Rng, n: int, *, faulty: bool) -> Made:
    kind = _kinds(rng, n, faulty=faulty)
    plan = _plans(rng, n)
    with_plan, with_reached = bool(rng.random() < 0.6), bool(rng.random() < 0.7)
    if not (with_plan and with_reached):
        kind[kind == "unfinished"] = ""
    if not with_reached:
        kind[kind == "short-run"] = ""
    reached = plan.copy()
    if not with_plan:  # else it may have been planned so
        reached[kind == "short-run"] = np.min(plan)
    reached[kind == "short-run"] = np.maximum(1, reached * rng.uniform(0.02, 0.4, n))[kind == "short-run"].astype(int)
    reached[kind == "unfinished"] = (plan * rng.uniform(0.55, 0.9, n))[kind == "unfinished"].astype(int)
    per_unit = 10 ** rng.uniform(-0.5, 1.5)
    seconds = per_unit * reached * _noise(rng, n) + rng.uniform(0.2, 8)
    cost = np.where(kind == "wasteful-run", rng.uniform(12, 40, n), 1.0)
    seconds = seconds * cost
    seconds[kind == "rejected-at-once"] = (
        rng.uniform(0.002, 0.02) * np.median(seconds) * rng.lognormal(0, 0.3, n)[kind == "rejected-at-once"]
    )
    crash = np.isin(kind, ["failed", "killed"])
    seconds[crash] *= rng.uniform(0.3, 0.95, n)[crash]
    limit = float(np.max(seconds[kind != "timeout"], initial=0.0) * rng.uniform(1.05, 1.5))
    seconds[kind == "timeout"] = limit * (1 + rng.uniform(0, 0.005, n)[kind == "timeout"])
    return _record(rng, kind, plan if with_plan else None, reached if with_reached else None, seconds)


def _kinds(rng: Rng, n: int, *, faulty: bool) -> np.ndarray:
    kind = np.full(n, "", dtype=object)
    if faulty:
        for fault in rng.choice(KINDS, int(rng.integers(1, 4)), replace=False):
            most = {"wasteful-run": 0.04, "unfinished": 0.06, "short-run": 0.15}.get(fault, 0.25)
            kind[rng.random(n) < rng.uniform(0.02, most)] = fault
        kind[rng.permutation(n)[: n // 2]] = ""
    return kind


def _plans(rng: Rng, n: int) -> np.ndarray:
    most = int(rng.choice([20, 50, 100]))
    return np.full(n, most) if rng.random() < 0.6 else rng.choice([most, 2 * most, 5 * most], n)


def _noise(rng: Rng, n: int) -> np.ndarray:
    """What a trial costs beside another: the machine, and settings such as the batch size; sometimes heavy-tailed."""
    width = rng.uniform(0.02, 0.25)
    if rng.random() < 0.3:
        return np.exp(width * rng.standard_t(3, n))
    sizes = rng.choice([1.0, 1.5, 2.5, 4.0], n) if rng.random() < 0.5 else 1.0
    return sizes * rng.lognormal(0, width, n)


def _record(rng: Rng, kind: np.ndarray, plan: Any, reached: Any, seconds: np.ndarray) -> Made:
    n = len(kind)
    words, clock = WORDS[rng.integers(len(WORDS))], str(rng.choice(["seconds", "stamps", "both"]))
    began = _began(rng, seconds)
    states = np.array([_state(kind[i]) for i in range(n)], dtype=object)
    hard = (kind == "killed") & (rng.random(n) < 0.5) & (clock != "seconds")
    states[hard] = "open"
    loss = rng.lognormal(0, 0.3, n)
    if rng.random() < 0.5:
        loss = loss * np.where(kind == "wasteful-run", 1.5, 1.0)
    known = np.isin(kind, ["", "short-run", "unfinished", "wasteful-run"])
    columns: dict[str, list[Any]] = {
        "trial_id": list(range(n)),
        "status": [words[state] for state in states],
        "lr": [f"{10 ** rng.uniform(-4, -1):.4g}" for _ in range(n)],
        "val_loss": [f"{loss[i]:.5g}" if known[i] else "" for i in range(n)],
    }
    if plan is not None:
        columns["max_epochs"] = [int(x) for x in plan]
    if reached is not None:
        columns["epoch"] = [int(x) if known[i] else "" for i, x in enumerate(reached)]
    if clock != "seconds":
        columns["start_time"] = [_stamp(x) for x in began]
        columns["end_time"] = ["" if states[i] == "open" else _stamp(began[i] + seconds[i]) for i in range(n)]
    if clock != "stamps":
        columns["runtime_sec"] = ["" if states[i] == "open" else f"{x:.4g}" for i, x in enumerate(seconds)]
    message = np.full(n, -1)
    crashed = np.isin(kind, ["failed", "rejected-at-once"])
    message[crashed] = rng.integers(0, int(rng.integers(1, len(MESSAGES) + 1)), n)[crashed]
    if rng.random() < 0.6:
        columns["error"] = [_message(rng, place) if place >= 0 else "" for place in message]
    else:
        message[:] = -1
    faults = {name: kind == name for name in KINDS}
    if words["late"] == words["bad"] and (kind == "timeout").sum() < 3:  # a pair is no pile: they failed, by their word
        faults["timeout"], crashed = np.zeros(n, bool), crashed | (kind == "timeout")
    faults["failed"] = np.isin(states, ["bad", "kill", "late"])
    faults["wasteful-run"] &= loss >= np.median(loss[known])
    last = np.max((began + seconds)[~hard], initial=0.0)
    going = hard & (last - began < 2 * np.max(seconds[~hard], initial=0.0))
    return Made(columns, faults, message, going)


def _state(kind: str) -> str:
    return {"failed": "bad", "rejected-at-once": "bad", "killed": "kill", "timeout": "late"}.get(kind, "ok")


def _message(rng: Rng, place: int) -> str:
    numbers = rng.integers(1, 10**6, 2).tolist()
    text = MESSAGES[place].format(*(numbers if "{:.2f}" not in MESSAGES[place] else [rng.uniform(0.1, 9)]))
    if rng.random() < 0.3:
        return (
            f'Traceback (most recent call last):\n  File "/app/train.py", line {numbers[0]}, in main\n    run()\n{text}'
        )
    return text


def _began(rng: Rng, seconds: np.ndarray) -> np.ndarray:
    free, began = np.zeros(int(rng.choice([1, 2, 4, 8]))), np.zeros(len(seconds))
    for trial, took in enumerate(seconds):
        worker = int(np.argmin(free))
        began[trial] = free[worker] + rng.uniform(0.01, 0.5)
        free[worker] = began[trial] + took
    return began


def _stamp(second: float) -> str:
    return (datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=float(second))).isoformat(" ")


def finished_sweep(rng: Rng, n: int) -> Made:
    """A healthy sweep."""
    return make(rng, n, faulty=False)


def still_going(rng: Rng, n: int) -> Made:
    """A healthy sweep, exported while its last trials run: what began last is marked as running, however slow it is."""
    made = make(rng, n, faulty=False)
    if "start_time" not in made.columns:
        return made
    open_word = next(words["open"] for words in WORDS if made.columns["status"][0] == words["ok"])
    ends = np.array([datetime.fromisoformat(x).timestamp() for x in made.columns["end_time"]])
    now = np.quantile(ends, rng.uniform(0.5, 1))
    kept = [i for i in range(n) if datetime.fromisoformat(made.columns["start_time"][i]).timestamp() <= now]
    columns = {name: [cells[i] for i in kept] for name, cells in made.columns.items()}
    for place, row in enumerate(kept):
        if ends[row] > now:
            columns["status"][place] = open_word
            for name in {"end_time", "runtime_sec", "val_loss", "epoch"} & set(columns):
                columns[name][place] = ""
    return Made(columns)


def seen(made: Made, folder: Path) -> IssueTable:
    with (folder / "sweep.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(made.columns)
        writer.writerows(zip(*made.columns.values(), strict=True))
    return detect(read_roles(collapse(read_table(Path("sweep.csv"), folder))))


def flagged(table: IssueTable, code: str, n: int) -> np.ndarray | None:
    """(n,) the trials of a detector, by trial or by what it says of the sweep; None where it could not look."""
    if code in table.seen:
        return table.seen[code].flagged
    if code not in table.found:
        return None
    mask = np.zeros(n, bool)
    mask[[row for finding in table.found[code].findings for row in finding.rows]] = True
    return mask


def confusion(rng: Rng, folder: Path) -> None:
    counts = {name: Counter[str]() for name in KINDS}
    groups: Counter[str] = Counter()
    for _ in range(FAULTY):
        made = make(rng, int(rng.choice(SIZES)), faulty=True)
        table = seen(made, folder)
        for detector in all_detectors():
            found = flagged(table, detector.code, len(made.message)) if detector.name in KINDS else None
            if found is not None:
                sure = ~made.going if detector.name == "killed" else np.ones(len(made.message), bool)
                found, true = found & sure, made.faults[detector.name] & sure
                counts[detector.name] += Counter(
                    sweeps=1, tp=int((found & true).sum()), fp=int((found & ~true).sum()), fn=int((true & ~found).sum())
                )
        if (made.message >= 0).any():
            wanted = {tuple(np.flatnonzero(made.message == place).tolist()) for place in set(made.message) - {-1}}
            got = {tuple(finding.rows) for finding in table.found["HP107"].findings}
            groups += Counter(true=len(wanted), found=len(got), right=len(wanted & got))
    heads = ("sweeps", "true", "found", "missed", "false", "precision", "recall")
    print(f"{'detector':18s}" + "".join(f"{head:>10s}" for head in heads))
    for name, c in counts.items():
        numbers = (c["sweeps"], c["tp"] + c["fn"], c["tp"], c["fn"], c["fp"])
        shares = (c["tp"] / max(1, c["tp"] + c["fp"]), c["tp"] / max(1, c["tp"] + c["fn"]))
        print(f"{name:18s}" + "".join(f"{x:10d}" for x in numbers) + "".join(f"{x:10.3f}" for x in shares))
    print(f"crash messages: {groups['true']} groups, {groups['found']} found, {groups['right']} of them right")


def _any(mask: np.ndarray | None) -> bool:
    return mask is not None and bool(mask.any())


def healthy(rng: Rng, folder: Path) -> None:
    for name, maker in (("finished", finished_sweep), ("still going", still_going)):
        by_name: Counter[str] = Counter()
        by_severity: Counter[str] = Counter()
        for _ in range(HEALTHY):
            table = seen(maker(rng, int(rng.choice(SIZES))), folder)
            hits = [d for d in all_detectors() if _any(flagged(table, d.code, len(table.sweep)))]
            by_name.update(d.name for d in hits)
            by_severity.update({d.severity for d in hits})
        print(
            f"of {HEALTHY} healthy sweeps ({name}), with a finding: {dict(by_severity)}; by detector: {dict(by_name)}"
        )


def main() -> None:
    rng = np.random.default_rng(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    with tempfile.TemporaryDirectory() as name:
        confusion(rng, Path(name))
        healthy(rng, Path(name))


if __name__ == "__main__":
    main()
