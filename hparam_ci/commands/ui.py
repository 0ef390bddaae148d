"""`hparam-ci ui`: the page, on this machine only unless it is asked for otherwise."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from hparam_ci.errors import UserError

HOST, PORT, UPLOAD_MB = "127.0.0.1", 8501, 100
LOOPBACK = ("127.0.0.1", "localhost", "::1")
MISSING = 'the page needs Streamlit and Plotly: pip install "hparam-inspector[ui]"'


def add(commands: Any) -> None:
    """Put the command on the parser."""
    parser = commands.add_parser(
        "ui",
        allow_abbrev=False,
        help="look at sweeps on a page in the browser",
        description="Open a page on which to drop or open sweeps: verdict, causes, pictures, limits to try, downloads. "
        "It listens on this machine only and sends nothing anywhere.",
    )
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="file, folder or glob below this folder, to begin with"
    )
    parser.add_argument("--host", default=HOST, help="address to listen on (default: %(default)s, this machine only)")
    parser.add_argument("--port", type=int, default=PORT, help="default: %(default)s")
    parser.add_argument(
        "--max-upload-mb", type=int, default=UPLOAD_MB, metavar="N", help="largest upload (default: %(default)s)"
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    import importlib.util
    import subprocess

    if not (importlib.util.find_spec("streamlit") and importlib.util.find_spec("plotly")):
        raise UserError(MISSING)
    if not 1 <= options.port <= 65_535:
        raise UserError(f"--port: {options.port} is not a port; allowed: 1 to 65535.")
    if not 1 <= options.max_upload_mb <= 2_000:
        raise UserError(f"--max-upload-mb: {options.max_upload_mb} is not allowed; write 1 to 2000.")
    try:
        return subprocess.run(command(options), check=False).returncode  # noqa: S603 - our own
    except KeyboardInterrupt:
        return 0


def command(options: argparse.Namespace) -> list[str]:
    """The server's command line. Flags win over any configuration file of Streamlit."""
    page = Path(__file__).resolve().parent.parent / "ui" / "page.py"
    alone = options.host in LOOPBACK
    flags = {
        "server.address": options.host,
        "server.port": options.port,
        "server.headless": options.no_browser,
        "server.maxUploadSize": options.max_upload_mb,
        "server.enableXsrfProtection": True,
        "server.enableCORS": True,
        "server.enableStaticServing": False,
        "server.fileWatcherType": "none",
        "server.showEmailPrompt": False,
        "browser.gatherUsageStats": False,
        "runner.magicEnabled": False,
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
    }
    written = [f"--{name}={str(value).lower()}" for name, value in flags.items()]
    given = ["--local"] * alone + list(options.paths)
    return [sys.executable, "-m", "streamlit", "run", str(page), *written, "--", *given]
