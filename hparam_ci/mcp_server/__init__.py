"""The MCP server: the same engine for editors and assistants. `sdk` alone knows the MCP SDK; `worker` alone, data."""

from __future__ import annotations

from collections.abc import Callable


def analyze_hparam_csv(
    csv_path: str, *, config: str = "", crew: bool = False, say: Callable[[float, str], None] | None = None
) -> str:
    """The report on a sweep as Markdown, made the way the tool of this name makes it, but without any client.

    Args:
        csv_path: a file, folder or store, anywhere.
        config: configuration file in its folder; empty for the usual places there.
        crew: whether a model may be asked, where the environment has a key for one.
        say: hears the seconds so far and what is being done.

    Raises:
        UserError: it cannot be inspected.
    """
    import asyncio
    from pathlib import Path

    from hparam_ci.mcp_server.jobs import Inspect, Inspected
    from hparam_ci.mcp_server.roots import locate
    from hparam_ci.mcp_server.run import run

    async def report(seconds: float, text: str) -> None:
        if say:
            say(seconds, text)

    file = Path(csv_path).absolute()
    root, below = locate(file.name, [file.parent.resolve()])
    job = Inspect(root=str(root), config=config, path=below, crew=crew)
    return asyncio.run(run(job, Inspected, report)).report
