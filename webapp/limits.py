"""How often somebody may ask."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Network, ip_address

from flask import g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

MEGABYTE = 2**20
FAILURES = "100 per 15 minutes"  # to sign in, from one place: a class may mistype, a program tries thousands
NETWORK = 64  # bits of an IPv6 address that a provider gives to one customer; the others are the customer's to choose


def place() -> str:
    """Where the request comes from: its address, or of IPv6 the network, since who has one has all of its addresses."""
    words = get_remote_address()
    try:
        known = ip_address(words)
    except ValueError:
        return words
    if isinstance(known, IPv4Address):
        return words
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(IPv6Network((int(known), NETWORK), strict=False))


def who_asks() -> str:
    """What limits count by: the person, else the place."""
    here = g.get("person")
    return f"address:{place()}" if here is None else f"person:{here.id}"


def megabytes() -> int:
    """What a request brings, each begun one counted."""
    return max(1, -(-(request.content_length or 0) // MEGABYTE))


limiter = Limiter(who_asks, default_limits=["600/minute"], storage_uri="memory://")
# each may take seconds of a core, for a notebook can be made so
drawing = limiter.shared_limit("40/minute", scope="drawing")
# what is handed in stays, even where it is no notebook and spends no attempt, and a disk is full some day
upload = limiter.shared_limit("400/hour;1000/day", scope="upload", cost=megabytes)
