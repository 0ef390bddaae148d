"""The providers that a model can be named at, and what each needs: its host, its key, the variables of a cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# LiteLLM's names of providers that take one key, and the only host that the crew may then reach. Any other first part
# of a name is an owner at Hugging Face.
HOSTS: Mapping[str, str] = {
    "ai21": "api.ai21.com",
    "anthropic": "api.anthropic.com",
    "cerebras": "api.cerebras.ai",
    "cohere": "api.cohere.com",
    "deepinfra": "api.deepinfra.com",
    "deepseek": "api.deepseek.com",
    "fireworks_ai": "api.fireworks.ai",
    "gemini": "generativelanguage.googleapis.com",
    "groq": "api.groq.com",
    "hyperbolic": "api.hyperbolic.xyz",
    "mistral": "api.mistral.ai",
    "moonshot": "api.moonshot.ai",
    "novita": "api.novita.ai",
    "nvidia_nim": "integrate.api.nvidia.com",
    "openai": "api.openai.com",
    "openrouter": "openrouter.ai",
    "perplexity": "api.perplexity.ai",
    "sambanova": "api.sambanova.ai",
    "together_ai": "api.together.xyz",
    "xai": "api.x.ai",
}


@dataclass(frozen=True, slots=True)
class Cloud:
    """A provider that needs more than a key.

    Attributes:
        address: LiteLLM's argument for another address than its own.
        arguments: LiteLLM's arguments and the variables each is taken from, the first that is set.
        enough: sets of arguments, each of which is enough to ask.
    """

    address: str
    arguments: Mapping[str, tuple[str, ...]]
    enough: tuple[frozenset[str], ...]

    def given(self, env: Mapping[str, str], key: str, address: str) -> dict[str, str]:
        """The arguments that are set; a key or an address of the settings goes before a variable."""
        found = {
            name: next((env[variable] for variable in variables if env.get(variable)), "")
            for name, variables in self.arguments.items()
        }
        found |= {name: value for name, value in (("api_key", key), (self.address, address)) if value}
        return {name: value.strip() for name, value in found.items() if value.strip()}

    def is_enough(self, given: Mapping[str, str]) -> bool:
        """Whether a request can be made with these."""
        return any(needed <= given.keys() for needed in self.enough)

    def needed(self) -> str:
        """The variables that are enough, in words."""
        groups = [[self.arguments[name][0] for name in self.arguments if name in needed] for needed in self.enough]
        return ", or ".join(" and ".join(group) for group in groups)


CLOUDS: Mapping[str, Cloud] = {
    "azure": Cloud(
        address="api_base",
        arguments={
            "api_key": ("AZURE_API_KEY",),
            "api_base": ("AZURE_API_BASE",),
            "api_version": ("AZURE_API_VERSION",),
        },
        enough=(frozenset({"api_key", "api_base"}),),
    ),
    "bedrock": Cloud(
        address="aws_bedrock_runtime_endpoint",
        arguments={
            "api_key": ("AWS_BEARER_TOKEN_BEDROCK",),
            "aws_access_key_id": ("AWS_ACCESS_KEY_ID",),
            "aws_secret_access_key": ("AWS_SECRET_ACCESS_KEY",),
            "aws_session_token": ("AWS_SESSION_TOKEN",),
            "aws_region_name": ("AWS_REGION_NAME", "AWS_REGION", "AWS_DEFAULT_REGION"),
            "aws_bedrock_runtime_endpoint": ("AWS_BEDROCK_RUNTIME_ENDPOINT",),
        },
        enough=(
            frozenset({"api_key", "aws_region_name"}),
            frozenset({"aws_access_key_id", "aws_secret_access_key", "aws_region_name"}),
        ),
    ),
}
# Variables that a log must not show.
SECRETS = ("AZURE_API_KEY", "AWS_BEARER_TOKEN_BEDROCK", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
# Named as LiteLLM does, but asked through their OpenAI-compatible addresses.
BY_ADDRESS: Mapping[str, str] = {
    "vertex_ai": "https://REGION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/REGION/endpoints/openapi",
    "databricks": "https://WORKSPACE/serving-endpoints",
}
