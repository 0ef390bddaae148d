"""The REST operations, each as GitHub does it.

Limits and wording are not in GitHub's description of its API. They follow its documentation and what it was
seen to answer.
"""

import json
import re
import time

from .git_payloads import below, blob_sha, folder_sha, folders
from .payloads import Json, seed
from .rest import NOT_ALLOWED, Answer, Api, Call, RefusedError, found, page_of, route
from .state import CheckRun

# "Body is too long (maximum is 65536 characters)"
MAX_COMMENT_CHARACTERS = 65_536
# "Only 65535 characters are allowed", which are counted as bytes.
MAX_CHECK_TEXT_BYTES = 65_535
# https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
REQUESTS_AN_HOUR = 1_000


# --- the repository and who asks ----------------------------------------------------------------------------


@route("GET", "/repos/{owner}/{repo}")
def get_repository(api: Api, call: Call) -> Answer:
    return Answer(body=api.json.repository(f"{call.names['owner']}/{call.names['repo']}"))


@route("GET", "/user")
def get_user(api: Api, call: Call) -> Answer:
    if api.login.endswith("[bot]"):
        raise RefusedError(403, NOT_ALLOWED)
    return Answer(body=api.json.profile(api.login) | {"user_view_type": "public"})


@route("GET", "/rate_limit")
def get_rate_limit(api: Api, call: Call) -> Answer:
    overview = seed("rate-limit-overview", api.url, api.state.repository)
    core = {"limit": REQUESTS_AN_HOUR, "used": api.used, "remaining": max(0, REQUESTS_AN_HOUR - api.used)}
    core["reset"] = rate_reset()
    overview["rate"] = overview["resources"]["core"] = core
    return Answer(body=overview)


def rate_reset() -> int:
    """The second at which the hour is over."""
    return (int(time.time()) // 3600 + 1) * 3600


# --- pull requests ------------------------------------------------------------------------------------------


@route("GET", "/repos/{owner}/{repo}/pulls")
def list_pulls(api: Api, call: Call) -> Answer:
    state, base = call.query.get("state", "open"), call.query.get("base", "")
    # A head without an owner is no filter at all.
    head = call.query.get("head", "") if ":" in call.query.get("head", "") else ""
    newest_first = sorted(api.state.pulls.values(), key=lambda pull: -pull.number)
    if call.query.get("direction") == "asc":
        newest_first.reverse()
    pulls = [
        pull
        for pull in newest_first
        if state in {"all", pull.state}
        and head in {"", f"{pull.head_owner}:{pull.head_ref}"}
        and base in {"", pull.base_ref}
    ]
    page, links = page_of(api, call, pulls)
    return Answer(body=[api.json.pull_summary(pull) for pull in page], headers=links)


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}")
def get_pull(api: Api, call: Call) -> Answer:
    return Answer(body=api.json.pull(api.pull(call.number("pull_number"))))


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/files")
def list_pull_files(api: Api, call: Call) -> Answer:
    pull = api.pull(call.number("pull_number"))
    page, links = page_of(api, call, api.git.changes(pull.base_sha, pull.head_sha))
    return Answer(body=page, headers=links)


@route("GET", "/repos/{owner}/{repo}/commits/{commit_sha}/pulls")
def list_pulls_of_commit(api: Api, call: Call) -> Answer:
    page, links = page_of(api, call, api.state.pulls_at(call.names["commit_sha"]))
    return Answer(body=[api.json.pull_summary(pull) for pull in page], headers=links)


# --- issues: comments and labels ----------------------------------------------------------------------------


@route("GET", "/repos/{owner}/{repo}/issues/{issue_number}")
def get_issue(api: Api, call: Call) -> Answer:
    return Answer(body=api.json.issue(api.pull(call.number("issue_number"))))


@route("GET", "/repos/{owner}/{repo}/issues/{issue_number}/comments")
def list_comments(api: Api, call: Call) -> Answer:
    """Oldest first; GitHub ignores any other order here."""
    pull = api.pull(call.number("issue_number"))
    since = call.query.get("since", "")
    comments = [comment for comment in api.state.comments_of(pull.number) if comment.updated_at >= since]
    page, links = page_of(api, call, comments)
    return Answer(body=[api.json.comment(comment) for comment in page], headers=links)


