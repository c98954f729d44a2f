"""Addresses of brokers, as they may be shown."""


def without_credentials(url: str) -> str:
    """Return `url`, one or more addresses with commas between, without user and password.

    It need not be valid: what stands before an ``@`` is never shown.
    """
    return ",".join(_bare(address) for address in url.split(","))


def _bare(address: str) -> str:
    scheme, mark, rest = address.rpartition("://")
    return scheme + mark + rest.rpartition("@")[2]
