"""What a step wrote to GITHUB_OUTPUT."""

from __future__ import annotations

import re


def parse_outputs(text: str) -> dict[str, str]:
    """The runner's file format: `name=value`, or a heredoc."""
    found: dict[str, str] = {}
    lines = iter(text.removesuffix("\n").split("\n") if text else ())
    for line in lines:
        name, separator, rest = re.match(r"(.*?)(<<|=)(.*)", line).groups()  # type: ignore[union-attr]
        if separator == "=":
            found[name] = rest
        else:
            value: list[str] = []
            while (following := next(lines)) != rest:
                value.append(following)
            found[name] = "\n".join(value)
    return found
