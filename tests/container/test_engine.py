"""The engine's answer on a machine that cannot run containers; needs none itself."""

from __future__ import annotations

import os
import shutil

import pytest

from . import engine


def test_without_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(engine.EngineUnavailableError, match="not root"):
        engine.prepare_image()


def test_without_podman_and_without_apt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(engine.EngineUnavailableError, match=r"podman, runc.* missing"):
        engine.prepare_image()


def test_the_base_image_is_pinned_once_and_by_digest() -> None:
    name, digest = engine.named_base().split("@sha256:")
    assert name == "python:3.12-slim-bookworm"
    assert len(digest) == 64