@route("POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments")
def create_comment(api: Api, call: Call) -> Answer:
    pull = api.pull(call.number("issue_number"))
    comment = api.state.add_comment(pull.number, _comment_text(call), api.login)
    return Answer(201, api.json.comment(comment))


@route("GET", "/repos/{owner}/{repo}/issues/comments/{comment_id}")
def get_comment(api: Api, call: Call) -> Answer:
    return Answer(body=api.json.comment(api.comment(call)))


@route("PATCH", "/repos/{owner}/{repo}/issues/comments/{comment_id}")
def edit_comment(api: Api, call: Call) -> Answer:
    """A token that may write can edit anyone's comment, so finding the right one is up to the client."""
    return Answer(body=api.json.comment(api.state.edit_comment(api.comment(call), _comment_text(call))))


@route("DELETE", "/repos/{owner}/{repo}/issues/comments/{comment_id}")
def delete_comment(api: Api, call: Call) -> Answer:
    del api.state.comments[api.comment(call).id]
    return Answer(204)


def _comment_text(call: Call) -> str:
    text: str = call.body["body"]
    problem = ""
    if not text.strip():
        problem = "Body can't be blank"
    elif len(text) > MAX_COMMENT_CHARACTERS:
        problem = f"Body is too long (maximum is {MAX_COMMENT_CHARACTERS} characters)"
    if problem:
        error = {"resource": "IssueComment", "code": "unprocessable", "field": "data", "message": problem}
        raise RefusedError(422, "Validation Failed", [error])
    return text


@route("GET", "/repos/{owner}/{repo}/issues/{issue_number}/labels")
def list_labels(api: Api, call: Call) -> Answer:
    page, links = page_of(api, call, api.pull(call.number("issue_number")).labels)
    return Answer(body=[api.json.label(name) for name in page], headers=links)


@route("POST", "/repos/{owner}/{repo}/issues/{issue_number}/labels")
def add_labels(api: Api, call: Call) -> Answer:
    pull = api.pull(call.number("issue_number"))
    given = call.body["labels"] if isinstance(call.body, dict) else call.body
    names = [label["name"] if isinstance(label, dict) else label for label in given]
    pull.labels += [name for name in dict.fromkeys(names) if name not in pull.labels]
    return Answer(body=[api.json.label(name) for name in pull.labels])


@route("DELETE", "/repos/{owner}/{repo}/issues/{issue_number}/labels/{name}")
def remove_label(api: Api, call: Call) -> Answer:
    pull = api.pull(call.number("issue_number"))
    if call.names["name"] not in pull.labels:
        raise RefusedError(404, "Label does not exist")
    pull.labels.remove(call.names["name"])
    return Answer(body=[api.json.label(name) for name in pull.labels])


# --- files and commits --------------------------------------------------------------------------------------


@route("GET", "/repos/{owner}/{repo}/contents/{path}")
def get_contents(api: Api, call: Call) -> Answer:
    ref = call.query.get("ref", api.state.files.default_branch)
    commit = api.state.resolve(ref)
    if commit is None:
        raise RefusedError(404, f"No commit found for the ref {ref}")
    path, tree = call.names["path"].strip("/"), api.state.files.tree(commit)
    if path in tree and "raw" in call.accept:
        return Answer(body=tree[path], headers={"Content-Type": "application/vnd.github.raw+json; charset=utf-8"})
    if path in tree:
        return Answer(body=api.git.file(path, tree[path], ref))
    if path and not below(tree, path):
        raise RefusedError(404)
    return Answer(body=api.git.folder(path, commit, ref))


@route("GET", "/repos/{owner}/{repo}/git/blobs/{file_sha}")
def get_blob(api: Api, call: Call) -> Answer:
    wanted = call.names["file_sha"]
    contents = (data for sha in api.state.files.commits() for data in api.state.files.tree(sha).values())
    return Answer(body=api.git.blob(found(next((data for data in contents if blob_sha(data) == wanted), None))))


@route("GET", "/repos/{owner}/{repo}/git/trees/{tree_sha}")
def get_tree(api: Api, call: Call) -> Answer:
    """By a ref or by a folder's own sha. Any value of `recursive`, even 0, means yes, as at GitHub."""
    wanted = call.names["tree_sha"]
    commit = api.state.resolve(wanted)
    places = ((sha, path) for sha in api.state.files.commits() for path in folders(api.state.files.tree(sha)))
    by_sha = (place for place in places if folder_sha(*place) == wanted)
    sha, folder = (commit, "") if commit else found(next(by_sha, None))
    return Answer(body=api.git.tree(sha, folder, recursive="recursive" in call.query))


