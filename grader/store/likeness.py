"""Which submissions are alike beyond what all were given."""

from __future__ import annotations
