"""The `hparam-ci` command."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from hparam_ci import __version__
from hparam_ci._process import set_up
from hparam_ci.commands import causes, init, issues, mcp, next_space, roles, rules, ui
from hparam_ci.commands.options import add_option, read_settings, write_file
from hparam_ci.commands.review import reviewed
from hparam_ci.errors import EXIT_GATE, EXIT_INTERNAL, EXIT_OK, EXIT_USAGE, UserError
from hparam_ci.options import DEFAULT_PATTERN, OPTIONS
from hparam_ci.paths import locate
from hparam_ci.report.forms import FILES, FORMS, as_bytes
from hparam_ci.review import OFF, Review

if TYPE_CHECKING:
    from hparam_ci.inspection import Inspection
    from hparam_ci.pipeline import Progress

SHELLS = ("bash", "zsh", "tcsh")


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with the arguments, and where to read more, in the place of a page of usage."""

    def error(self, message: str) -> NoReturn:
        """End with exit code 2."""
        self.exit(EXIT_USAGE, f"{self.prog}: {message}; see {self.prog} --help.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 (the gate), 2 (usage) or 3 (internal error)."""
    set_up()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows only ASCII still gets the report
    parser = build_parser()
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except UserError as error:
        print(f"hparam-ci: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_USAGE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if os.environ.get("HPARAM_CI_DEBUG"):
            raise
        print(f"hparam-ci: internal error: {type(error).__name__}: {error}", file=sys.stderr)  # noqa: T201
        print("Set HPARAM_CI_DEBUG=1 to see where; please report it.", file=sys.stderr)  # noqa: T201
        return EXIT_INTERNAL


def build_parser() -> argparse.ArgumentParser:
    """The command line, its options made from the settings."""
    parser = Parser(
        prog="hparam-ci",
        allow_abbrev=False,
        description="Finds the sick trials of a hyperparameter sweep, says why they are sick, and judges them.",
        epilog="Exit codes: 0 passed, 1 the gate failed, 2 usage, 3 internal error.",
    )
    parser.add_argument("--version", action="version", version=f"hparam-ci {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_inspect(commands)
    issues.add(commands)
    causes.add(commands)
    roles.add(commands)
    next_space.add(commands)
    rules.add(commands)
    mcp.add(commands)
    ui.add(commands)
    _add_schema(commands)
    init.add(commands)
    _add_completion(commands, parser)
    return parser


# --- inspect --------------------------------------------------------------------------------------


def _add_inspect(commands: Any) -> None:
    parser = commands.add_parser(
        "inspect",
        allow_abbrev=False,
        help="inspect sweeps and judge them",
        description="Inspect sweeps: files, folders or globs. Without any: $HPATH_RESULTS_CSV, else results.csv, "
        f"else {DEFAULT_PATTERN}.",
        epilog="Example: hparam-ci inspect results/ --max-nan-rate 5% --fail-on warn",
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="file, folder, glob or address; a leading ! excludes")
    parser.add_argument(
        "--format",
        choices=FORMS,
        default="terminal",
        help="form of the report (default: %(default)s)",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write the report there instead of to the terminal")
    groups: dict[str, Any] = {}
    for option in OPTIONS:
        if option.surface == "both":
            group = groups.setdefault(option.group, parser.add_argument_group(option.group) if option.group else parser)
            add_option(group, option)
    parser.add_argument("--crew", action="store_true", help="the same as --ai auto: a model explains the findings")
    parser.set_defaults(run=_inspect)


def _inspect(options: argparse.Namespace) -> int:
    from hparam_ci.pipeline import against, inspect, read_baseline

    settings = read_settings(options)
    root, patterns = locate(options.paths)
    inspection = inspect(patterns, settings, root=root, progress=_progress(), side_by_side=True)
    if settings.baseline_file:
        baseline = read_baseline(settings.baseline_file, settings)
        inspection = against(inspection, baseline, settings.baseline_file, settings)
    review = reviewed(inspection, settings) if settings.ai != "off" or options.crew else OFF
    for name, form in FILES.items():
        if path := getattr(settings, name):
            write_file(Path(path), as_bytes(inspection, form, review))
    _deliver(inspection, review, options.format, options.output)
    return EXIT_GATE if inspection.gate.fails_run else EXIT_OK


def run_crew() -> int:
    """For `crewai run` in the project's folder: `hparam-ci inspect --crew` with the same arguments.

    CrewAI calls any other exit code an error of the crew, so a gate that does not pass is none here.
    """
    code = main(["inspect", "--crew", *sys.argv[1:]])
    return EXIT_OK if code == EXIT_GATE else code


def _deliver(inspection: Inspection, review: Review, form: str, output: str | None) -> None:
    if form == "terminal" and not output:
        from rich.console import Console

        from hparam_ci.report.terminal import show

        show(inspection, Console(highlight=False, soft_wrap=False), review)
        return
    content = as_bytes(inspection, form, review)
    if output:
        write_file(Path(output), content)
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()


def _progress() -> Progress | None:
    """A bar on stderr while several files are read; nothing where nobody looks."""
    if not sys.stderr.isatty():
        return None

    def show(number: int, total: int, path: str) -> None:
        if total > 1:
            bar = "━" * round(24 * (number + 1) / total)
            ending = "\r" if number + 1 < total else "\r\033[K"
            sys.stderr.write(f"\033[K{bar:<24} {number + 1}/{total} {path[-50:] if path.isprintable() else ''}{ending}")
            sys.stderr.flush()

    return show


# --- the rest -------------------------------------------------------------------------------------


def _add_schema(commands: Any) -> None:
    parser = commands.add_parser(
        "schema",
        help="print the JSON Schema of the result or of the configuration",
        description="Print the JSON Schema of the result, or with --config that of the configuration file.",
    )
    parser.add_argument("--config", action="store_true", help="of the configuration file")
    parser.set_defaults(run=_schema)


def _schema(options: argparse.Namespace) -> int:
    import json

    from hparam_ci.config_schema import config_schema
    from hparam_ci.inspection import schema

    sys.stdout.write(json.dumps(config_schema() if options.config else schema(), indent=2) + "\n")
    return EXIT_OK


def _add_completion(commands: Any, root: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "completion",
        help="print the shell completion script",
        description='Print the completion script; for bash: eval "$(hparam-ci completion bash)"',
    )
    parser.add_argument("shell", choices=SHELLS)

    def run(options: argparse.Namespace) -> int:
        import shtab

        sys.stdout.write(shtab.complete(root, options.shell) + "\n")
        return EXIT_OK

    parser.set_defaults(run=run)


def entry() -> NoReturn:
    """For `python -m hparam_ci.cli`."""
    sys.exit(main())


if __name__ == "__main__":
    entry()
