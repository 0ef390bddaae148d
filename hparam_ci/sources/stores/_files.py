"""Files of a store, read within limits: of their size, their number, and the folder that they are in."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hparam_ci.sources.decode import UnreadableError

LARGEST = 64 * 1024 * 1024
"""Bytes of one file in a store."""

MOST_TRIALS = 200_000


def folders(path: Path) -> list[Path]:
    """The folders in a folder, links left out, by name.

    Raises:
        UnreadableError: too many.
    """
    with os.scandir(path) as entries:
        found = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    if len(found) > MOST_TRIALS:
        raise UnreadableError(f"{len(found):,} trials, and the limit is {MOST_TRIALS:,}", "Export its table as CSV.")
    return sorted(found)


def text_of(path: Path) -> str | None:
    """The text of a regular file of bounded size; None if there is no such file.

    Raises:
        UnreadableError: too large.
    """
    if not path.is_file() or path.is_symlink():
        return None
    if path.stat().st_size > LARGEST:
        raise UnreadableError(f"{path.name} has more than {LARGEST:,} bytes", "Export the table of trials as CSV.")
    return path.read_bytes().decode("utf-8", "replace")


def json_of(path: Path) -> dict[str, Any] | None:
    """The mapping in a JSON file; None if there is no such file, or it is damaged or holds something else."""
    text = text_of(path)
    if text is None:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The mappings in a file of JSON lines; a line that is none, such as one cut off, is left out."""
    for line in (text_of(path) or "").splitlines():
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            yield found


def yaml_of(path: Path) -> Any:
    """What a YAML file holds, tags of foreign classes refused; None if there is no such file or it is damaged."""
    text = text_of(path)
    if text is None:
        return None
    import yaml

    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        return _lenient(text)


def _lenient(text: str) -> Any:
    """The same with foreign tags (`!!python/object…`) read as their plain content."""
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    def plain(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None

    Loader.add_multi_constructor("", plain)
    try:
        return yaml.load(text, Loader)  # noqa: S506 # nosec B506
    except (yaml.YAMLError, RecursionError, ValueError, TypeError):
        return None


def digest(parts: Iterator[bytes] | list[bytes]) -> str:
    """SHA-256 of several contents, hexadecimal."""
    total = hashlib.sha256()
    for part in parts:
        total.update(part)
    return total.hexdigest()


def digest_of(records: list[Mapping[str, object]] | list[dict[str, object]]) -> str:
    """SHA-256 of what was read, hexadecimal."""
    return hashlib.sha256(json.dumps(records, sort_keys=True, default=str).encode()).hexdigest()


def flat(mapping: Mapping[str, Any], prefix: str, separator: str = "/", level: int = 0) -> Iterator[tuple[str, object]]:
    """The leaves of nested mappings, `{"optim": {"lr": 0.1}}` below `config/` as `config/optim/lr`."""
    for key, value in mapping.items():
        if isinstance(value, dict) and value and level < 8:
            yield from flat(value, f"{prefix}{key}{separator}", separator, level + 1)
        else:
            yield f"{prefix}{key}", value
