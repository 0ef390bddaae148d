"""The guard of the worker: no other host than the configured one."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import socket
from hparam_ci.crew.network import only, hosts_of
server = socket.create_server(("127.0.0.1", 0))
only(hosts_of(["http://127.0.0.1:80/v1"]))
socket.create_connection(server.getsockname()).close()
print("allowed")
for host in ("telemetry.example.com", "10.1.2.3", "127.0.0.2"):
    try:
        socket.create_connection((host, 9), timeout=1)
    except OSError as error:
        print(type(error).__name__, "configured server" in str(error))
"""


def test_only_the_configured_host_is_reached() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["allowed"] + ["RefusedConnectionError True"] * 3
