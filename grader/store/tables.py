"""Every table, so that the metadata is whole."""

from __future__ import annotations

from grader.store import boards, changes, identities, likeness, quests, quizzes, settings, surveys, tokens, watchlist
from grader.store.models import Base

__all__ = [
    "Base",
    "boards",
    "changes",
    "identities",
    "likeness",
    "quests",
    "quizzes",
    "settings",
    "surveys",
    "tokens",
    "watchlist",
]
