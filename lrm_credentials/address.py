"""Which web addresses are of any use on paper: a pure function, nothing is asked."""

import ipaddress
from urllib.parse import urlsplit

PRIVATE_DOMAINS = (".internal", ".lan", ".local", ".localdomain", ".localhost")


def is_public(url):
    """Tell whether strangers may be able to open `url`, without anybody listening.

    That is an https address that names neither this computer nor a private network.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    if parts.scheme != "https" or not host:
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(PRIVATE_DOMAINS)
