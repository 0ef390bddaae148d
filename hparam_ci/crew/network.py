"""No connection but to the configured server: enforced by an audit hook of the interpreter in the worker."""

from __future__ import annotations

import ipaddress
import socket
import sys
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit


class RefusedConnectionError(OSError):
    """A connection to another host."""


def only(hosts: Iterable[str]) -> None:
    """Refuse, from now on and for good, to look up or connect to any host but these."""
    sys.addaudithook(_hook(frozenset(host.lower() for host in hosts)))


def hosts_of(addresses: Iterable[str]) -> list[str]:
    """The hosts of some addresses; those without one are left out."""
    return [
        host for address in addresses if (host := urlsplit(address if "//" in address else f"//{address}").hostname)
    ]


def _hook(hosts: frozenset[str]) -> Callable[[str, tuple[Any, ...]], None]:
    known: set[str] = set()
    looking = False

    def addresses() -> set[str]:
        """What the hosts stand for now; asked again when an unknown address turns up."""
        nonlocal looking
        looking = True
        try:
            for host in hosts:
                try:
                    known.update(str(found[4][0]) for found in socket.getaddrinfo(host, None))
                except OSError:
                    continue
        finally:
            looking = False
        return known

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if looking:
            return
        if event in ("socket.getaddrinfo", "socket.gethostbyname"):
            host = args[0].decode() if isinstance(args[0], bytes) else args[0]
            if (
                host is not None
                and str(host).lower() not in hosts
                and not (_is_address(str(host)) and str(host) in addresses())
            ):
                raise RefusedConnectionError(f"no connection to {host}: it is not the configured server")
        elif event in ("socket.connect", "socket.sendto") and isinstance(args[1], tuple):
            host = str(args[1][0])
            if host.lower() not in hosts and host not in known and host not in addresses():
                raise RefusedConnectionError(f"no connection to {host}: it is not the configured server")

    return hook


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
