"""Which addresses nobody outside reaches."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Return whether a service that listens there is seen by its own machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
