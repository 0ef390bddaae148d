"""The browser of the machine: found, or installed where apt-get can."""

from __future__ import annotations

import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PACKAGES = ("chromium", "fonts-dejavu-core")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


class NoBrowserError(Exception):
    """This machine has no browser and cannot install one."""


def find_browser() -> str:
    """The path of Chromium or Chrome; CHROMIUM names another.

    Raises:
        NoBrowserError: there is none, and apt-get cannot bring one.
    """
    if path := _found():
        return path
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise NoBrowserError("no Chromium: install one, or name it in CHROMIUM")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run(["apt-get", *command], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NoBrowserError(f"apt-get {command[0]} failed: {done.stderr[-1000:]}")
    if path := _found():
        return path
    raise NoBrowserError("apt-get installed chromium, and there is none")


def _found() -> str:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), "")