@route("GET", "/repos/{owner}/{repo}/commits/{ref}")
def get_commit(api: Api, call: Call) -> Answer:
    commit = api.state.resolve(call.names["ref"])
    if commit is None:
        raise RefusedError(422, f"No commit found for SHA: {call.names['ref']}")
    return Answer(body=api.git.commit(commit))


@route("GET", "/repos/{owner}/{repo}/compare/{basehead}")
def compare(api: Api, call: Call) -> Answer:
    base, dots, head = call.names["basehead"].partition("...")
    if not dots:
        raise RefusedError(404)
    return Answer(body=api.git.comparison(call.names["basehead"], api.commit(base), api.commit(head)))


# --- checks -------------------------------------------------------------------------------------------------


@route("POST", "/repos/{owner}/{repo}/check-runs")
def create_check_run(api: Api, call: Call) -> Answer:
    if api.state.resolve(call.body["head_sha"]) is None:
        raise RefusedError(422, f"No commit found for SHA: {call.body['head_sha']}")
    _refuse_long_output(call.body)
    run = CheckRun(api.state.next_id(), call.body["name"], call.body["head_sha"], started_at=api.state.now())
    _update(api, run, call.body)
    api.state.check_runs[run.id] = run
    return Answer(201, api.json.check_run(run))


@route("GET", "/repos/{owner}/{repo}/check-runs/{check_run_id}")
def get_check_run(api: Api, call: Call) -> Answer:
    return Answer(body=api.json.check_run(api.check_run(call)))


@route("PATCH", "/repos/{owner}/{repo}/check-runs/{check_run_id}")
def update_check_run(api: Api, call: Call) -> Answer:
    run = api.check_run(call)
    _refuse_long_output(call.body)
    _update(api, run, call.body)
    return Answer(body=api.json.check_run(run))


@route("GET", "/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations")
def list_annotations(api: Api, call: Call) -> Answer:
    run = api.check_run(call)
    page, links = page_of(api, call, run.annotations)
    return Answer(body=[api.json.annotation(run, annotation) for annotation in page], headers=links)


@route("GET", "/repos/{owner}/{repo}/commits/{ref}/check-runs")
def list_check_runs(api: Api, call: Call) -> Answer:
    sha = api.commit(call.names["ref"])
    name, status = call.query.get("check_name", ""), call.query.get("status", "")
    runs = [run for run in reversed(api.state.check_runs.values()) if run.head_sha == sha]
    runs = [run for run in runs if name in {"", run.name} and status in {"", run.status}]
    if call.query.get("filter", "latest") == "latest":
        runs = list({run.name: run for run in reversed(runs)}.values())[::-1]
    page, links = page_of(api, call, runs)
    shown = [api.json.check_run(run) for run in page]
    return Answer(body={"total_count": len(runs), "check_runs": shown}, headers=links)


def _refuse_long_output(body: Json) -> None:
    output = body.get("output", {})
    # Noted by EnricoMi/publish-unit-test-result-action (`restrict_unicode`) and mikepenz/action-junit-report.
    if re.search("[\U00010000-\U0010ffff]", json.dumps(body, ensure_ascii=False)):
        raise RefusedError(422, "Invalid request.\n\nOnly characters up to U+FFFF are allowed.")
    for key in ("summary", "text"):
        size = len(output.get(key, "").encode())
        if size > MAX_CHECK_TEXT_BYTES:
            message = f"Only {MAX_CHECK_TEXT_BYTES} characters are allowed; {size} were supplied."
            raise RefusedError(422, f"Invalid request.\n\n{message}")


def _update(api: Api, run: CheckRun, body: Json) -> None:
    """Take over what was sent; annotations are added to those before."""
    for key in ("name", "status", "conclusion", "started_at", "completed_at", "details_url", "external_id"):
        if key in body:
            setattr(run, key, body[key])
    if "conclusion" in body:
        run.status = "completed"
        run.completed_at = run.completed_at or api.state.now()
    output = body.get("output", {})
    for key in ("title", "summary", "text"):
        if key in output:
            setattr(run, key, output[key])
    run.annotations += output.get("annotations", [])
