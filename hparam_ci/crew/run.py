"""One crew run from outside: facts, cache, the worker process with a deadline, and the check of what it says.

Nothing of CrewAI or LiteLLM is imported here. Whatever happens ends in a `Review`; nothing is raised.
"""

from __future__ import annotations

import importlib.util
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

import msgspec

from hparam_ci.crew import cache
from hparam_ci.crew.answers import MOST
from hparam_ci.crew.endpoint import Endpoint
from hparam_ci.crew.facts import Facts
from hparam_ci.crew.gather import gather
from hparam_ci.crew.grounding import Checker
from hparam_ci.crew.network import hosts_of
from hparam_ci.crew.sentences import ANGLES, by_rule, ranked, say
from hparam_ci.crew.worker import Event, Request
from hparam_ci.inspection import Inspection
from hparam_ci.review import SECTIONS, Review, Section, Sentence, Status, Usage

Say = Callable[[str], None]
INSTALL = 'CrewAI is not installed: pip install "hparam-inspector[crew]"'
# Variables that the worker gets: certificates and proxies of the network, nothing else of the caller's.
PASSED = (
    "PATH LANG LC_ALL SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE HTTP_PROXY HTTPS_PROXY ALL_PROXY "
    "NO_PROXY http_proxy https_proxy all_proxy no_proxy"
).split()
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
GRACE = 2.0  # seconds between the worker's own deadline and its end by force

Kept = dict[Section, tuple[Sentence, ...]]


def installed() -> bool:
    """Whether the extra `crew` is there; imports nothing."""
    return all(importlib.util.find_spec(name) for name in ("crewai", "litellm"))


def review(
    inspection: Inspection,
    endpoint: Endpoint,
    *,
    seconds: float,
    folder: Path | None = None,
    env: Mapping[str, str] = os.environ,
    log: Say = lambda _: None,
) -> Review:
    """Have the crew explain the inspection.

    Args:
        inspection: what is explained; it is not changed.
        endpoint: the model.
        seconds: the most that the crew may take, start included.
        folder: where answers are kept, or None.
        env: the caller's variables; few are passed on.
        log: hears of each task as it completes.
    """
    started = time.monotonic()
    facts = gather(inspection)
    if not facts.paths:
        return Review("ok", "nothing to explain", endpoint.name)
    checker = Checker(facts)
    name = cache.key(facts, endpoint)
    if (stored := cache.load(folder, name)) and (kept := _checked(stored, checker)):
        return _made("ok", "", endpoint, checker, kept, 0, Usage(), started, cached=True)
    if not installed():
        return Review("failed", INSTALL, endpoint.name)
    run = _Run(checker, log)
    status, reason = run.go(Request(facts, endpoint, seconds, _hosts(endpoint, env)), env, started + seconds)
    if status == "ok" and run.kept:
        cache.save(folder, name, run.kept)
    if status == "ok" and not run.kept:
        status, reason = "failed", "no sentence of the model holds against the facts"
    return _made(status, reason, endpoint, checker, run.kept, run.dropped, run.usage, started)


def _hosts(endpoint: Endpoint, env: Mapping[str, str]) -> tuple[str, ...]:
    """The only hosts that the worker may reach: the configured one, through the proxies if there are any."""
    return (*endpoint.hosts, *hosts_of(env[name] for name in PROXIES if env.get(name)))


