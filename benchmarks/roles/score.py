"""How well columns are understood: `python -m benchmarks.roles.score DATA_FOLDER [--misses]`.

Prints precision and recall for each role, on the labelled sweeps of a folder (labels.toml) and on made-up exports.
A hyperparameter that is wrong with confidence "high" is counted apart: it would make an invented cause.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.roles.made import EXPORTS, made
from hparam_ci.sources.read import read_sweeps
from hparam_ci.sources.sweep import Sweep

ROLES = ("hyperparameter", "metric", "id", "status", "duration", "budget", "seed", "timestamp", "message")


@dataclass(frozen=True)
class Answer:
    """One column: what it is and what it was taken for."""

    file: str
    column: str
    truth: str
    role: str
    confidence: str


def labelled(folder: Path) -> Iterator[Answer]:
    """The columns of the labelled sweeps in a folder."""
    labels = tomllib.loads((Path(__file__).parent / "labels.toml").read_text(encoding="utf-8"))
    for name, roles in labels.items():
        truth = {column: role for role, columns in roles.items() for column in columns}
        yield from _answers(name, read_sweeps(Path(name), folder)[0], truth)


def made_up(folder: Path) -> Iterator[Answer]:
    """The columns of the made-up exports, written below a folder."""
    for name in EXPORTS:
        columns, truth = made(name)
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
        yield from _answers(name, read_sweeps(Path(f"{name}.csv"), folder)[0], truth)


def _answers(file: str, sweep: Sweep, truth: dict[str, str]) -> Iterator[Answer]:
    seen = set()
    for reading in sweep.readings:
        column = sweep.table.origins.get(reading.name, reading.name)
        if column not in seen:
            yield Answer(file, column, truth.get(column, "ignored"), reading.role.value, reading.confidence)
        seen.add(column)
    for column in truth.keys() - seen:
        yield Answer(file, column, truth[column], "absent", "high")


def table(answers: list[Answer]) -> str:
    """Precision and recall for each role, as a Markdown table."""
    lines = ["| role | columns | precision | recall |", "|---|---|---|---|"]
    for role in ROLES:
        right = sum(a.truth == a.role == role for a in answers)
        taken, true = sum(a.role == role for a in answers), sum(a.truth == role for a in answers)
        lines.append(f"| {role} | {true} | {_share(right, taken)} | {_share(right, true)} |")
    wrong = Counter(a.confidence for a in answers if a.role == "hyperparameter" != a.truth)
    shown = ", ".join(f"{count} {confidence}" for confidence, count in sorted(wrong.items())) or "none"
    return "\n".join([*lines, "", f"Wrong hyperparameters by confidence: {shown}."])


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f} ({part}/{whole})" if whole else "–"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds the files that labels.toml names")
    parser.add_argument("--misses", action="store_true", help="list every column that was taken for something else")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        parts = {"labelled sweeps": list(labelled(options.folder)), "made-up exports": list(made_up(Path(scratch)))}
    for title, answers in parts.items():
        print(f"\n## {title}: {len({a.file for a in answers})} files, {len(answers)} columns\n\n{table(answers)}")
        for a in answers if options.misses else ():
            if a.truth != a.role:
                print(f"  {a.file}: {a.column}: {a.truth}, taken for {a.role} ({a.confidence})")


if __name__ == "__main__":
    main()
