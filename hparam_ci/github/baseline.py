"""The files of a baseline: as they are at the commit that a run is to be compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from hparam_ci.github.api import Repository


def fetch(repository: Repository, paths: Iterable[str], ref: str, folder: Path, most: int) -> list[str]:
    """Write files as they are at a commit into a folder, at the same paths.

    Args:
        repository: where they are.
        paths: relative to the repository's root, with forward slashes, as they were found in the workspace.
        ref: the commit.
        folder: an empty folder.
        most: larger files are left out, in bytes.

    Returns:
        The paths that exist at that commit.

    Raises:
        GitHubError: GitHub could not be asked.
    """
    found = []
    for path in paths:
        content = repository.file(path, ref, most)
        if content is not None:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            found.append(path)
    return found
