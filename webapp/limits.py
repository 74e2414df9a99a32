"""How often somebody may ask."""

from __future__ import annotations

from flask import g
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address


def who_asks() -> str:
    """What limits count by: the person, else the address."""
    here = g.get("person")
    return f"address:{get_remote_address()}" if here is None else f"person:{here.id}"


limiter = Limiter(who_asks, default_limits=["600/minute"], storage_uri="memory://")
