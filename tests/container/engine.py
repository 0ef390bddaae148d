"""The container engine of these tests: podman, set up under `build/container/` to leave the machine alone.

The real Dockerfile is built as it stands: `--build-context` puts a stand-in (`base_image.py`) in the place of
the very name and digest that FROM gives. With `HPARAM_BASE_IMAGE=pull` that image itself is pulled instead.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import base_image

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "container"
PULL = os.environ.get("HPARAM_BASE_IMAGE") == "pull"
TOOLS = ["podman", "runc"] if PULL else ["podman", "runc", "debootstrap"]
STAND_IN = "localhost/python-stand-in"
IMAGE = "localhost/hparam-inspector"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
CERTIFICATE_VARIABLES = ["SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]

# runc and small limits, since crun refuses hybrid cgroups and podman's own limits need CAP_SYS_RESOURCE.
CONTAINERS_CONF = """\
[containers]
default_ulimits = ["nofile=4096:16384", "nproc=8192:8192"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
"""
STORAGE_CONF = """\
[storage]
driver = "overlay"
graphroot = "{folder}/storage"
runroot = "{folder}/run"
"""


class EngineUnavailableError(Exception):
    """This machine cannot run containers; the text says why."""


@dataclass(frozen=True)
class Image:
    """The built image, and what it was built from."""

    reference: str
    base: str
    python: str
    build_seconds: float
    cached: bool


def podman_environment() -> dict[str, str]:
    """The environment in which podman finds this project's settings and nobody else's."""
    settings = {
        "CONTAINERS_CONF": FOLDER / "containers.conf",
        "CONTAINERS_STORAGE_CONF": FOLDER / "storage.conf",
    }
    return os.environ | {name: str(path) for name, path in settings.items()}


def podman(*arguments: str, check: bool = True, timeout: float | None = None) -> subprocess.CompletedProcess[str]:
    """Runs podman to its end; with check, its output becomes the error's text."""
    command = ["podman", *arguments]
    done = subprocess.run(
        command, env=podman_environment(), capture_output=True, text=True, check=False, timeout=timeout
    )
    if check and done.returncode:
        raise RuntimeError(f"podman {arguments[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


def prepare_image(target: str = "crew") -> Image:
    """An image of the Dockerfile as it is now; built only when something that it is made of changed.

    Args:
        target: the stage; `crew` is the last one, which is what the runner builds.

    Raises:
        EngineUnavailableError: this machine cannot run containers.
        RuntimeError: it can, and the build failed.
    """
    need_root_and_tools()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _locked():
        _install_missing_tools()
        (FOLDER / "containers.conf").write_text(CONTAINERS_CONF)
        (FOLDER / "storage.conf").write_text(STORAGE_CONF.format(folder=FOLDER))
        base, python = _base()
        return _build(base, python, target)


def need_root_and_tools() -> None:
    """Raises EngineUnavailableError on a machine that neither has the tools nor can install them."""
    if os.geteuid() != 0:
        raise EngineUnavailableError("not root, which the mounts and the base image need")
    if (missing := _missing_tools()) and not shutil.which("apt-get"):
        raise EngineUnavailableError(f"{', '.join(missing)} missing, and no apt-get to bring them")


def _missing_tools() -> list[str]:
    return [tool for tool in TOOLS if not shutil.which(tool)]


def _install_missing_tools() -> None:
    packages = _missing_tools()
    if not packages:
        return
    if "podman" in packages:
        packages.append("netavark")  # which Debian's podman only recommends, and does not start without
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", *command], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise EngineUnavailableError(f"apt-get {command[0]} failed: {done.stderr[-1000:]}")


@contextmanager
def _locked() -> Iterator[None]:
    with (FOLDER / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _base() -> tuple[str, str]:
    """The image to put in FROM's place, and which Python is inside."""
    if PULL:
        name, digest = named_base().split("@")
        reference = f"docker.io/library/{name.split(':')[0]}@{digest}"
        podman("pull", "--quiet", reference)
        return reference, f"Python of the real {name}"
    interpreter = base_image.find_interpreter()
    reference = f"{STAND_IN}:{base_image.tag(interpreter)}"
    if podman("image", "exists", reference, check=False).returncode:
        print(f"making the stand-in base image with {interpreter.label}", file=sys.stderr)
        with base_image.root_filesystem(interpreter, FOLDER) as root:
            _import(root, reference)
        _remove_older(reference)
    return reference, interpreter.label


def _import(root: Path, reference: str) -> None:
    changes = [f"ENV PATH={base_image.SEARCH_PATH}", "ENV LANG=C.UTF-8", 'CMD ["python3"]']
    archive = FOLDER / "rootfs.tar"
    try:
        subprocess.run(["tar", "-C", root, "-cf", archive, "."], check=True)
        podman(
            "import",
            "-q",
            *(part for change in changes for part in ("--change", change)),
            str(archive),
            reference,
        )
    finally:
        archive.unlink(missing_ok=True)


def named_base() -> str:
    """The one base image of the Dockerfile, with its digest."""
    named = set(re.findall(r"^FROM +(\S+@sha256:[0-9a-f]{64})", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    if len(named) != 1:
        raise RuntimeError(f"expected one base image with a digest in the Dockerfile, found {sorted(named)}")
    return named.pop()


def _build(base: str, python: str, target: str) -> Image:
    reference = f"{IMAGE}-{target}:{_content_key(base)}"
    started = time.monotonic()
    if podman("image", "exists", reference, check=False).returncode == 0:
        return Image(reference, base, python, 0.0, cached=True)
    swap = ["--build-context", f"{named_base()}=container-image://{base}"]
    command = ["build", "--network", "host", *_certificate_mount(), *swap, "--target", target, "-t", reference]
    command += ["-f", str(ROOT / "Dockerfile"), str(ROOT)]
    if podman(*command, check=False).returncode:
        podman(*command)  # once more: the package registry can fail for a moment
    _remove_older(reference)
    return Image(reference, base, python, time.monotonic() - started, cached=False)


def _content_key(base: str) -> str:
    """Names a build by what goes into it: the base and every file that .dockerignore lets through."""
    digest = hashlib.sha256(base.encode())
    for path in sorted(_context_files()):
        digest.update(f"\0{path.relative_to(ROOT)}\0{path.stat().st_mode:o}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _context_files() -> Iterator[Path]:
    allowed = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    for entry in ["Dockerfile", ".dockerignore", *allowed]:
        path = ROOT / entry
        files = path.rglob("*") if path.is_dir() else [path]
        yield from (file for file in files if file.is_file() and "__pycache__" not in file.parts)


def _certificate_mount() -> list[str]:
    """The certificates that the environment names, as behind a proxy, for the build alone.

    A mount over a file that the base has leaves no trace in the image.
    """
    bundle = next((os.environ[name] for name in CERTIFICATE_VARIABLES if os.environ.get(name)), None)
    return ["--volume", f"{bundle}:{CERTIFICATES}:ro"] if bundle else []


def _remove_older(kept: str) -> None:
    """Only the newest image of a kind stays, and of the build stages what is in use or newer than two hours."""
    repository = kept.rsplit(":", 1)[0]
    names = podman("images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", f"reference={repository}").stdout
    for name in names.split():
        if name != kept:
            podman("rmi", name, check=False)
    podman("image", "prune", "--force", "--filter", "until=2h")
