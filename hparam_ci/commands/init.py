"""`hparam-ci init`: a configuration and a workflow to start from, made for the sweeps that are here."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hparam_ci.config import CONFIG_FILE
from hparam_ci.errors import EXIT_OK, SourceError, UserError

if TYPE_CHECKING:
    from hparam_ci.sources.sweep import Sweep

WORKFLOW_FILE = ".github/workflows/hparam-inspector.yml"
SCHEMA = "https://raw.githubusercontent.com/org/hparam-inspector/v1/docs/config.schema.json"
MOST_FILES = 20

WORKFLOW = """\
# Gates pull requests on the sweeps that they bring. Make the job a required check to block the merge.
name: Sweep gate

on:
  pull_request:

permissions: {}

jobs:
  sweep:
    name: Inspect the sweeps
    runs-on: ubuntu-latest
    timeout-minutes: 10
    permissions:
      contents: read # to check out the sweeps
      pull-requests: write # to comment; without it the verdict is the same and the job summary has the report
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - uses: org/hparam-inspector@v1
"""

CONFIG = """\
# yaml-language-server: $schema={schema}
# What hparam-inspector does here. Every key is optional; inputs of the workflow and flags win over it.

# Files to inspect: globs, a leading ! excludes.
files:
{files}

# Limits: a share of trials above which the gate fails; off for none.
max_nan_rate: 10%
max_divergence_rate: 10%
max_failed_rate: 20%
# max_overfitting_rate: 30%
# thresholds: ["failed_rate: 10%/25%"]

# What columns are, where it is not understood (`hparam-ci roles FILE` shows how each is read).
{columns}"""

COLUMNS = """\
# roles: {my_knob: hyperparameter, n_params: ignored}
# directions: {value: minimize}
# pairs: [[fit_error, dev_error]]
# ignore_columns: ["debug_*"]
# status_words: {gave_up: failed}
"""


def add(commands: Any) -> None:
    """Put the command on the parser."""
    parser = commands.add_parser(
        "init",
        allow_abbrev=False,
        help="write a configuration and a workflow to start from",
        description=f"Write {CONFIG_FILE} and {WORKFLOW_FILE}, made for the sweeps below this folder.",
    )
    parser.add_argument("--force", action="store_true", help="overwrite files that exist")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    root = Path()
    files = {CONFIG_FILE: configuration(root), WORKFLOW_FILE: WORKFLOW}
    there = [name for name in files if (root / name).exists()]
    if there and not options.force:
        raise UserError(
            f"{' and '.join(there)} {'is' if len(there) == 1 else 'are'} already there; --force overwrites."
        )
    for name, text in files.items():
        try:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise UserError(f"{name}: cannot be written ({error.strerror}).") from None
        sys.stdout.write(f"wrote {name}\n")
    return EXIT_OK


def configuration(root: Path) -> str:
    """The text of a configuration for the sweeps below a folder."""
    sweeps = list(_sweeps(root))
    folders = sorted({Path(sweep.table.path).parent.as_posix() for sweep in sweeps})
    globs = [f"{folder}/*.csv" if folder != "." else "*.csv" for folder in folders] or ["**/*.csv"]
    return CONFIG.format(
        schema=SCHEMA,
        files="\n".join(f"  - {json.dumps(glob)}" for glob in globs),
        columns=_doubtful(sweeps) + COLUMNS,
    )


def _sweeps(root: Path) -> Iterator[Sweep]:
    from hparam_ci.options import DEFAULT_PATTERN
    from hparam_ci.sources.discovery import find
    from hparam_ci.sources.read import read_sweeps, why_no_sweep

    for path in find([DEFAULT_PATTERN], root, max_files=MOST_FILES, max_file_bytes=50 * 1024 * 1024).files:
        try:
            yield from (sweep for sweep in read_sweeps(path, root) if len(sweep) and not why_no_sweep(sweep))
        except SourceError:
            continue


def _doubtful(sweeps: Sequence[Sweep]) -> str:
    """One commented line for each sweep with columns that a person should settle."""
    from hparam_ci.sources.notes import is_doubtful

    lines = ""
    for sweep in sweeps:
        doubtful = {r.name: r.role.value for r in sweep.readings if is_doubtful(r)}
        if doubtful:
            roles = json.dumps(doubtful, ensure_ascii=False)
            lines += f"# in {json.dumps(sweep.table.path)}, not sure of\n# roles: {roles}\n"
    return lines
