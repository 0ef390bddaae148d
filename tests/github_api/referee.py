"""Holds every request and every answer against GitHub's own description of its API.

REST goes through `openapi-subset.json`; GraphQL goes through `graphql-subset.graphql`, in graph.py. The
description says nothing of headers, permissions, rate limits, redirects, paging links or the size of a
comment: there the referee is blind, and the stand-in follows GitHub's documentation in code of its own. The
description also lets unknown keys pass nearly everywhere. Here they are violations: a misspelt key is one.
"""

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import jsonschema_rs

DESCRIPTION = Path(__file__).with_name("openapi-subset.json")
COMMON_ERRORS = {400, 401, 403, 404, 422, 429}
# Too much of something is refused with 422, as by GitHub, and is no violation: tests do it on purpose.
LIMITS = {"maxItems", "maxLength"}


class Operation(NamedTuple):
    """One line of the description, such as GET /repos/{owner}/{repo}."""

    method: str
    template: str

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


@dataclass(frozen=True)
class Waiver:
    """A violation that is let pass: a regex for its text, and why."""

    pattern: str
    reason: str


WAIVERS = (
    Waiver(
        r"^GET \S+/pulls\S* answer 200: \S*head/(repo|user): null is not of type",
        "a deleted fork has no repository, which the description forgets (github/rest-api-description#161)",
    ),
    Waiver(
        r"^POST \S+/labels request: : \[.* is not valid under any of the schemas",
        "the text beside the schema allows a bare list of labels, and PyGithub sends one",
    ),
    Waiver(
        r" answer 422: /status: unknown key$",
        "GitHub gives the status in the body of every error, and the description of a 422 forgets it",
    ),
)


class Complaint(NamedTuple):
    """One difference from the description. `is_limit`: only too long or too many."""

    text: str
    github_says: str = ""
    is_limit: bool = False


def check_request(operation: Operation, query: dict[str, str], body: Any) -> list[Complaint]:
    """What is wrong with a request's query and JSON body."""
    described = _description().operation(operation)
    complaints = list(_query_complaints(operation, described, query))
    schema = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        if body is not None:
            complaints.append(Complaint(f"{operation} request: : a body where none belongs"))
        return complaints
    pointer = _pointer(operation, "requestBody", "content", "application/json", "schema")
    return complaints + list(_body_complaints(f"{operation} request", pointer, schema, body))


def check_answer(operation: Operation, status: int, body: Any) -> list[Complaint]:
    """What is wrong with an answer's status and JSON body."""
    where = f"{operation} answer {status}"
    described = _description().operation(operation)["responses"].get(str(status))
    if described is None:
        if status not in COMMON_ERRORS:
            return [Complaint(f"{where}: : a status that is not described")]
        name = "validation-error" if status == 422 else "basic-error"
        schema, pointer = {"$ref": f"#/components/schemas/{name}"}, f"/components/schemas/{name}"
    else:
        pointer = _pointer(operation, "responses", str(status))
        if "$ref" in described:
            pointer = described["$ref"].removeprefix("#")
            described = _description().resolve(described)
        if "content" not in described:
            return [] if body is None else [Complaint(f"{where}: : a body where none belongs")]
        schema = described["content"]["application/json"]["schema"]
        pointer += "/content/application~1json/schema"
    return list(_body_complaints(where, pointer, schema, body))


def example(name: str) -> str:
    """One of GitHub's own examples, as JSON text."""
    return json.dumps(_description().document["components"]["examples"][name]["value"])


def property_names(schema: str) -> frozenset[str]:
    """The keys that a component of the description has."""
    return frozenset(_description().document["components"]["schemas"][schema]["properties"])


class _Description:
    def __init__(self, path: Path) -> None:
        self.document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self.registry = jsonschema_rs.Registry([("urn:github", _json_schema(self.document))])

    def operation(self, operation: Operation) -> dict[str, Any]:
        described: dict[str, Any] = self.document["paths"][operation.template][operation.method.lower()]
        return described

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            _, _, kind, name = node["$ref"].split("/")
            node = self.document["components"][kind][name]
        return node


