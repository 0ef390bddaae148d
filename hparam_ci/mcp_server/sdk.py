"""The MCP SDK, its two majors alike: what they name differently is here and nowhere else.

CrewAI holds version 1; all else gets version 2. One server runs on both, and both are tested.
"""

from __future__ import annotations

import functools
import socket
from collections.abc import Awaitable, Callable, Sequence
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, BinaryIO, get_type_hints

import anyio
import msgspec
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import (
    CallToolResult,
    ClientCapabilities,
    ListRootsRequest,
    ListRootsResult,
    RootsCapability,
    ToolAnnotations,
)
from pydantic import RootModel, ValidationError

from hparam_ci import __version__
from hparam_ci.errors import UserError
from hparam_ci.inspection import Fact
from hparam_ci.mcp_server.views import plain
from hparam_ci.report.sanitize import plain_text

if TYPE_CHECKING:
    from mcp.server.mcpserver import Context, MCPServer
    from mcp.server.mcpserver.exceptions import ResourceError, ToolError
    from mcp.server.mcpserver.tools import Tool
    from mcp.shared.exceptions import MCPError as ClientError
else:
    try:
        from mcp.server.mcpserver import Context, MCPServer
        from mcp.server.mcpserver.exceptions import ResourceError, ToolError
        from mcp.server.mcpserver.tools import Tool
        from mcp.shared.exceptions import MCPError as ClientError
    except ImportError:
        from mcp.server.fastmcp import Context
        from mcp.server.fastmcp import FastMCP as MCPServer
        from mcp.server.fastmcp.exceptions import ResourceError, ToolError
        from mcp.server.fastmcp.tools import Tool
        from mcp.shared.exceptions import McpError as ClientError

VERSION_2 = MCPServer.__name__ == "MCPServer"
ROOTS_SECONDS = 10.0
SHUTDOWN_SECONDS = 2
LONGEST_ERROR = 1_000
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
ASK = "roots"

__all__ = ["Context", "MCPServer", "ResourceError", "ToolAnnotations", "ToolError"]


class Ask(Exception):  # noqa: N818 - no error: the client is asked, and calls again with the answer
    """Raised where the client must be asked for its roots before a tool can go on (protocol 2026-07-28)."""

    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result


# --- the server -----------------------------------------------------------------------------------


def server(instructions: str, tools: Sequence[Tool], hosts: Sequence[str] = ()) -> MCPServer:
    """A server with these tools.

    Args:
        instructions: what a client tells its model of the server.
        tools: made by `tool`.
        hosts: names and addresses beside those of this machine by which it may be addressed over HTTP.
    """
    if VERSION_2:
        return MCPServer(
            "hparam-inspector",
            title="hparam-inspector",
            version=__version__,
            instructions=instructions,
            tools=list(tools),
            log_level="WARNING",
        )
    version_1: Any = MCPServer
    _read_no_dotenv()
    made = version_1(
        "hparam-inspector",
        instructions=instructions,
        tools=list(tools),
        log_level="WARNING",
        transport_security=_security(hosts),
    )
    made._mcp_server.version = __version__
    return made  # type: ignore[no-any-return]


def _read_no_dotenv() -> None:
    """Version 1 takes settings from `.env` of the working folder, which belongs to what is inspected."""
    import importlib

    settings: Any = importlib.import_module("mcp.server.fastmcp.server").Settings
    settings.model_config["env_file"] = None


def tool(function: Callable[..., Awaitable[Fact]], title: str, *, asks_others: bool = False) -> Tool:
    """A tool from a coroutine function: its docstring is the description, its result has the schema of its type.

    Args:
        function: returns a result type of ours, raises UserError.
        title: for people.
        asks_others: whether it may speak with a machine other than this one.
    """
    kind = get_type_hints(function)["return"]

    @functools.wraps(function)
    async def call(*arguments: Any, **named: Any) -> Any:
        try:
            result = plain(await function(*arguments, **named))
        except Ask as ask:
            return ask.result
        except UserError as error:
            raise ToolError(plain_text(str(error), LONGEST_ERROR)) from None
        text = result["result"] if list(result) == ["result"] else msgspec.json.encode(result).decode()
        content = [{"type": "text", "text": text}]
        return CallToolResult.model_validate({"content": content, "structuredContent": result})

    made = Tool.from_function(
        call,
        title=title,
        description=_unwrapped(function.__doc__ or ""),
        annotations=ToolAnnotations.model_validate(
            {"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": asks_others}
        ),
        structured_output=False,
    )
    made.fn_metadata.output_schema = _schema(kind)
    made.fn_metadata.output_model = RootModel[dict[str, Any]]
    return made


