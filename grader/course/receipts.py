"""Receipts: the words with which somebody finds again what they handed in or sat at."""

from __future__ import annotations

import base64
import re
import secrets


def new() -> str:
    """26 letters and digits that nobody guesses."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=")


def read(words: str) -> str:
    """A receipt as it is kept, however somebody typed it."""
    return re.sub(r"[\s-]", "", words).upper()
