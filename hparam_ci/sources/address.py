"""Addresses of stores that are no file: `optuna:<storage>[#study]`, `mlflow:<tracking URI>[#experiment]`, `wandb:…`."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"(optuna|mlflow|wandb):(.+)", re.S)
_SECRET = re.compile(r"//[^/@]*@")


def split_address(text: str) -> tuple[str, str, str] | None:
    """The tool, the address and the name behind `#`; None for a path."""
    match = _ADDRESS.fullmatch(text)
    if match is None:
        return None
    address, _, name = match[2].partition("#")
    return match[1], address, name


def shown_address(text: str) -> str:
    """An address without the user and the password in it."""
    return _SECRET.sub("//", text)
