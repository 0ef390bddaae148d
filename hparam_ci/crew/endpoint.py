"""Which model, where, with which key: in an Action run from the settings alone, elsewhere from the environment too."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from hparam_ci.crew.providers import BY_ADDRESS, CLOUDS, HOSTS, Cloud
from hparam_ci.errors import SettingsError

HUGGING_FACE = "https://router.huggingface.co/v1"
DEFAULT_MODEL = "meta-llama/Llama-3.1-8B-Instruct"
KEY_VARIABLE = "HPARAM_AI_API_KEY"
ADDRESS_VARIABLE = "HPARAM_AI_BASE_URL"
SMALL = 3.0  # billion parameters, below which a model only chooses

_SIZE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s?([bm])(?![a-z0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask.

    Attributes:
        name: the model as the user named it.
        model: the model as LiteLLM wants it.
        base_url: the server, or None for the provider's own.
        api_key: the key; in no text that is made of this.
        hosts: where the server is; no other host is reached.
        cloud: what a provider with several keys is given, by LiteLLM's names; in no text that is made of this.
        choosing: the model is so small that it only chooses facts, and the sentences are ours.
    """

    name: str
    model: str
    base_url: str | None
    api_key: str = field(repr=False)
    choosing: bool
    hosts: tuple[str, ...] = ()
    cloud: dict[str, str] = field(default_factory=dict, repr=False)


def endpoint(model: str, base_url: str, key: str, env: Mapping[str, str] = MappingProxyType({})) -> Endpoint | None:
    """The endpoint of what was set, or None without a key.

    Args:
        model: the model as the user names it, or "" for the default.
        base_url: an address of its own, or "".
        key: the key, or "".
        env: where the variables of a cloud are looked up, if the model names one.

    Raises:
        SettingsError: an address that no key may be sent to, or a provider that is asked by its address alone.
    """
    name = model or DEFAULT_MODEL
    owner = provider(name)
    if owner in BY_ADDRESS and not base_url:
        raise SettingsError(
            f"ai_model: {owner}/ is asked through its OpenAI-compatible address: set ai_base_url to "
            f"{BY_ADDRESS[owner]}, and ai_model to its name for the model."
        )
    if owner in CLOUDS:
        return _in_cloud(name, CLOUDS[owner], base_url, key, env)
    url = base_url or (None if owner else HUGGING_FACE)
    if url:
        check_address(url)
    if not key:
        return None
    hosts = (_host(url),) if url else (HOSTS[owner],)
    # With an address of its own every server speaks OpenAI's protocol; LiteLLM takes one prefix off again.
    return Endpoint(name, f"openai/{name}" if url else name, url, key, is_small(name), hosts)


def _in_cloud(name: str, cloud: Cloud, base_url: str, key: str, env: Mapping[str, str]) -> Endpoint | None:
    given = cloud.given(env, key, base_url)
    url = given.get(cloud.address) or None
    if url:
        check_address(url)
    if not cloud.is_enough(given):
        return None
    host = _host(url) if url else f"bedrock-runtime.{given['aws_region_name']}.amazonaws.com"
    return Endpoint(name, name, url, given.pop("api_key", ""), is_small(name), (host,), given)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def provider(model: str) -> str:
    """LiteLLM's provider that a model's name begins with, or ""."""
    first, slash, _ = model.partition("/")
    return first if slash and first in (*HOSTS, *CLOUDS, *BY_ADDRESS) else ""


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
    known = variables(env, folder)
    name = model or known.get("MODEL", "")
    url = base_url or known.get(ADDRESS_VARIABLE, "")
    key = known.get(KEY_VARIABLE, "")
    owner = provider(name)
    if not key and not url and owner not in CLOUDS:
        key = known.get(f"{owner.upper()}_API_KEY" if owner else "HF_TOKEN", "")
    return name, url, key.strip()


def variables(env: Mapping[str, str], folder: Path | None) -> dict[str, str]:
    """The variables of a developer's machine, with those of `.env` in a folder that are not set."""
    if folder is None or env.get("GITHUB_ACTIONS") == "true":
        return dict(env)
    return {**_dotenv(folder), **env}


def where_to_find_a_key(model: str, base_url: str) -> str:
    """What to do where there is no key."""
    owner = provider(model)
    if owner in CLOUDS:
        return f"no key: set {CLOUDS[owner].needed()}; the report is written by rule"
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
