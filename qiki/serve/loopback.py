"""Addresses that nobody outside reaches, and whether they are free."""

import ipaddress
import socket

from qiki.errors import SettingError

LAST_PORT = 65535


def is_loopback(host: str) -> bool:
    """Return whether a service that listens there is seen by its own machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def require_loopback(setting: str, host: str) -> None:
    """Refuse an address at which others would reach a server without TLS and credentials.

    Parameters
    ----------
    setting : that has the address, as ``grpc.host``.
    host : what it is.

    Raises
    ------
    SettingError : it is not loopback.
    """
    if not is_loopback(host):
        raise SettingError(
            f"{setting} is {host}, must be a loopback address as 127.0.0.1: this server has "
            "neither TLS nor credentials; reach it from elsewhere through a tunnel"
        )


def family_of(host: str) -> socket.AddressFamily:
    """Return how an address is written."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def taken(host: str, port: int) -> str | None:
    """Return why a server cannot listen there, None where it can."""
    try:
        socket.create_server((host, port), family=family_of(host)).close()
    except OSError as error:
        return error.strerror or str(error)
    return None


def port_of_bot(setting: str, port: int, number: int) -> int:
    """Return the port of a bot: the first has that of the setting, the others those behind.

    Raises
    ------
    SettingError : there is none so high.
    """
    if not port:  # any free one
        return 0
    if port + number - 1 > LAST_PORT:
        raise SettingError(
            f"{setting} is {port}, must be at most {LAST_PORT - number + 1} for bot {number}, "
            "whose port is as far behind it: choose a lower one, or 0 for any free ones"
        )
    return port + number - 1
