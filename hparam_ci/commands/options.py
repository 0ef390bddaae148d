"""Shared by the commands: the flags that are made from the settings, and the sweeps of one file."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from hparam_ci.config import load_config
from hparam_ci.errors import UserError
from hparam_ci.files import whole
from hparam_ci.options import EMPTY_MEANS_OFF, OPTIONS, Option
from hparam_ci.settings import Settings, build

if TYPE_CHECKING:
    from hparam_ci.inspection import SweepResult
    from hparam_ci.sources.sweep import Sweep


def add_option(group: Any, option: Option) -> None:
    """Put one option of the settings on a parser, or on a group of one."""
    default = "" if option.name in EMPTY_MEANS_OFF else option.default
    text = option.help.replace("%", "%%") + (f" (default: {default.replace('%', '%%')})" if default else "")
    if option.default in ("true", "false"):
        group.add_argument(option.flag, action=argparse.BooleanOptionalAction, default=None, help=text)
    elif option.choices:
        group.add_argument(option.flag, choices=option.choices, help=text)
    else:
        group.add_argument(
            option.flag, metavar="VALUE", action="append" if option.name == "thresholds" else "store", help=text
        )


def read_settings(options: argparse.Namespace) -> Settings:
    """Settings from the flags and the configuration file below the working folder."""
    given = dict.fromkeys(EMPTY_MEANS_OFF, "")
    for option in OPTIONS:
        value = getattr(options, option.name, None)
        if value is not None:
            given[option.name] = _text(value)
    config, path = load_config(Path(), given.get("config", ""))
    return build(given, label=lambda name: "--" + name.replace("_", "-"), config=config, config_path=path)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "\n".join(value) if isinstance(value, list) else str(value)


def sweep_named(sweeps: Sequence[SweepResult], name: str | None, where: str, ask: str) -> SweepResult:
    """The sweep that is asked for by its path, or by what stands after `#` in it; the only one where no name is given.

    Args:
        sweeps: those of an inspection.
        name: as it was given; empty for none.
        where: of the message if it must be asked for: "sweeps/ holds".
        ask: the same, how to give a name: "with --sweep".

    Raises:
        UserError: none or several have that name.
    """
    if not name and len(sweeps) == 1:
        return sweeps[0]
    chosen = [sweep for sweep in sweeps if name in (sweep.path, sweep.path.rpartition("#")[2])]
    if len(chosen) != 1:
        listed = ", ".join(sweep.path for sweep in sweeps[:10]) + (", …" if len(sweeps) > 10 else "")
        raise UserError(f"{where} {len(sweeps)} sweeps; name one {ask}: {listed}.")
    return chosen[0]


def sweeps_of(source: str, settings: Settings) -> list[Sweep]:
    """What is in a file, a folder or at an address.

    Raises:
        SourceError: it cannot be read.
    """
    from hparam_ci.sources.address import split_address
    from hparam_ci.sources.read import read_address, read_sweeps

    if split_address(source):
        return read_address(source, settings.columns)
    return read_sweeps(Path(source), Path.cwd(), settings.columns)


def write_file(path: Path, content: bytes) -> None:
    """Write a file that the user named.

    Raises:
        UserError: it cannot be written.
    """
    with opened(path) as file:
        file.write(content)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file that the user named, to be written: whole or not at all, unless it is a pipe or a device.

    Raises:
        UserError: it cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as stream:
                yield stream
        else:
            with whole(path.resolve()) as file:
                yield file
    except OSError as error:
        raise cannot_write(path, error) from None


def cannot_write(path: Path, error: OSError) -> UserError:
    """What to say where a file cannot be written."""
    return UserError(f"{path}: cannot be written ({error.strerror}). Name a file in a folder that exists.")
