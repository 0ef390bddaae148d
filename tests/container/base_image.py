"""A stand-in for the base image that the Dockerfile names, made where no image registry can be reached.

Debian bookworm by debootstrap, with this machine's own Python 3.12 under /usr/local as in the official image.
It proves the Dockerfile's instructions, not the base: it has no pip, and patch level and point release differ.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DEBIAN_RELEASE = "bookworm"
ALWAYS = ["ca-certificates", "netbase", "tzdata"]
LIBRARIES_OF_PYTHON = [
    "libbz2-1.0",
    "libffi8",
    "liblzma5",
    "libncursesw6",
    "libreadline8",
    "libsqlite3-0",
    "libssl3",
    "libuuid1",
    "zlib1g",
]
DEBIAN_PYTHON = ["python3"]
SEARCH_PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
NOT_IN_THE_OFFICIAL_IMAGE = [
    "./lib/python3.12/test",
    "./lib/python3.12/idlelib",
    "./lib/python3.12/site-packages/*",
    "__pycache__",
    "*.a",
    "./share",
]


@dataclass(frozen=True)
class Interpreter:
    """The Python that goes into the stand-in; no prefix means Debian's own."""

    version: str
    prefix: Path | None

    @property
    def label(self) -> str:
        """For the log: which Python the tests ran on."""
        origin = "this machine's build" if self.prefix else f"Debian {DEBIAN_RELEASE}'s, NOT the 3.12 of the Dockerfile"
        return f"Python {self.version} ({origin})"


def find_interpreter() -> Interpreter:
    """The newest shared-library Python 3.12 of this machine, else Debian's 3.11."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = [Path(sys.base_prefix), *sorted(pyenv.glob("versions/3.12.*"), reverse=True)]
    for prefix in candidates:
        binary = prefix / "bin" / "python3.12"
        if binary.exists() and list(prefix.glob("lib/libpython3.12.so*")):
            command = [binary, "-c", "import platform; print(platform.python_version())"]
            return Interpreter(subprocess.check_output(command, text=True).strip(), prefix)
    return Interpreter("3.11", None)


def tag(interpreter: Interpreter) -> str:
    """Names the image by this recipe and by the Python inside, so that a change of either makes a new one."""
    recipe = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    return f"{interpreter.version}-{recipe}"


@contextmanager
def root_filesystem(interpreter: Interpreter, folder: Path) -> Iterator[Path]:
    """A Debian tree with Python under /usr/local, removed at the end."""
    root = Path(tempfile.mkdtemp(prefix="rootfs.", dir=folder))
    try:
        packages = ALWAYS + (LIBRARIES_OF_PYTHON if interpreter.prefix else DEBIAN_PYTHON)
        _run("debootstrap", "--variant=minbase", f"--include={','.join(packages)}", DEBIAN_RELEASE, root)
        if interpreter.prefix:
            _copy_python(interpreter.prefix, root)
        else:
            _link_debian_python(root)
        _slim(root)
        yield root
    finally:
        _release_mounts(root)
        shutil.rmtree(root)


def _copy_python(prefix: Path, root: Path) -> None:
    excludes = [f"--exclude={pattern}" for pattern in NOT_IN_THE_OFFICIAL_IMAGE]
    parts = ["./bin/python3.12", "./bin/python3", "./bin/python", "./lib", "./include"]
    archive = root / "tmp" / "python.tar"
    _run("tar", "-C", prefix, *excludes, "-cf", archive, *parts)
    _run("tar", "-C", root / "usr/local", "-xf", archive)
    archive.unlink()
    _in(root, "ldconfig")
    _in(root, "python3.12", "-c", "import ssl, sqlite3, ctypes, lzma, bz2, zlib")


def _link_debian_python(root: Path) -> None:
    for name in ("python3", "python"):
        (root / "usr/local/bin" / name).symlink_to("/usr/bin/python3.11")


def _slim(root: Path) -> None:
    """Leaves out what the official image leaves out, the bytecode of the standard library included."""
    clutter = [
        "var/cache/apt/archives/*.deb",
        "var/lib/apt/lists/*",
        "usr/share/doc",
        "usr/share/man",
        "usr/share/locale",
    ]
    for pattern in clutter:
        for path in root.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for folder in list(root.glob("usr/local/lib/**/__pycache__")):
        shutil.rmtree(folder)


def _in(root: Path, *command: str) -> None:
    _run("chroot", root, "env", "-i", f"PATH={SEARCH_PATH}", "PYTHONDONTWRITEBYTECODE=1", *command)


def _release_mounts(root: Path) -> None:
    """Some runs of debootstrap leave these mounted."""
    for name in ("proc", "sys"):
        if os.path.ismount(root / name):
            _run("umount", "-l", root / name)


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        words = " ".join(str(part) for part in command[:4])
        raise RuntimeError(f"{words} … ended with {done.returncode}:\n{(done.stdout + done.stderr)[-2000:]}")
