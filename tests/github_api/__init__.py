"""A stand-in for GitHub's API that tests talk to over a real socket. See fake.py."""

from .fake import FakeGitHub, Request
from .faults import Fault, primary_limit, secondary_limit
from .referee import Waiver
from .state import CheckRun, Comment, Pull

__all__ = [
    "CheckRun",
    "Comment",
    "FakeGitHub",
    "Fault",
    "Pull",
    "Request",
    "Waiver",
    "primary_limit",
    "secondary_limit",
]
