"""What the page is given to inspect: uploads, and files and stores below the folder that it was started in."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from hparam_ci.inspection import Inspection
from hparam_ci.pipeline import inspect
from hparam_ci.settings import Settings

NAME_LENGTH = 80


def inspect_upload(name: str, content: bytes, settings: Settings) -> Inspection:
    """Inspect the bytes of one file, which is written to a folder of its own and deleted again."""
    safe = safe_name(name)
    with TemporaryDirectory(prefix="hparam-ci-") as folder:
        (Path(folder) / safe).write_bytes(content)
        return inspect([safe], settings, root=folder)


def inspect_paths(paths: tuple[str, ...], settings: Settings, root: Path) -> Inspection:
    """Inspect files, stores and patterns below a folder; nothing outside it is read.

    Raises:
        SettingsError: a path that leads out of the folder.
    """
    return inspect(list(paths), settings, root=root)


def safe_name(name: str) -> str:
    """The last part of a file's name in plain characters, with its endings, by which its format is known."""
    last = re.split(r"[/\\]", name)[-1]
    plain = re.sub(r"[^\w.-]+", "_", last, flags=re.ASCII).lstrip(".-")
    return plain[-NAME_LENGTH:].lstrip(".-") or "sweep.csv"
