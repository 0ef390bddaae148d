"""The one way to a model: `litellm.completion`, with our own time limits, retries and counting.

CrewAI's own LiteLLM adapter drops the address and the key where a schema is asked for, and would then send the prompt
to the provider's default host; this one cannot.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Self

from crewai import BaseLLM
from pydantic import PrivateAttr

from hparam_ci.crew.endpoint import Endpoint
from hparam_ci.review import Usage

__all__ = ["Endpoint", "LiteLLMChat", "Meter", "OverBudgetError", "RequestFailedError", "UnusableAnswerError"]

ANSWER_TOKENS = 900
CHOICE_TOKENS = 200
TOTAL_TOKENS = 30_000
REQUESTS = 12
ATTEMPTS = 3
LONGEST_REQUEST = 60.0
LONGEST_WAIT = 10.0


class UnusableAnswerError(RuntimeError):
    """The server answered, but with nothing that could be an answer."""


class RequestFailedError(RuntimeError):
    """A request that failed for good; it repeats nothing of what was sent or answered.

    (Its own class, and a text without a number, because CrewAI asks again by itself where it reads 429.)
    """

    def __init__(self, error: Exception) -> None:
        """Keep what the server answered; LiteLLM makes up a status of 500 where it did not answer at all."""
        status = getattr(error, "status_code", None)
        refused = isinstance(status, int) and 400 <= status < 500 and type(error).__name__ != "Timeout"
        self.said = f"the server answered {status}" if refused else f"the request failed ({type(error).__name__})"
        super().__init__("the request failed")


class OverBudgetError(RuntimeError):
    """The time, the tokens or the requests of this run are used up."""


@dataclass(slots=True)
class Meter:
    """What this run may use, and has used. `until` is on the monotonic clock."""

    until: float
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    costs: list[float | None] = field(default_factory=list)

    def left(self) -> float:
        """Seconds left.

        Raises:
            OverBudgetError: nothing is left of the time, the tokens or the requests.
        """
        seconds = self.until - time.monotonic()
        if seconds <= 0:
            raise OverBudgetError("the time is up")
        if self.prompt_tokens + self.completion_tokens >= TOTAL_TOKENS:
            raise OverBudgetError(f"{TOTAL_TOKENS:,} tokens are used up")
        if self.requests >= REQUESTS:
            raise OverBudgetError(f"{REQUESTS} requests are used up")
        return seconds

    def usage(self) -> Usage:
        """What was used; the cost only where every answer's price is known."""
        known = [cost for cost in self.costs if cost is not None]
        cost = sum(known) if known and len(known) == len(self.costs) else None
        return Usage(self.requests, self.prompt_tokens, self.completion_tokens, cost)