class _Run:
    """The worker process and what it has said so far."""

    def __init__(self, checker: Checker, log: Say) -> None:
        self.kept: Kept = {}
        self.dropped = 0
        self.usage = Usage()
        self._checker = checker
        self._log = log

    def go(self, request: Request, env: Mapping[str, str], until: float) -> tuple[Status, str]:
        """Run the worker to its end or to the deadline."""
        with tempfile.TemporaryDirectory(prefix="hparam-crew-", ignore_cleanup_errors=True) as home:
            process = subprocess.Popen(
                [sys.executable, "-I", "-X", "utf8", "-m", "hparam_ci.crew.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=None if env.get("HPARAM_CI_DEBUG") else subprocess.DEVNULL,
                cwd=home,
                env={**{name: env[name] for name in PASSED if name in env}, "HOME": home, "TMPDIR": home},
                start_new_session=True,
            )
            try:
                return self._listen(process, msgspec.json.encode(request), until)
            finally:
                _end(process)

    def _listen(self, process: subprocess.Popen[bytes], request: bytes, until: float) -> tuple[Status, str]:
        assert process.stdin is not None
        assert process.stdout is not None
        lines: queue.Queue[bytes | None] = queue.Queue()
        threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
        try:
            process.stdin.write(request)
            process.stdin.close()
        except OSError:
            return "failed", "the crew's process ended before it began"
        while True:
            try:
                line = lines.get(timeout=max(until + GRACE - time.monotonic(), 0.01))
            except queue.Empty:
                return "timeout", "the time is up"
            if line is None:
                return "failed", "the crew's process ended early"
            event = msgspec.json.decode(line, type=Event)
            self.usage = event.usage
            if not event.task:
                over = time.monotonic() >= until or "time is up" in event.problem
                return ("timeout" if over else "failed", event.problem) if event.problem else ("ok", "")
            self._hear(event)

    def _hear(self, event: Event) -> None:
        sentences = _checked({event.section or "summary": event.sentences}, self._checker)
        self.kept |= sentences
        kept = sum(len(found) for found in sentences.values())
        self.dropped += len(event.refused) + len(event.sentences) - kept
        said = f"{kept} kept, {len(event.refused)} dropped" if not event.problem else event.problem
        self._log(f"{event.task}: {said} ({event.usage.tokens:,} tokens so far)")
        for reason in event.refused:
            self._log(f"{event.task}: dropped: {reason}")


def _read(stream: IO[bytes], lines: queue.Queue[bytes | None]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()


def _checked(sections: Mapping[Section, tuple[Sentence, ...]], checker: Checker) -> Kept:
    """Of what came from outside, what holds: the worker and the cache are believed no more than the model."""
    kept: Kept = {}
    for section, sentences in sections.items():
        found = tuple(one for one in sentences[: MOST[section]] if _holds(one, checker))
        if found:
            kept[section] = found
    return kept


def _holds(sentence: Sentence, checker: Checker) -> bool:
    facts = checker.facts
    if not all(id_ in facts.by_id for id_ in sentence.evidence) or sentence.sweep not in ("", *facts.paths):
        return False
    if sentence.by == "choice":
        fact = facts.by_id[sentence.evidence[0]]
        return sentence.text in {say(fact, angle) for angle in ANGLES.get(fact.kind, ())}
    return sentence.by == "model" and checker.refuse(sentence.evidence, sentence.text) is None


def _made(
    status: Status,
    reason: str,
    endpoint: Endpoint,
    checker: Checker,
    kept: Kept,
    dropped: int,
    usage: Usage,
    started: float,
    *,
    cached: bool = False,
) -> Review:
    sections = tuple((section, _filled(section, kept.get(section, ()), checker.facts)) for section in SECTIONS)
    seconds = time.monotonic() - started
    return Review(status, reason, endpoint.name, sections if kept else (), dropped, usage, seconds, cached)


def _filled(section: Section, kept: tuple[Sentence, ...], facts: Facts) -> tuple[Sentence, ...]:
    """What the model said; by rule where that is nothing. What it only chose is filled up, and in the order of rule."""
    if any(sentence.by == "model" for sentence in kept):
        return kept
    said = {sentence.evidence for sentence in kept}
    rest = [sentence for sentence in _by_rule(section, facts) if sentence.evidence not in said]
    order = {fact.id: number for number, fact in enumerate(ranked(section, facts.by_id.values()))}
    return tuple(sorted((*kept, *rest), key=lambda one: order.get(one.evidence[0], len(order))))[: MOST[section]]


def _by_rule(section: Section, facts: Facts) -> tuple[Sentence, ...]:
    return tuple(
        Sentence(say(fact), (fact.id,), facts.paths[fact.sweep] if fact.sweep >= 0 else "", "rule")
        for fact in by_rule(section, facts)
    )
