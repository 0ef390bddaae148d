"""The templates, and what they are compiled to. That is kept beside them as Python keeps its bytecode, for to compile
them takes longer than to inspect a small sweep; `python -m hparam_ci.report.compiled` writes all, for an image that is
then only read.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2.bccache import Bucket
    from markupsafe import Markup

FOLDER = Path(__file__).parent / "templates" / "__pycache__"


def templates(finalize: Callable[[Any], Markup]) -> Environment:
    """All templates; what an expression in them gives goes through `finalize`, which makes hostile text harmless."""
    return Environment(
        loader=PackageLoader("hparam_ci.report"),
        bytecode_cache=Compiled(),
        autoescape=True,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


class Compiled(FileSystemBytecodeCache):
    """Those of this version of Jinja and Python; each is held to a checksum of its template."""

    def __init__(self, folder: Path = FOLDER) -> None:
        super().__init__(str(folder), f"jinja-{jinja2.__version__}-%s.cache")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take a compiled template; what cannot be read is compiled anew."""
        try:
            super().load_bytecode(bucket)
        except Exception:  # noqa: BLE001 - a damaged file may raise anything
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template where that can be; a folder that cannot be written to costs time and no more."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                Path(self.directory).mkdir(exist_ok=True)
                super().dump_bytecode(bucket)


def main() -> None:
    """Compile every template, whether or not Python writes bytecode by itself."""
    from hparam_ci.report import html, render

    sys.dont_write_bytecode = False
    for environment, kind in ((render.environment(), ".md.j2"), (html.environment(), ".html.j2")):
        for name in environment.list_templates(extensions=["j2"]):
            if name.endswith(kind):
                environment.get_template(name)


if __name__ == "__main__":
    main()
