"""Between the tools and the worker: which folder, which job, and what was inspected already."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from hparam_ci.config import CONFIG_FILE, PYPROJECT
from hparam_ci.errors import UserError
from hparam_ci.mcp_server import jobs, sdk
from hparam_ci.mcp_server.roots import allowed, locate
from hparam_ci.mcp_server.run import run
from hparam_ci.mcp_server.sdk import Context
from hparam_ci.mcp_server.views import SweepList, cursor_at, offset_of

Result = TypeVar("Result")
Key = tuple[Any, ...]
AT_ONCE = 2  # worker processes
KEPT = 8  # inspections
FILES_A_PAGE = 200
BLOCK = 5_000  # issues


class Desk:
    """What a server knows: its options, and the last inspections.

    Args:
        given: the folders of `--root`; none for the client's roots or the working folder.
        config: configuration file below the root, or "" for the usual places.
        crew: whether analyze_hparam_csv may ask a model.
        ask_client: whether the client's roots count: not over HTTP, where any program of this machine is a client.
    """

    def __init__(
        self, given: Sequence[Path] = (), config: str = "", *, crew: bool = False, ask_client: bool = True
    ) -> None:
        self.config = config
        self.crew = crew
        self._given = tuple(given)
        self._ask_client = ask_client
        self._workers = asyncio.Semaphore(AT_ONCE)
        self._kept: OrderedDict[Key, jobs.Inspected] = OrderedDict()
        self._block: tuple[Key | None, int, jobs.Issues] | None = None
        self._last: jobs.Inspected | None = None
        self._place: tuple[Path, str, bool] | None = None
        self._pages: dict[str, jobs.DetectorPage] = {}

    async def roots(self, ctx: Context) -> tuple[Path, ...]:
        """The folders that may be read now."""
        announced = await sdk.roots(ctx) if self._ask_client and not self._given else []
        return allowed(self._given, announced, Path.cwd())

    async def located(self, ctx: Context, path: str) -> tuple[Path, str]:
        """The root that a path lies in, and the path below it."""
        return locate(path, await self.roots(ctx))

    async def run(self, ctx: Context, job: jobs.AnyJob, kind: type[Result]) -> Result:
        """Do a job in a worker, with progress for the client; its cancellation ends the worker."""

        async def report(seconds: float, text: str) -> None:
            await ctx.report_progress(seconds, None, text)

        async with self._workers:
            return await run(job, kind, report)

    async def inspected(self, ctx: Context, path: str, *, crew: bool = False, more: bool = False) -> jobs.Inspected:
        """The inspection of what is at a path: made now, unless the file was inspected before and is the same.

        Args:
            ctx: of the call.
            path: as the client named it.
            crew: whether a model shall explain it, where one may be asked.
            more: it is for the next page; of a folder, which is not watched, that is a page of the last inspection.
        """
        root, below = await self.located(ctx, path)
        place = (root, below, crew and self.crew)
        key = self._key(*place)
        found = self._kept.get(key) if key else self._last if more and place == self._place else None
        if found is None:
            job = jobs.Inspect(root=str(root), config=self.config, path=below, crew=place[2])
            found = await self.run(ctx, job, jobs.Inspected)
        self._last, self._place = found, place
        if key:
            self._keep(key, found)
        return found

    async def issues(self, ctx: Context, path: str, only: str, offset: int, limit: int) -> jobs.Issues:
        """Some of the issues at a path; a worker fetches many at once, so that the next pages need none."""
        root, below = await self.located(ctx, path)
        key = self._key(root, below, only)
        kept, first, found = self._block or (None, 0, None)
        if found is None or not key or kept != key or not _holds(found, first, offset, limit):
            job = jobs.ListIssues(
                root=str(root), config=self.config, path=below, only=only, offset=offset, limit=max(limit, BLOCK)
            )
            first, found = offset, await self.run(ctx, job, jobs.Issues)
            self._block = key, first, found
        start = offset - first
        return msgspec.structs.replace(found, issues=found.issues[start : start + limit])

    async def compared(self, ctx: Context, path: str, baseline: str) -> jobs.Inspected:
        """The inspection of what is at a path, held against a baseline below the same root."""
        root, below = await self.located(ctx, path)
        other, before = await self.located(ctx, baseline)
        if other != root:
            raise UserError(f"{path[:100]!r} and {baseline[:100]!r} lie below different roots; compare within one.")
        job = jobs.Compare(root=str(root), config=self.config, path=below, baseline=before)
        self._last, self._place = await self.run(ctx, job, jobs.Inspected), None
        return self._last

    async def listed(self, ctx: Context, folder: str, cursor: str) -> SweepList:
        """What there is to inspect below one folder, or below all roots."""
        roots = await self.roots(ctx)
        places = [locate(folder, roots)] if folder else [(root, ".") for root in roots]
        sweeps: list[jobs.SweepFile] = []
        skipped: list[Any] = []
        for root, below in places:
            found = await self.run(ctx, jobs.ListSweeps(root=str(root), config=self.config, path=below), jobs.Found)
            prefix = "" if len(roots) == 1 else f"{root.as_posix()}/"
            sweeps += [jobs.SweepFile(path=prefix + one.path, kind=one.kind, bytes=one.bytes) for one in found.sweeps]
            skipped += found.skipped
        first = offset_of(cursor)
        end = first + FILES_A_PAGE
        return SweepList(
            roots=tuple(root.as_posix() for root in roots),
            total=len(sweeps),
            sweeps=tuple(sweeps[first:end]),
            skipped=tuple(skipped[:FILES_A_PAGE]),
            next_cursor=cursor_at(end, "") if end < len(sweeps) else None,
        )

    async def page(self, rule: str) -> jobs.DetectorPage:
        """The page of a detector, or the index of all.

        Raises:
            sdk.ResourceError: there is no such detector.
        """
        if rule not in self._pages:

            async def nobody(_seconds: float, _text: str) -> None:
                return

            try:
                self._pages[rule] = await run(jobs.Explain(root="", rule=rule), jobs.DetectorPage, nobody)
            except UserError as error:
                raise sdk.ResourceError(str(error)) from None
        return self._pages[rule]

    def last(self) -> jobs.Inspected:
        """The last inspection.

        Raises:
            sdk.ResourceError: there is none yet.
        """
        if self._last is None:
            raise sdk.ResourceError("nothing has been inspected yet: call inspect_sweep first.")
        return self._last

    def _key(self, root: Path, below: str, *others: object) -> Key | None:
        """What an answer about a file depends on; None where there is no telling, as for a folder."""
        own = _stamp(root / below)
        return (root, below, *others, own, *(_stamp(root / name) for name in self._configs())) if own else None

    def _keep(self, key: Key, found: jobs.Inspected) -> None:
        self._kept[key] = found
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def _configs(self) -> tuple[str, ...]:
        return (self.config,) if self.config else (CONFIG_FILE, PYPROJECT)


def _holds(found: jobs.Issues, first: int, offset: int, limit: int) -> bool:
    """Whether the issues from `first` on have all of a page."""
    end = first + len(found.issues)
    return first <= offset and (offset + limit <= end or end == found.total)


def _stamp(path: Path) -> tuple[int, ...] | None:
    """What changes with a file's content; None where there is no file, or a folder, of which nothing is kept."""
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size, status.st_ino) if path.is_file() else None
