"""Cut `openapi-subset.json` out of GitHub's full OpenAPI description.

    npm pack @octokit/openapi && tar xzf octokit-openapi-*.tgz
    python tests/github_api/cut_openapi.py package/generated/api.github.com.json

The operations below are kept with every component they reach. Prose and most examples go; the examples in
`SEEDS` stay, because the stand-in builds its answers from them. NOTICE names the package and version.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TARGET = Path(__file__).with_name("openapi-subset.json")

OPERATIONS = """
GET /rate_limit
GET /user
GET /repos/{owner}/{repo}
GET /repos/{owner}/{repo}/pulls
GET /repos/{owner}/{repo}/pulls/{pull_number}
GET /repos/{owner}/{repo}/pulls/{pull_number}/files
GET /repos/{owner}/{repo}/issues/{issue_number}
GET /repos/{owner}/{repo}/issues/{issue_number}/comments
POST /repos/{owner}/{repo}/issues/{issue_number}/comments
GET /repos/{owner}/{repo}/issues/comments/{comment_id}
PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}
DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}
GET /repos/{owner}/{repo}/issues/{issue_number}/labels
POST /repos/{owner}/{repo}/issues/{issue_number}/labels
DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}
GET /repos/{owner}/{repo}/commits/{ref}
GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls
GET /repos/{owner}/{repo}/commits/{ref}/check-runs
GET /repos/{owner}/{repo}/compare/{basehead}
GET /repos/{owner}/{repo}/contents/{path}
GET /repos/{owner}/{repo}/git/blobs/{file_sha}
GET /repos/{owner}/{repo}/git/trees/{tree_sha}
POST /repos/{owner}/{repo}/check-runs
GET /repos/{owner}/{repo}/check-runs/{check_run_id}
PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}
GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations
"""

SEEDS = [
    "full-repository",
    "pull-request",
    "issue",
    "issue-comment",
    "commit",
    "check-run-example-of-completed-conclusion",
    "rate-limit-overview",
]

# Errors that GitHub gives on any operation, described there or not.
COMMON_ANSWERS = ["#/components/schemas/basic-error", "#/components/schemas/validation-error"]

JSON_TYPE = "application/json"


def main(full_path: str) -> None:
    full = json.loads(Path(full_path).read_text(encoding="utf-8"))
    TARGET.write_text(json.dumps(cut(full), indent=1) + "\n", encoding="utf-8")


def cut(full: dict[str, Any]) -> dict[str, Any]:
    """The subset, a valid OpenAPI document of its own."""
    paths: dict[str, Any] = {}
    for line in OPERATIONS.split("\n"):
        if line:
            method, template = line.split(" ")
            operation = _operation(full["paths"][template][method.lower()])
            paths.setdefault(template, {})[method.lower()] = operation
    components = _reachable(full, [*_references(paths), *COMMON_ANSWERS])
    components["examples"] = {name: full["components"]["examples"][name] for name in SEEDS}
    info = {key: full["info"][key] for key in ("version", "title", "license")}
    return {"openapi": full["openapi"], "info": info, "paths": paths, "components": components}


def _operation(operation: dict[str, Any]) -> dict[str, Any]:
    parts = ("operationId", "parameters", "requestBody", "responses")
    pruned: dict[str, Any] = _prune({key: operation[key] for key in parts if key in operation})
    return pruned


LEFT_OUT = {"title", "description", "summary", "example", "examples", "externalDocs", "headers"}


def _prune(node: Any, parent: str = "") -> Any:
    if isinstance(node, list):
        return [_prune(item) for item in node]
    if not isinstance(node, dict):
        return node
    # In the next three the keys are names that GitHub chose and not OpenAPI's own words.
    if parent == "content":
        return {JSON_TYPE: _prune(node[JSON_TYPE])} if JSON_TYPE in node else {}
    if parent == "responses":
        return {status: _prune(answer, "response") for status, answer in node.items()}
    if parent == "properties":
        return {name: _prune(value) for name, value in node.items()}
    return {key: _prune(value, key) for key, value in node.items() if _kept(key, parent)}


def _kept(key: str, parent: str) -> bool:
    """OpenAPI demands an answer's description; all other prose and GitHub's own extensions go."""
    if key == "description" and parent == "response":
        return True
    return key not in LEFT_OUT and not key.startswith("x-")


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)


def _reachable(full: dict[str, Any], start: list[str]) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    waiting = list(start)
    while waiting:
        _, _, kind, name = waiting.pop().split("/")
        if kind in {"headers", "examples"} or name in found.get(kind, {}):
            continue
        role = "response" if kind == "responses" else ""
        component = _prune(full["components"][kind][name], role)
        found.setdefault(kind, {})[name] = component
        waiting.extend(_references(component))
    return {kind: dict(sorted(found[kind].items())) for kind in sorted(found)}


if __name__ == "__main__":
    main(sys.argv[1])