def _unwrapped(docstring: str) -> str:
    """Its paragraphs, each on a line of its own, without what the code says of arguments."""
    paragraphs = [" ".join(part.split()) for part in docstring.split("\n\n")]
    return "\n\n".join(part for part in paragraphs if part and not part.startswith(("Args:", "Raises:", "Returns:")))


def _schema(kind: type[Fact]) -> dict[str, Any]:
    """The JSON Schema of a result type; its root is the object itself, as the protocol wants it."""
    schema = _portable(msgspec.json.schema(kind))
    return {**schema["$defs"].pop(kind.__name__), "$defs": schema["$defs"]}


def _portable(schema: Any) -> Any:
    """A schema without `items: false`, which some clients cannot read; `maxItems` beside it says the same."""
    if isinstance(schema, list):
        return [_portable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = schema.get("items") is False and schema.get("maxItems") == len(schema.get("prefixItems", ()))
    return {key: _portable(value) for key, value in schema.items() if not (closed and key == "items")}


# --- the client -----------------------------------------------------------------------------------


async def roots(context: Context) -> list[str]:
    """The addresses of the client's roots; none where it announces none.

    Raises:
        Ask: it must be asked first, and the call comes again with its answer.
        UserError: it announces roots and does not answer.
    """
    session: Any = context.session
    if not session.check_client_capability(ClientCapabilities(roots=RootsCapability())):
        return []
    try:
        answer = await _asked(context, session)
    except (ClientError, ValidationError) as error:
        reason = f"the client announces roots and did not name them ({type(error).__name__})"
        raise UserError(f"{reason}. Start the server with --root FOLDER.") from None
    return [str(root.uri) for root in answer.roots]


async def _asked(context: Context, session: Any) -> ListRootsResult:
    if not VERSION_2:
        from datetime import timedelta

        from mcp.types import ServerRequest

        request: Any = ServerRequest(ListRootsRequest())  # type: ignore[operator]
        seconds: Any = timedelta(seconds=ROOTS_SECONDS)
        return await session.send_request(request, ListRootsResult, seconds)  # type: ignore[no-any-return]
    if session.can_send_request:
        return await session.send_request(ListRootsRequest(), ListRootsResult, ROOTS_SECONDS)  # type: ignore[no-any-return]
    answers = context.input_responses
    if answers and ASK in answers:
        return ListRootsResult.model_validate(answers[ASK], from_attributes=True)
    from mcp.types import InputRequiredResult

    raise Ask(InputRequiredResult(input_requests={ASK: ListRootsRequest()}))


# --- transports -----------------------------------------------------------------------------------


def serve_stdio(made: MCPServer, reading: BinaryIO, writing: BinaryIO) -> None:
    """Speak with one client over two streams until the first one ends."""
    anyio.run(_serve, _lowlevel(made), reading, writing)


async def _serve(lowlevel: Any, reading: BinaryIO, writing: BinaryIO) -> None:
    source = anyio.wrap_file(TextIOWrapper(reading, encoding="utf-8", errors="replace"))
    sink = anyio.wrap_file(TextIOWrapper(writing, encoding="utf-8"))
    async with stdio_server(source, sink) as (incoming, outgoing):
        await lowlevel.run(incoming, outgoing, lowlevel.create_initialization_options())


def _lowlevel(made: Any) -> Any:
    return made._lowlevel_server if VERSION_2 else made._mcp_server


def serve_http(made: MCPServer, listening: socket.socket, hosts: Sequence[str]) -> None:
    """Speak with any number of clients over streamable HTTP, at the path /mcp, until interrupted."""
    import uvicorn

    app = made.streamable_http_app(transport_security=_security(hosts)) if VERSION_2 else made.streamable_http_app()
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=SHUTDOWN_SECONDS)
    uvicorn.Server(config).run(sockets=[listening])


def _security(hosts: Sequence[str]) -> TransportSecuritySettings:
    """Refuse requests that a page in a browser sent here under another name (DNS rebinding)."""
    known = [*LOOPBACK, *hosts]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[*known, *(f"{host}:*" for host in known)],
        allowed_origins=[f"http://{host}{port}" for host in known for port in ("", ":*")],
    )
