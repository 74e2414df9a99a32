"""The leaderboard of an assignment."""

from __future__ import annotations
