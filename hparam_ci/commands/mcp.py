"""`hparam-ci mcp`: the MCP server, for editors and assistants; and a look at it without any client."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hparam_ci.errors import EXIT_OK, UserError

if TYPE_CHECKING:
    import socket

INSTALL = 'pip install "hparam-inspector[mcp]"'
SAMPLE = "sample_results.csv"
PORT = 8765


def add(commands: Any) -> None:
    """Put the command on the parser."""
    parser = commands.add_parser(
        "mcp",
        allow_abbrev=False,
        help="serve editors and assistants (MCP)",
        description="Speak the Model Context Protocol over standard input and output, or over HTTP with --http. "
        "`debug` inspects one file the way the tools do, prints the report and ends.",
        epilog="Example: hparam-ci mcp --root ~/experiments",
    )
    parser.add_argument("what", nargs="?", choices=("serve", "debug"), default="serve", help="default: %(default)s")
    parser.add_argument("file", nargs="?", help=f"for debug (default: the example {SAMPLE})")
    parser.add_argument(
        "--root",
        metavar="DIR",
        action="append",
        type=Path,
        default=[],
        help="folder that may be read, may be repeated (default: the client's roots, else the working folder)",
    )
    parser.add_argument("--config", metavar="FILE", default="", help="configuration file below the root")
    parser.add_argument("--no-crew", action="store_true", help="never ask a model, even where there is a key")
    parser.add_argument("--http", action="store_true", help="serve streamable HTTP at /mcp instead")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=PORT, help="0 for any that is free (default: %(default)s)")
    parser.add_argument(
        "--allowed-host",
        metavar="NAME",
        action="append",
        default=[],
        help="name by which the server may be addressed over HTTP, beside this machine's own; may be repeated",
    )
    parser.set_defaults(run=_run)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a whole number from 0 to 65535")
    return int(text)


def _run(options: argparse.Namespace) -> int:
    if options.what == "debug":
        return _debug(options)
    if options.file:
        raise UserError(f"unexpected argument {options.file[:80]!r}: a file is for `hparam-ci mcp debug FILE`.")
    return _serve_http(options) if options.http else _serve_stdio(options)


def _serve_stdio(options: argparse.Namespace) -> int:
    from hparam_ci.mcp_server.streams import private_input, private_output

    writing, reading = private_output(), private_input()
    sdk, made = _server(options, ask_client=True)
    sdk.serve_stdio(made, reading, writing)
    return EXIT_OK


def _serve_http(options: argparse.Namespace) -> int:
    sdk, made = _server(options, ask_client=False)
    with _listening(options.host, options.port) as listening:
        host, port = listening.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        sys.stderr.write(f"serving MCP at http://{shown}:{port}/mcp\n")
        sys.stderr.flush()
        sdk.serve_http(made, listening, _hosts(options))
    return EXIT_OK


def _listening(host: str, port: int) -> socket.socket:
    """The socket to serve on.

    Raises:
        UserError: nothing can listen there.
    """
    import socket

    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        reason = error.strerror or error
        raise UserError(
            f"cannot listen on {host} port {port} ({reason}). Choose another with --host or --port."
        ) from None


def _server(options: argparse.Namespace, *, ask_client: bool) -> tuple[Any, Any]:
    try:
        from hparam_ci.mcp_server import sdk
        from hparam_ci.mcp_server.desk import Desk
        from hparam_ci.mcp_server.server import build
    except ImportError as error:
        raise UserError(f"the MCP SDK cannot be used ({error}): {INSTALL}") from None
    from hparam_ci.mcp_server.roots import allowed

    if options.root:
        allowed(options.root, [], Path.cwd())
    desk = Desk(options.root, options.config, crew=_crew(options), ask_client=ask_client)
    return sdk, build(desk, _hosts(options))


def _hosts(options: argparse.Namespace) -> tuple[str, ...]:
    host = f"[{options.host}]" if ":" in options.host else options.host
    return (host, *options.allowed_host)


def _crew(options: argparse.Namespace) -> bool:
    """Whether a model may be asked: there is a key for one in the environment, and nobody forbids it.

    Raises:
        SettingsError: an address that no key may be sent to.
    """
    from hparam_ci.crew.endpoint import endpoint, from_environment

    return not options.no_crew and endpoint(*from_environment("", "", os.environ, None)) is not None


# --- debug ----------------------------------------------------------------------------------------


def _debug(options: argparse.Namespace) -> int:
    from hparam_ci.mcp_server import analyze_hparam_csv

    file = options.file or str(_sample())
    sys.stdout.write(analyze_hparam_csv(file, config=options.config, crew=_crew(options), say=_say))
    return EXIT_OK


def _say(seconds: float, text: str) -> None:
    from hparam_ci.report.sanitize import terminal_text

    sys.stderr.write(f"{seconds:5.1f} s  {terminal_text(text)}\n")


def _sample() -> Path:
    """The example: beside the package in a checkout, in it where it is installed."""
    package = Path(__file__).resolve().parents[1]
    for path in (package.parent / "examples" / SAMPLE, package / "examples" / SAMPLE):
        if path.is_file():
            return path
    raise UserError(f"the example {SAMPLE} is not installed; name a file: hparam-ci mcp debug FILE.")
