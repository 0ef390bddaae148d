"""The configuration file: `.github/hparam-inspector.yml`, or `[tool.hparam-inspector]` in pyproject.toml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hparam_ci.columns import SWEEP_KEYS
from hparam_ci.errors import SettingsError, unknown

CONFIG_FILE = ".github/hparam-inspector.yml"
PYPROJECT = "pyproject.toml"
TABLE = "tool.hparam-inspector"
LARGEST = 1_000_000  # bytes
MOST_VALUES = 20_000  # with every alias of YAML counted as what it stands for


def load_config(root: Path, name: str) -> tuple[dict[str, Any], str]:
    """The configuration as a mapping, and its place for messages.

    Args:
        root: the workspace.
        name: path below it, of a YAML file or of a pyproject.toml; empty for the usual places, which may be absent.

    Raises:
        SettingsError: named but absent, unreadable, in both places, or leading out of the workspace.
    """
    if name:
        if not (root / name).is_file():
            raise SettingsError(f"config: {name!r} does not exist in the workspace.")
        return _load(root, name)
    own = _load(root, CONFIG_FILE) if (root / CONFIG_FILE).is_file() else ({}, CONFIG_FILE)
    table = _load(root, PYPROJECT) if (root / PYPROJECT).is_file() else ({}, "")
    if own[0] and table[0]:
        raise SettingsError(f"{CONFIG_FILE} and {table[1]} both configure the inspection: keep one of them.")
    return table if table[0] else own


def _load(root: Path, name: str) -> tuple[dict[str, Any], str]:
    path = root / name
    if not path.resolve().is_relative_to(root.resolve()):
        raise SettingsError(f"config: {path.name!r} leads out of the workspace.")
    return _load_toml(path, name) if path.suffix == ".toml" else _load_yaml(path, name)


def _load_yaml(path: Path, name: str) -> tuple[dict[str, Any], str]:
    import yaml

    try:
        config = yaml.safe_load(_text(path, name))
    except SettingsError:
        raise
    except Exception as error:  # noqa: BLE001 - beside YAMLError: ValueError, AttributeError … for odd dates and tags
        raise SettingsError(f"{name}: cannot be read as YAML ({type(error).__name__}).") from None
    _limit(config, name)
    return config or {}, name


def _text(path: Path, name: str) -> str:
    if path.stat().st_size > LARGEST:
        raise SettingsError(f"{name}: more than {LARGEST:,} bytes.")
    return path.read_text(encoding="utf-8")


def _limit(config: Any, name: str) -> None:
    """Refuse a few lines of aliases that stand for billions of values, or for themselves."""
    left, found = [config], 0
    while left:
        value = left.pop()
        found += 1
        if found > MOST_VALUES:
            raise SettingsError(f"{name}: more than {MOST_VALUES:,} values.")
        if isinstance(value, dict):
            left += [*value, *value.values()]
        elif isinstance(value, list | tuple | set):
            left += value


def _load_toml(path: Path, name: str) -> tuple[dict[str, Any], str]:
    import tomllib

    try:
        text = _text(path, name)
        document = tomllib.loads(text) if "hparam-inspector" in text else {}
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(f"{name}: cannot be read as TOML ({type(error).__name__}).") from None
    tool = document.get("tool", {})
    config = tool.get("hparam-inspector", {}) if isinstance(tool, dict) else {}
    return config, f"{name}: [{TABLE}]"


def check_keys(config: Mapping[str, Any], options: Sequence[str], path: str) -> None:
    """Refuse a key that is neither an option nor a section.

    Raises:
        SettingsError: with the nearest key that exists.
    """
    if not isinstance(config, Mapping):
        raise SettingsError(f"{path}: must be a mapping of option names to values.")
    allowed = [*options, "detectors", "sweeps", *SWEEP_KEYS]
    for key in config:
        if key not in allowed:
            unknown(str(key), allowed, path)
