"""A Docker engine of these tests' own, with the images that a release would have published."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.container import engine
from tests.container.base_image import find_interpreter, tag

# Debian's own, where another client stands before it on the path.
DOCKER = next((path for path in ("/usr/bin/docker", shutil.which("docker")) if path and Path(path).exists()), "docker")


@pytest.fixture(scope="session")
def docker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Runs a docker command against an engine without a bridge, which is stopped at the end."""
    if not shutil.which("dockerd"):
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "docker.io"]
        subprocess.run(install, check=True, capture_output=True, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})
    folder = tmp_path_factory.mktemp("docker")
    host = f"unix://{folder}/docker.sock"
    places = ["--data-root", folder / "data", "--exec-root", folder / "exec", "-p", folder / "pid", "-H", host]
    command = ["dockerd", "--bridge=none", "--iptables=false", "--ip6tables=false", *places]

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [DOCKER, *arguments], capture_output=True, text=True, check=False, env=os.environ | {"DOCKER_HOST": host}
        )
        if done.returncode:
            raise RuntimeError(f"docker {arguments[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    with (folder / "log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as daemon:
        try:
            _wait_for(run, daemon)
            os.environ["DOCKER_HOST"] = host
            yield run
        finally:
            os.environ.pop("DOCKER_HOST", None)
            daemon.terminate()
            daemon.wait(60)
            for place in ("exec/netns/default", "data"):
                subprocess.run(["umount", "-q", folder / place], check=False)


def _wait_for(run: Callable[..., str], daemon: subprocess.Popen[bytes]) -> None:
    for _ in range(120):
        try:
            run("version")
        except RuntimeError:
            if daemon.poll() is not None:
                raise
            time.sleep(0.5)
        else:
            return
    raise RuntimeError("the Docker engine does not answer")


@pytest.fixture(scope="session")
def images(docker: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The runner's image and both of ours by target, loaded into the engine."""
    built = {target: engine.prepare_image(target).reference for target in ("gate", "crew")}
    built["runner"] = f"{engine.STAND_IN}:{tag(find_interpreter())}"
    archive = tmp_path_factory.mktemp("images") / "image.tar"
    names = {}
    for target, reference in built.items():
        engine.podman("save", "--format", "docker-archive", "-o", str(archive), reference)
        docker("load", "-i", str(archive))
        archive.unlink()
        names[target] = f"hparam-{target}:test"
        docker("tag", reference, names[target])
    return names
