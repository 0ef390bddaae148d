"""Which folders may be read, and where a path lies in them. Looks at the disk, opens no file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from hparam_ci.errors import UserError
from hparam_ci.sources.address import split_address

HOW_TO_ALLOW = "Open its folder in the client, or start the server with --root FOLDER."


def allowed(given: Sequence[Path], announced: Sequence[str], working: Path) -> tuple[Path, ...]:
    """The folders that may be read, links resolved.

    Args:
        given: what `--root` named; it has the last word.
        announced: the roots of the client, as `file:` addresses; others are left out.
        working: the working folder, where there is neither.

    Raises:
        UserError: one that is no folder, or the working folder is the whole disk.
    """
    for folder in given:
        if not folder.is_dir():
            raise UserError(f"--root: {folder} is no folder.")
    folders = list(given) or [path for address in announced if (path := from_uri(address))]
    if not folders:
        if working.resolve() == Path(working.resolve().anchor):
            raise UserError(f"no folder is open, and the working folder is the whole disk. {HOW_TO_ALLOW}")
        folders = [working]
    found = tuple(dict.fromkeys(folder.resolve() for folder in folders if folder.is_dir()))
    if not found:
        raise UserError(f"{folders[0]} is no folder. {HOW_TO_ALLOW}")
    return found


def from_uri(address: str) -> Path | None:
    """The path of a `file:` address on this machine; None for any other."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        return None
    path = url2pathname(parts.path) if os.name == "nt" else unquote(parts.path)
    return Path(path) if path and "\0" not in path else None


def locate(text: str, roots: Sequence[Path]) -> tuple[Path, str]:
    """The root that a path lies in, and the path below it, links resolved.

    Args:
        text: absolute, relative to one of the roots, or a `file:` address.
        roots: folders, links resolved.

    Raises:
        UserError: it leads out of all roots, is hidden, or is not there.
    """
    if split_address(text):
        raise UserError("addresses of servers and databases are not read here: use the command `hparam-ci inspect`.")
    given = from_uri(text) if text.startswith("file:") else Path(text)
    if given is None or not text.strip() or "\0" in text:
        raise UserError("a path of a file or folder is needed; list_sweeps lists what there is.")
    inside = [place for root in roots if (place := _inside(root / given, roots))]
    if not inside:
        folders = ", ".join(str(root) for root in roots)
        raise UserError(f"{text[:200]!r} is outside of what may be read ({folders}). {HOW_TO_ALLOW}")
    root, path, exists = next((place for place in inside if place[2]), inside[0])
    if not exists:
        raise UserError(f"{text[:200]!r} does not exist below {root}; list_sweeps lists what there is.")
    below = path.relative_to(root)
    if any(part.startswith(".") for part in below.parts):
        raise UserError(f"{text[:200]!r} is hidden, and hidden files are not read.")
    return root, below.as_posix()


def _inside(path: Path, roots: Sequence[Path]) -> tuple[Path, Path, bool] | None:
    """The innermost root that holds a path, the path with its links resolved, and whether it is there."""
    try:
        real = path.resolve()
        exists = real.exists()
    except (OSError, RuntimeError, ValueError):  # too long, a ring of links, no name that the system knows
        return None
    holding = [root for root in roots if real.is_relative_to(root)]
    return (max(holding, key=lambda root: len(root.parts)), real, exists) if holding else None
