"""Whatever a server does, the crew ends in time, says what went wrong, and keeps what it had."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import msgspec
import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew.endpoint import Endpoint, endpoint
from hparam_ci.crew.worker import Event, Request, serve
from tests.llm_server import ChatServer, Fault, Step, answer

KEY = "sk-very-secret-1234"
FACTS = kept_facts("digits")
PATTERNS = answer(
    ("C4", "With lr > 0.0825 and optimizer = adamw, 26 of 31 trials diverged, against 6 of 177 without it."),
    ("C5", "13 of the 16 overfitting trials used adamw."),
)
SUMMARY = answer(("D3 L3", "The divergence rate is 15.4% (32 of 208 trials), above the limit of 10%."))
NEXT = answer(("R1", "Keep lr at or below 0.0825 when using adamw: it would have spared 26 of the 32 diverged trials."))
GOOD = (PATTERNS, SUMMARY, NEXT)


def run(server: ChatServer, *, seconds: float = 200.0, choosing: bool = False) -> list[Event]:
    endpoint = Endpoint("m", "openai/m", server.url, KEY, choosing)
    out = io.StringIO()
    serve(Request(FACTS, endpoint, seconds), out, time.monotonic())
    assert KEY not in out.getvalue()
    return [msgspec.json.decode(line, type=Event) for line in out.getvalue().splitlines()]


def test_azure_is_asked_with_its_own_key_and_version() -> None:
    with ChatServer(GOOD) as server:
        base = server.url.removesuffix("/v1")
        env = {"AZURE_API_KEY": KEY, "AZURE_API_BASE": base, "AZURE_API_VERSION": "2024-10-21"}
        azure = endpoint("azure/my-gpt-4o", "", "", env)
        assert azure is not None
        out = io.StringIO()
        serve(Request(FACTS, azure, 200.0), out, time.monotonic())
    assert KEY not in out.getvalue()
    events = [msgspec.json.decode(line, type=Event) for line in out.getvalue().splitlines()]
    assert len(texts(events)) == 4
    assert {received.path for received in server.requests} == {
        "/openai/deployments/my-gpt-4o/chat/completions?api-version=2024-10-21"
    }
    assert {received.headers["api-key"] for received in server.requests} == {KEY}


@pytest.mark.parametrize(
    ("env", "authorization"),
    [
        ({"AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": KEY}, "AWS4-HMAC-SHA256 Credential=AK/"),
        ({"AWS_BEARER_TOKEN_BEDROCK": KEY}, f"Bearer {KEY}"),
    ],
)
def test_bedrock_is_asked_with_a_signature_or_a_token(env: dict[str, str], authorization: str) -> None:
    with ChatServer([Fault(status=403)]) as server:
        env = env | {"AWS_REGION": "eu-west-1", "AWS_BEDROCK_RUNTIME_ENDPOINT": server.url.removesuffix("/v1")}
        bedrock = endpoint("bedrock/meta.llama3-1-8b-instruct-v1:0", "", "", env)
        assert bedrock is not None
        out = io.StringIO()
        serve(Request(FACTS, bedrock, 200.0), out, time.monotonic())
    assert KEY not in out.getvalue()
    assert {received.path for received in server.requests} == {"/model/meta.llama3-1-8b-instruct-v1%3A0/converse"}
    assert all(received.headers["Authorization"].startswith(authorization) for received in server.requests)


def texts(events: list[Event]) -> list[str]:
    return [sentence.text for event in events for sentence in event.sentences]


def test_a_good_server(connections: list[str]) -> None:
    with ChatServer(GOOD) as server:
        events = run(server)
    assert [event.task for event in events] == [
        "analyze_pathologies_task",
        "write_report_task",
        "design_next_experiment_task",
        "",
    ]
    assert len(texts(events)) == 4
    assert [event.refused for event in events] == [()] * 4
    last = events[-1]
    assert (last.problem, last.usage.requests, last.usage.tokens) == ("", 3, 360)
    assert set(connections) == {"127.0.0.1"}


def test_the_request_has_the_facts_as_short_json_strings_and_never_the_key() -> None:
    with ChatServer(GOOD) as server:
        run(server)
    for received in server.requests:
        assert received.headers["Authorization"] == f"Bearer {KEY}"
        assert KEY.encode() not in received.raw
        assert received.json["response_format"]["type"] == "json_schema"
        assert received.json["max_tokens"] <= 900
        assert len(received.raw) < 30_000
        facts = [line for m in received.json["messages"] for line in m["content"].splitlines() if line[:1] == "{"]
        assert len(facts) >= 5
        assert all(len(value) <= 240 for line in facts for value in json.loads(line).values() if isinstance(value, str))


def test_false_statements_go_back_once_with_the_reason_and_are_then_dropped() -> None:
    false = answer(
        ("C4", "27 of 31 trials with lr > 0.0825 and adamw diverged."), ("C5", "13 of 51 adamw trials overfit.")
    )
    with ChatServer([false, false, SUMMARY, NEXT]) as server:
        events = run(server)
    assert len(server.requests) == 4
    assert "27 of 31 is not one of its numbers" in json.dumps(server.requests[1].json["messages"])
    assert server.requests[0].json["temperature"] < server.requests[1].json["temperature"]
    assert (len(events[0].sentences), len(events[0].refused)) == (1, 1)


def test_a_corrected_answer_is_taken() -> None:
    with ChatServer([answer(("C99", "26 trials diverged.")), *GOOD]) as server:
        events = run(server)
    assert (len(events[0].sentences), events[0].refused) == (2, ())


def test_an_unknown_form_of_answer_is_asked_for_in_another_one() -> None:
    answers = iter(GOOD)

    def only_plain(request: dict[str, Any]) -> str | Fault:
        return Fault(status=400) if "response_format" in request else next(answers)

    with ChatServer([only_plain]) as server:
        events = run(server)
    assert len(texts(events)) == 4
    assert len(server.requests) <= 9


@pytest.mark.parametrize(
    ("fault", "said", "most"),
    [
        (Fault(status=401), "the server answered 401", 1),
        (Fault(status=402), "the server answered 402", 1),
        (Fault(status=403), "the server answered 403", 1),
        (Fault(status=404), "the server answered 404", 1),
        (Fault(status=429), "the server answered 429", 3),
        (Fault(status=429, headers={"Retry-After": "1"}), "the server answered 429", 3),
        (Fault(status=500), "InternalServerError", 3),
        (Fault(status=503), "ServiceUnavailableError", 3),
        (Fault(body=b"<html>a gateway</html>"), "", 3),
        (Fault(body=b"{}"), "", 3),
        (Fault(content="x", cut=40), "", 3),
        (Fault(content="x", cut=0), "", 3),
        (Fault(content=""), "an empty answer", 2),
        (Fault(content=None), "an empty answer", 2),
        (Fault(choices=False), "", 2),
    ],
    ids=str,
)
def test_a_server_that_fails_is_a_line(fault: Fault, said: str, most: int) -> None:
    with ChatServer([fault]) as server:
        events = run(server)
    assert texts(events) == []
    assert said in events[-1].problem
    assert events[-1].problem
    assert 1 <= len(server.requests) <= most
    assert "scripted" not in events[-1].problem


@pytest.mark.parametrize(
    "content",
    [
        "I'm sorry, but I can't help with that.",
        "Die Divergenz kommt von der Lernrate.",
        '{"foo": 1}',
        '{"statements": {"evidence": "C4"}}',
        '{"statements": [{"evidence": ["C4"], "text": "26 of 3',
        "x" * 100_000,
        '{"statements": [' + '{"evidence": ["C4"], "text": "a"},' * 3_000 + "{}]}",
        "[" * 50_000,
    ],
    ids=["refusal", "German", "other schema", "no list", "cut off", "100 kB", "100 kB of JSON", "deep"],
)
def test_an_answer_that_is_none_leaves_the_section_to_the_rules(content: str) -> None:
    with ChatServer([content]) as server:
        events = run(server)
    assert texts(events) == []
    assert len(server.requests) == 6  # each of three tasks is asked twice
    assert events[-1].problem == ""


def test_what_was_good_before_a_fault_is_kept() -> None:
    with ChatServer([PATTERNS, Fault(status=401)]) as server:
        events = run(server)
    assert len(texts(events)) == 2
    assert "401" in events[-1].problem


def test_a_fault_that_passes_is_asked_over() -> None:
    with ChatServer([Fault(status=503), PATTERNS, Fault(status=429), SUMMARY, NEXT]) as server:
        events = run(server)
    assert len(texts(events)) == 4
    assert events[-1].usage.requests == 5


def test_a_server_that_hangs_ends_with_the_time() -> None:
    steps: list[Step] = [Fault(wait=30, content="late")]
    with ChatServer(steps) as server:
        started = time.monotonic()
        events = run(server, seconds=3)
    assert time.monotonic() - started < 12
    assert events[-1].problem == "the time is up"


def test_a_small_model_chooses_and_the_sentences_are_ours() -> None:
    choice = json.dumps(
        {"statements": [{"evidence": "C4", "say": "how many explained"}, {"evidence": "X", "say": "?"}]}
    )
    with ChatServer([choice]) as server:
        events = run(server, choosing=True)
    assert texts(events)[0] == "lr > 0.0825 and optimizer = adamw explains 26 of the 32 diverged trials."
    assert all(len(received.raw) < 6_000 for received in server.requests)
