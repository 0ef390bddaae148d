"""What to tell people when a token may not write: every hint on permissions is worded here."""

from __future__ import annotations

COMMENT_PERMISSION = "pull-requests: write"
FORK_RECIPE = "docs/fork-pull-requests.md"

FORK_IS_READ_ONLY = (
    "A pull request from a fork gets a read-only token, so no comment is posted; "
    f"{FORK_RECIPE} has the two-workflow recipe that can."
)
DEPENDABOT_IS_READ_ONLY = f"Dependabot's token is read-only unless the job grants `permissions: {COMMENT_PERMISSION}`."
TARGET_WARNING = (
    "pull_request_target runs with a write token and secrets: checking out the pull request's code in it "
    f"hands both to whoever opened the pull request. Use the recipe in {FORK_RECIPE} instead."
)


def check_refused(status: int | None, answer: str) -> str:
    """Say in one sentence why GitHub refused the check run and what would let it through."""
    return f"GitHub refused the check run ({status}: {answer}): the job needs `permissions: checks: write`."


def comment_refused(status: int | None, answer: str) -> str:
    """Say in one sentence why GitHub refused the comment and what would let it through.

    Args:
        status: the HTTP status; 404 is also GitHub's answer where a token may not see a resource
            (docs.github.com: "Troubleshooting the REST API").
        answer: GitHub's own words.
    """
    return (
        f"GitHub refused the comment ({status}: {answer}): the job needs `permissions: "
        f"{COMMENT_PERMISSION}`, and for pull requests from forks the recipe in {FORK_RECIPE}."
    )
