"""Which model, where, with which key: in an Action run from the settings alone, elsewhere from the environment too."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from hparam_ci.errors import SettingsError

HUGGING_FACE = "https://router.huggingface.co/v1"
DEFAULT_MODEL = "meta-llama/Llama-3.1-8B-Instruct"
KEY_VARIABLE = "HPARAM_AI_API_KEY"
ADDRESS_VARIABLE = "HPARAM_AI_BASE_URL"
SMALL = 3.0  # billion parameters, below which a model only chooses

# LiteLLM's names of providers that take one API key. Any other first part is an owner at Hugging Face.
PROVIDERS = frozenset(
    "openai anthropic gemini mistral groq together_ai openrouter deepseek cohere xai fireworks_ai perplexity cerebras "
    "deepinfra nvidia_nim sambanova ai21 databricks moonshot novita hyperbolic".split()
)
_SIZE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s?([bm])(?![a-z0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask.

    Attributes:
        name: the model as the user named it.
        model: the model as LiteLLM wants it.
        base_url: the server, or None for the provider's own.
        api_key: the key; in no text that is made of this.
        choosing: the model is so small that it only chooses facts, and the sentences are ours.
    """

    name: str
    model: str
    base_url: str | None
    api_key: str = field(repr=False)
    choosing: bool


def endpoint(model: str, base_url: str, key: str) -> Endpoint | None:
    """The endpoint of what was set, or None without a key.

    Raises:
        SettingsError: an address that no key may be sent to.
    """
    name = model or DEFAULT_MODEL
    url = base_url or (None if provider(name) else HUGGING_FACE)
    if url:
        check_address(url)
    if not key:
        return None
    # With an address of its own every server speaks OpenAI's protocol; LiteLLM takes one prefix off again.
    return Endpoint(name, f"openai/{name}" if url else name, url, key, is_small(name))


def provider(model: str) -> str:
    """LiteLLM's provider that a model's name begins with, or ""."""
    first, slash, _ = model.partition("/")
    return first if slash and first in PROVIDERS else ""


def is_small(model: str) -> bool:
    """Whether the name says that the model has fewer than 3 billion parameters, as in `SmolLM2-135M`."""
    sizes = [
        float(number) / (1000 if unit in "mM" else 1)
        for number, unit in _SIZE.findall(model.replace("-", " ").replace("_", " "))
    ]
    return bool(sizes) and max(sizes) < SMALL


def check_address(url: str) -> None:
    """Refuse an address that would carry the key in the clear to another machine.

    Raises:
        SettingsError: it is not https, has a user or a password in it, or no host.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password or parts.query:
        raise SettingsError("ai_base_url must be an address such as https://host/v1, without a user or a query.")
    if parts.scheme == "http" and not _is_near(host):
        raise SettingsError("ai_base_url must begin with https://, because the key is sent there.")


def _is_near(host: str) -> bool:
    """This machine, or a name or an address of a private network."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))


def from_environment(model: str, base_url: str, env: Mapping[str, str], folder: Path | None) -> tuple[str, str, str]:
    """(model, address, key) on a developer's machine: from the variables, else from `.env` in a folder, if given.

    The key is `HPARAM_AI_API_KEY`; without it `HF_TOKEN` for Hugging Face, or the provider's own such as
    `ANTHROPIC_API_KEY`. A token of Hugging Face is sent nowhere else. On GitHub Actions `.env` is never read: there it
    belongs to whoever wrote the pull request.
    """
    told = {} if folder is None or env.get("GITHUB_ACTIONS") == "true" else _dotenv(folder)
    known = {**told, **env}
    name = model or known.get("MODEL", "")
    url = base_url or known.get(ADDRESS_VARIABLE, "")
    key = known.get(KEY_VARIABLE, "")
    if not key and not url:
        owner = provider(name)
        key = known.get(f"{owner.upper()}_API_KEY" if owner else "HF_TOKEN", "")
    return name, url, key.strip()


def where_to_find_a_key(model: str, base_url: str) -> str:
    """What to do where there is no key."""
    owner = provider(model)
    own = f"{owner.upper()}_API_KEY" if owner else "HF_TOKEN"
    names = KEY_VARIABLE if base_url else f"{own} or {KEY_VARIABLE}"
    return f"no key: set {names}, in the environment or in .env; the report is written by rule"


def _dotenv(folder: Path) -> dict[str, str]:
    path = folder / ".env"
    if not path.is_file():
        return {}
    try:
        from dotenv import dotenv_values
    except ImportError:  # it comes with the extra, without which there is no crew either
        return {}
    return {name: value for name, value in dotenv_values(path, interpolate=False).items() if value}