@functools.cache
def _description() -> _Description:
    return _Description(DESCRIPTION)


@functools.cache
def _validator(pointer: str) -> jsonschema_rs.Validator:
    schema = {"$ref": f"urn:github#{pointer}"}
    return jsonschema_rs.validator_for(schema, registry=_description().registry, validate_formats=True)


def _pointer(operation: Operation, *rest: str) -> str:
    keys = ["paths", operation.template, operation.method.lower(), *rest]
    return "".join("/" + quote(key.replace("~", "~0").replace("/", "~1")) for key in keys)


def _json_schema(node: Any) -> Any:
    """OpenAPI 3.0's dialect as JSON Schema: `nullable` becomes a type, and what is no rule goes."""
    if isinstance(node, list):
        return [_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    schema = {key: _json_schema(value) for key, value in node.items() if key != "discriminator"}
    if schema.pop("nullable", None) is not True:
        return schema
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    if "type" not in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema | {"type": [schema["type"], "null"]}


def _query_complaints(operation: Operation, described: dict[str, Any], query: dict[str, str]) -> Iterator[Complaint]:
    parameters = [_description().resolve(parameter) for parameter in described.get("parameters", [])]
    known = {parameter["name"]: parameter["schema"] for parameter in parameters if parameter["in"] == "query"}
    for name, text in query.items():
        where = f"{operation} query: {name}"
        if name not in known:
            yield Complaint(f"{where}: unknown parameter")
            continue
        is_number = known[name].get("type") == "integer" and re.fullmatch(r"-?\d+", text)
        value = int(text) if is_number else text
        for error in jsonschema_rs.validator_for(known[name], validate_formats=True).iter_errors(value):
            yield Complaint(f"{where}: {_short(error.message)}")


def _body_complaints(where: str, pointer: str, schema: dict[str, Any], body: Any) -> Iterator[Complaint]:
    for error in _validator(pointer).iter_errors(body):
        at = "".join(f"/{step}" for step in error.instance_path)
        text = f"{where}: {at}: {_short(error.message)}"
        yield Complaint(text, _as_github_says(error), is_limit=error.kind.name in LIMITS)
    for at in _unknown_keys([schema], body, ""):
        yield Complaint(f"{where}: {at}: unknown key")


def _as_github_says(error: jsonschema_rs.ValidationError) -> str:
    """GitHub's wording of the same error."""
    kind: Any = error.kind
    value: Any = error.instance
    match kind.name:
        case "maxItems":
            return f"No more than {kind.limit} items are allowed; {len(value)} were supplied."
        case "maxLength":
            return f"Only {kind.limit} characters are allowed; {len(value)} were supplied."
        case "required":
            return f'"{kind.property}" wasn\'t supplied.'
        case _:
            return _short(error.message)


def _unknown_keys(schemas: list[dict[str, Any]], value: Any, at: str) -> Iterator[str]:
    """Where `value` has keys that none of the alternative schemas names."""
    parts = [part for schema in schemas for part in _alternatives(schema)]
    if isinstance(value, list):
        items = [part["items"] for part in parts if "items" in part]
        for index, item in enumerate(value if items else []):
            yield from _unknown_keys(items, item, f"{at}/{index}")
    is_map = any(isinstance(part.get("additionalProperties"), dict) for part in parts)
    if isinstance(value, dict) and not is_map:
        for key, child in value.items():
            children = [part["properties"][key] for part in parts if key in part.get("properties", {})]
            if children:
                yield from _unknown_keys(children, child, f"{at}/{key}")
            elif any("properties" in part for part in parts):
                yield f"{at}/{key}"


def _alternatives(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    resolved = _description().resolve(schema)
    yield resolved
    for word in ("oneOf", "anyOf", "allOf"):
        for branch in resolved.get(word, []):
            yield from _alternatives(branch)


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:80]} … {text[-100:]}"
