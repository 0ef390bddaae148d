"""The SDK's own client, its two majors alike, speaking with a server that really runs."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import anyio
from mcp import ClientSession, StdioServerParameters, types
from mcp.client.stdio import stdio_client

VERSION_2 = int(version("mcp").split(".")[0]) >= 2
MODES = ("auto", "legacy") if VERSION_2 else ("legacy",)
"""`auto` speaks the newest protocol, `legacy` the one that begins with a handshake."""

Heard = Callable[[float, str], None]


@dataclass(frozen=True)
class Answer:
    """What a tool answered."""

    failed: bool
    text: str
    data: Any


class Client:
    """One connection; results as JSON values, with the names that they have on the wire."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def call(self, name: str, heard: Heard | None = None, **arguments: Any) -> Answer:
        async def progress(done: float, total: float | None, message: str | None) -> None:
            assert total is None
            if heard:
                heard(done, message or "")

        found = _plain(await self.inner.call_tool(name, arguments, progress_callback=progress))
        [content] = found["content"]
        return Answer(bool(found.get("isError")), content["text"], found.get("structuredContent"))

    async def call_until(self, stop: Callable[[], Any], name: str, **arguments: Any) -> None:
        """Call, and cancel the call when `stop` has returned."""
        session = self.inner.session if VERSION_2 else self.inner
        number = None if VERSION_2 else session._request_id
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: self.call(name, **arguments))
            await stop()
            if not VERSION_2:
                params = types.CancelledNotificationParams(requestId=number)
                await session.send_notification(
                    types.ClientNotification(
                        types.CancelledNotification(method="notifications/cancelled", params=params)
                    )
                )
            group.cancel_scope.cancel()

    async def tools(self) -> list[dict[str, Any]]:
        return _plain(await self.inner.list_tools())["tools"]

    async def resources(self) -> list[str]:
        return [one["uri"] for one in _plain(await self.inner.list_resources())["resources"]]

    async def templates(self) -> list[str]:
        found = _plain(await self.inner.list_resource_templates())["resourceTemplates"]
        return [one["uriTemplate"] for one in found]

    async def read(self, uri: str) -> str:
        [content] = _plain(await self.inner.read_resource(uri))["contents"]
        return content["text"]

    async def prompts(self) -> list[dict[str, Any]]:
        return _plain(await self.inner.list_prompts())["prompts"]

    async def prompt(self, name: str, **arguments: str) -> str:
        [message] = _plain(await self.inner.get_prompt(name, arguments))["messages"]
        assert message["role"] == "user"
        return message["content"]["text"]


def _plain(result: Any) -> Any:
    return result.model_dump(mode="json", by_alias=True)


@asynccontextmanager
async def connect(
    *arguments: str,
    cwd: Path,
    roots: Sequence[str] | None = None,
    mode: str = MODES[0],
    env: dict[str, str] | None = None,
    command: str = sys.executable,
    url: str | None = None,
) -> AsyncIterator[Client]:
    """A client of a server that is started here, or that serves at `url`; it announces `roots` where they are given."""
    arguments = arguments or ("-m", "hparam_ci.mcp_server")
    params = StdioServerParameters(command=command, args=list(arguments), cwd=str(cwd), env=environment(env))

    async def list_roots(_context: Any) -> types.ListRootsResult:
        return types.ListRootsResult(roots=[types.Root(uri=uri) for uri in roots or ()])

    callback = {"list_roots_callback": list_roots} if roots is not None else {}
    async with AsyncExitStack() as stack:
        if VERSION_2:
            from mcp import Client as Version2

            yield Client(await stack.enter_async_context(Version2(url or stdio_client(params), mode=mode, **callback)))
        else:
            streams = await stack.enter_async_context(_version_1(params, url))
            session = await stack.enter_async_context(ClientSession(streams[0], streams[1], **callback))
            await session.initialize()
            yield Client(session)


def _version_1(params: StdioServerParameters, url: str | None) -> Any:
    from mcp.client.streamable_http import streamable_http_client

    return streamable_http_client(url) if url else stdio_client(params)


def environment(more: dict[str, str] | None = None) -> dict[str, str]:
    """What a server gets: none of the variables that configure an inspection or a model."""
    kept = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONDONTWRITEBYTECODE") if name in os.environ
    }
    return kept | (more or {})
