"""Which model is asked, where, and whose key is sent there."""

from __future__ import annotations

from pathlib import Path

import pytest

from hparam_ci.crew.endpoint import HUGGING_FACE, endpoint, from_environment, is_small, where_to_find_a_key
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


def test_a_cloud_takes_its_own_variables_and_hides_them() -> None:
    env = {"AZURE_API_KEY": "secret-az", "AZURE_API_BASE": "https://res.openai.azure.com", "AZURE_API_VERSION": "v1"}
    azure = endpoint("azure/gpt", "", "", env)
    assert azure is not None
    assert (azure.model, azure.base_url, azure.hosts) == ("azure/gpt", env["AZURE_API_BASE"], ("res.openai.azure.com",))
    assert azure.cloud == {"api_base": env["AZURE_API_BASE"], "api_version": "v1"}
    assert "secret" not in repr(azure)
    aws = {"AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": "secret-aws", "AWS_REGION": "eu-west-1"}
    bedrock = endpoint("bedrock/meta.llama3-1-8b-instruct-v1:0", "", "", aws)
    assert bedrock is not None
    assert bedrock.hosts == ("bedrock-runtime.eu-west-1.amazonaws.com",)
    assert bedrock.cloud["aws_secret_access_key"] == "secret-aws"
    assert "secret" not in repr(bedrock)
    assert endpoint("bedrock/m", "", "token", {"AWS_REGION": "eu-west-1"}) is not None


@pytest.mark.parametrize("model", ["azure/gpt", "bedrock/m"])
def test_a_cloud_without_its_variables_has_no_endpoint_and_says_which(model: str) -> None:
    assert endpoint(model, "", "", {"HF_TOKEN": "hf", "AWS_REGION": "eu-west-1"}) is None
    assert "_KEY" in where_to_find_a_key(model, "")


def test_variables_of_a_cloud_are_for_its_models_alone() -> None:
    found = endpoint("m", "", "key", {"AZURE_API_KEY": "az", "AWS_SECRET_ACCESS_KEY": "aws"})
    assert found is not None
    assert found.cloud == {}


def test_a_provider_that_is_not_carried_says_by_which_address_it_is_asked() -> None:
    with pytest.raises(SettingsError, match="endpoints/openapi"):
        endpoint("vertex_ai/gemini-2.5-flash", "", "token")
    found = endpoint("google/gemini-2.5-flash", "https://europe-west4-aiplatform.googleapis.com/v1/openapi", "token")
    assert found is not None
    assert found.hosts == ("europe-west4-aiplatform.googleapis.com",)


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