class LiteLLMChat(BaseLLM):
    """A CrewAI model on `litellm.completion`."""

    llm_type: str = "hparam-litellm"
    answer_schema: dict[str, Any] = {}  # noqa: RUF012 - a pydantic field
    answer_tokens: int = ANSWER_TOKENS
    _meter: Meter = PrivateAttr()
    _cloud: dict[str, str] = PrivateAttr(default_factory=dict)
    _formats: list[str] = PrivateAttr(default_factory=lambda: ["json_schema", "json_object", ""])

    @classmethod
    def of(cls, endpoint: Endpoint, meter: Meter, answer_schema: dict[str, Any]) -> Self:
        """A model at the endpoint that answers in the schema where the server can."""
        llm = cls(
            model=endpoint.model,
            base_url=endpoint.base_url,
            api_key=endpoint.api_key,
            temperature=0,
            answer_schema=answer_schema,
            answer_tokens=CHOICE_TOKENS if endpoint.choosing else ANSWER_TOKENS,
        )
        llm._meter = meter
        llm._cloud = endpoint.cloud
        return llm

    def call(self, messages: Any, *_: Any, **__: Any) -> str:
        """The model's answer to the messages.

        Raises:
            OverBudgetError: nothing is left to ask with.
            UnusableAnswerError: an empty answer.
            RequestFailedError: the server does not answer, or not well.
        """
        if isinstance(messages, str):
            messages = [{"role": "user", "content": messages}]
        sent = [{"role": one["role"], "content": one.get("content") or ""} for one in messages]
        failures = 0
        while True:
            answer, error = self._ask(sent, self._meter.left())
            if error is None:
                return self._read(answer)
            if type(error).__name__ in _UNKNOWN_FORM and len(self._formats) > 1:
                self._formats.pop(0)  # the server does not know this form of answer
                continue
            failures += 1
            if failures >= ATTEMPTS or not _is_passing(error):
                raise RequestFailedError(error)
            time.sleep(min(_wait(error, failures), max(self._meter.left() - 1, 0)))

    def _ask(self, messages: list[dict[str, str]], left: float) -> tuple[Any, Exception | None]:
        """The answer, or the error; it is returned, because CrewAI looks through what an exception was raised from."""
        import litellm

        self._meter.requests += 1
        try:
            return litellm.completion(**self._request(messages, left)), None
        except Exception as error:  # noqa: BLE001 - LiteLLM's errors have no common base
            return None, error

    def _request(self, messages: list[dict[str, str]], left: float) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self.model,
            "messages": messages,
            "api_key": self.api_key or None,
            "temperature": self.temperature,
            "max_tokens": self.answer_tokens,
            "timeout": min(left, LONGEST_REQUEST),
            "max_retries": 0,
            "num_retries": 0,
            "drop_params": True,
        }
        request |= self._cloud
        if self.base_url and not self._cloud:
            request["base_url"] = self.base_url
        if self._formats[0] == "json_schema":
            form = {"name": "answer", "schema": self.answer_schema, "strict": True}
            request["response_format"] = {"type": "json_schema", "json_schema": form}
        elif self._formats[0]:
            request["response_format"] = {"type": self._formats[0]}
        return request

    def _read(self, answer: Any) -> str:
        usage = getattr(answer, "usage", None)
        self._meter.prompt_tokens += int(getattr(usage, "prompt_tokens", 0) or 0)
        self._meter.completion_tokens += int(getattr(usage, "completion_tokens", 0) or 0)
        self._meter.costs.append(_cost(answer))
        choices = getattr(answer, "choices", None) or []
        text = (choices[0].message.content or "").strip() if choices else ""
        if not text:
            raise UnusableAnswerError("an empty answer")
        return str(text)

    def supports_function_calling(self) -> bool:
        """No: the agents have no tools."""
        return False

    def supports_stop_words(self) -> bool:
        """No: the answer ends where its JSON does."""
        return False

    def get_context_window_size(self) -> int:
        """Large enough for the facts; CrewAI cuts nothing."""
        return 32_000


_UNKNOWN_FORM = ("BadRequestError", "UnprocessableEntityError")


def _is_passing(error: Exception) -> bool:
    """Whether the same request may go well a moment later."""
    status = getattr(error, "status_code", None)
    names = {"Timeout", "APIConnectionError", "InternalServerError", "ServiceUnavailableError", "RateLimitError"}
    return type(error).__name__ in names and status not in (400, 401, 402, 403, 404)


def _wait(error: Exception, failures: int) -> float:
    """Seconds to wait: as the server says, else twice as long each time."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        return min(float(headers.get("retry-after", "")), LONGEST_WAIT)
    except (TypeError, ValueError):
        return min(0.5 * 2.0**failures, LONGEST_WAIT)


def _cost(answer: Any) -> float | None:
    """US dollars, by LiteLLM's own table of prices; None where the model is not in it."""
    import litellm

    try:
        return float(litellm.completion_cost(answer)) or None
    except Exception:  # noqa: BLE001 - LiteLLM raises a bare Exception for a model without a price
        return None
