"""Where somebody came from and where to go on: addresses of ours alone."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

LONGEST = 1_000  # letters of an address to go on to; it may be kept in a cookie


def is_ours(address: str) -> bool:
    """Whether that is a path on this server, which a browser takes for nothing else."""
    ours = address.startswith("/") and not address.startswith("//") and "\\" not in address and address.isprintable()
    return ours and len(address) <= LONGEST


def came_from() -> str | None:
    """The page of ours with the link or the form that led here."""
    try:
        found = urlsplit(request.referrer or "")
    except ValueError:  # anybody can send anything
        return None
    if found.netloc != request.host or (request.method == "GET" and found.path == request.path):
        return None
    address = found.path + (f"?{found.query}" if found.query else "")
    return address if is_ours(address) else None
