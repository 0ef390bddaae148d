"""Where the files are that a person or a program names: paths that exist are meant literally, from any folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from hparam_ci.sources.address import split_address


def locate(paths: Sequence[str]) -> tuple[Path, list[str]]:
    """The folder to work in and the patterns below it. Paths that exist are meant literally; any folder is allowed."""
    addresses = [path for path in paths if split_address(path)]
    paths = [path for path in paths if path not in addresses]
    bare = [path.removeprefix("!") for path in paths]
    outside = [path for path in bare if Path(path).is_absolute() or ".." in Path(path).parts]
    root = (
        Path(os.path.commonpath([Path.cwd(), *(Path(path).absolute() for path in _existing(outside))]))
        if outside
        else Path.cwd()
    )
    patterns = []
    for path, plain in zip(paths, bare, strict=True):
        bang = "!" if path != plain else ""
        absolute = Path(os.path.abspath(plain))  # noqa: PTH100 - resolves .. but no links
        relative = os.path.relpath(absolute, root)
        patterns.append(bang + (literal(relative) if Path(plain).exists() else relative))
    return root, patterns + addresses


def _existing(paths: Sequence[str]) -> list[str]:
    """Each path cut to the part that exists, so that globs in foreign folders have a root."""
    found = []
    for path in paths:
        part = Path(os.path.abspath(path))  # noqa: PTH100
        while not part.exists():
            part = part.parent
        found.append(str(part))
    return found


def literal(path: str) -> str:
    """A path as a pattern that means nothing else."""
    import glob

    return path if path == "." else glob.escape(path).replace("{", "[{]")
