"""What the crew says on the command line: `hparam-ci inspect --crew`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hparam_ci.inspection import Inspection
from hparam_ci.review import Review
from hparam_ci.settings import Settings

if TYPE_CHECKING:
    from hparam_ci.crew.endpoint import Endpoint


def reviewed(inspection: Inspection, settings: Settings) -> Review:
    """What the crew says; each task is reported on standard error as it completes.

    Raises:
        SettingsError: an address that no key may be sent to.
    """
    from hparam_ci.crew.endpoint import endpoint, from_environment, variables, where_to_find_a_key

    model, url, key = from_environment(settings.ai_model, settings.ai_base_url, os.environ, Path.cwd())
    found = endpoint(model, url, key, variables(os.environ, Path.cwd()))
    if found is None:
        _say(where_to_find_a_key(model, url))
        return Review("skipped_no_key", "no key")
    return asked(inspection, found, settings, _say)


def asked(inspection: Inspection, endpoint: Endpoint, settings: Settings, say: Callable[[str], None]) -> Review:
    """What the crew says, with the answers of this user's earlier runs; `say` hears of each task as it completes."""
    from hparam_ci.crew.run import review

    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hparam-inspector"
    said = review(inspection, endpoint, seconds=settings.ai_timeout_seconds, folder=cache, log=say)
    if said.status != "ok":
        say(f"{said.status}: {said.reason}")
    return said


def _say(text: str) -> None:
    from hparam_ci.report.sanitize import terminal_text

    print(f"crew: {terminal_text(text)}", file=sys.stderr, flush=True)  # noqa: T201
