"""Which model is asked, where, and whose key is sent there."""

from __future__ import annotations

from pathlib import Path

import pytest

from hparam_ci.crew.endpoint import HUGGING_FACE, endpoint, from_environment, is_small
from hparam_ci.errors import SettingsError


@pytest.mark.parametrize(
    ("model", "url", "sent", "to"),
    [
        ("", "", "openai/meta-llama/Llama-3.1-8B-Instruct", HUGGING_FACE),
        ("Qwen/Qwen2.5-72B-Instruct", "", "openai/Qwen/Qwen2.5-72B-Instruct", HUGGING_FACE),
        ("anthropic/claude-sonnet-4", "", "anthropic/claude-sonnet-4", None),
        ("openai/gpt-oss-120b", "https://host/v1", "openai/openai/gpt-oss-120b", "https://host/v1"),
        ("local", "http://localhost:8080/v1", "openai/local", "http://localhost:8080/v1"),
    ],
)
def test_any_provider_can_be_named(model: str, url: str, sent: str, to: str | None) -> None:
    found = endpoint(model, url, "key")
    assert found is not None
    assert (found.model, found.base_url) == (sent, to)
    assert "key" not in repr(found)


def test_without_a_key_there_is_no_endpoint() -> None:
    assert endpoint("", "", "") is None


@pytest.mark.parametrize(
    "url", ["http://example.com/v1", "ftp://host", "https://user:word@host/v1", "https://", "host/v1", "http://8.8.8.8"]
)
def test_no_key_goes_to_an_address_that_does_not_keep_it(url: str) -> None:
    with pytest.raises(SettingsError, match="ai_base_url"):
        endpoint("m", url, "key")


@pytest.mark.parametrize("name", ["SmolLM2-135M-Instruct", "google/gemma-3-270m", "Qwen2.5-1.5B", "llama-3.2-1b"])
def test_small_models_are_known_by_name(name: str) -> None:
    assert is_small(name)


@pytest.mark.parametrize("name", ["meta-llama/Llama-3.1-8B-Instruct", "gpt-4o-mini", "Mixtral-8x7B", "claude-sonnet-4"])
def test_large_ones_too(name: str) -> None:
    assert not is_small(name)


def test_the_environment_gives_a_token_of_hugging_face_to_nobody_else(tmp_path: Path) -> None:
    env = {"HF_TOKEN": "hf", "ANTHROPIC_API_KEY": "an", "MODEL": "some/model-8B"}
    assert from_environment("", "", env, tmp_path) == ("some/model-8B", "", "hf")
    assert from_environment("anthropic/claude", "", env, tmp_path) == ("anthropic/claude", "", "an")
    assert from_environment("m", "https://host/v1", env, tmp_path) == ("m", "https://host/v1", "")
    own = env | {"HPARAM_AI_API_KEY": "own", "HPARAM_AI_BASE_URL": "https://host/v1"}
    assert from_environment("m", "", own, tmp_path) == ("m", "https://host/v1", "own")
