"""Put the `uv` that uv.lock names into .uv/bin: a plain python3 is enough, no pip and no venv.

The wheel's address and sha256 are the lock file's. Runs on Python 3.8 and newer, with the standard library only.
"""

import hashlib
import io
import platform
import re
import sys
import urllib.request
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "arm64": "arm64", "aarch64": "aarch64"}


def wheel_pattern() -> str:
    """What the file name of the wheel for this machine looks like."""
    machine = MACHINES.get(platform.machine().lower(), platform.machine())
    if sys.platform == "darwin":
        return rf"macosx_\w+_{'arm64' if machine in ('arm64', 'aarch64') else 'x86_64'}"
    machine = "aarch64" if machine == "arm64" else machine
    libc = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    return rf"[\w.]*{libc}_\w+_{machine}[\w.]*"


def main() -> int:
    """Download, verify, unpack."""
    lock = (ROOT / "uv.lock").read_text(encoding="utf-8")
    package = re.search(r'^name = "uv"\n.*?(?=^\[\[package\]\])', lock + "\n[[package]]", re.MULTILINE | re.DOTALL)
    pattern = rf'url = "([^"]+/uv-[^"/]+-{wheel_pattern()}\.whl)", hash = "sha256:([0-9a-f]{{64}})"'
    wheel = re.search(pattern, package.group(0)) if package else None
    if wheel is None:
        print(f"uv.lock has no uv for {sys.platform} {platform.machine()}: install uv by hand", file=sys.stderr)
        return 1
    url, digest = wheel.groups()
    print(f"uv not found: fetching {url.rsplit('/', 1)[1]} into .uv/", file=sys.stderr)
    with urllib.request.urlopen(url, timeout=300) as answer:  # noqa: S310 - an https address from the lock file
        data = answer.read()
    if hashlib.sha256(data).hexdigest() != digest:
        print("the download does not have the sha256 of uv.lock", file=sys.stderr)
        return 1
    target = ROOT / ".uv" / "bin"
    target.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if re.search(r"\.data/scripts/uvx?$", name):
                program = target / name.rsplit("/", 1)[1]
                program.write_bytes(archive.read(name))
                program.chmod(0o755)
    return 0


if __name__ == "__main__":
    sys.exit(main())
