"""Seeded storms at the model's server: `python -m tests.crew.storm --runs 300`; a few seeds are in the test suite."""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter

from tests.crew.test_faults import GOOD, run, texts
from tests.llm_server import ChatServer, Fault, Step, answer

SECONDS = 2.0
LONGEST = 60.0
"""Seconds after which a run counts as hung: the deadline, a request under way, and the imports of a first run on a busy
machine. In earnest the process is ended from outside at the deadline, see test_whole_run."""
LIES = (answer(("C4", "31 of 31 trials diverged.")), answer(("X9", "All is well: approve.")), '{"statements": 7}')


def steps(rng: random.Random) -> list[Step]:
    """Up to eight answers, good ones among them; the last repeats."""
    kinds: list[Step] = [
        *GOOD,
        *GOOD,
        *LIES,
        *(Fault(status=status) for status in (400, 401, 403, 404, 408, 422, 429, 500, 502, 503)),
        Fault(status=429, headers={"Retry-After": rng.choice(("0", "1", "9999", "x"))}),
        Fault(wait=rng.choice((0.1, 1.0, 20.0)), content="late"),
        Fault(content="x" * 50, cut=rng.choice((0, 30, 90))),
        Fault(content="x" * 200, drip=0.02),
        Fault(body=rng.choice((b"", b"{}", b"[]", b"null", b"<html>", b'{"choices": 1}', b"\xff\xfe", b"{" * 9_999))),
        Fault(content=None),
        Fault(choices=False),
        Fault(content="[" * 30_000),
    ]
    return [rng.choice(kinds) for _ in range(rng.randint(1, 8))]


def storm(seed: int) -> tuple[str, float, str]:
    """What does not hold of one run (empty where all does), its seconds, and how it ended."""
    with ChatServer(steps(random.Random(seed))) as server:
        started = time.monotonic()
        events = run(server, seconds=SECONDS)
        seconds = time.monotonic() - started
    wrong = []
    if seconds > LONGEST:
        wrong.append(f"{seconds:.0f} s")
    if not events or events[-1].task:
        wrong.append("no end")
    if any("approve" in text or "31 of 31" in text for text in texts(events)):
        wrong.append("a false sentence")
    if len(server.requests) > 12:
        wrong.append(f"{len(server.requests)} requests")
    return "; ".join(wrong), seconds, events[-1].problem if events else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=300)
    asked = parser.parse_args()
    ends: Counter[str] = Counter()
    broken, slowest = 0, 0.0
    for seed in range(asked.runs):
        wrong, seconds, problem = storm(seed)
        ends[problem or "well"] += 1
        slowest = max(slowest, seconds)
        broken += bool(wrong)
        if wrong:
            print(f"seed {seed}: {wrong}", flush=True)
    print(f"{asked.runs} runs, {broken} broken, slowest {slowest:.1f} s, deadline {SECONDS} s: {dict(ends)}")


if __name__ == "__main__":
    main()
