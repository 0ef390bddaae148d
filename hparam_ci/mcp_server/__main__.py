"""`python -m hparam_ci.mcp_server`: the same as `hparam-ci mcp`."""

from __future__ import annotations

import sys
from pathlib import Path


def leave_working_folder() -> None:
    """Import nothing more from the working folder, which `python -m` puts first: it is what is inspected."""
    if sys.path and Path(sys.path[0] or ".").resolve() == Path.cwd() != Path(__file__).resolve().parents[2]:
        del sys.path[0]


if __name__ == "__main__":
    leave_working_folder()
    from hparam_ci.cli import main

    sys.exit(main(["mcp", *sys.argv[1:]]))
