"""Every table, so that the metadata is whole."""

from __future__ import annotations

from grader.store import boards, identities, likeness, quests, quizzes, surveys, tokens
from grader.store.models import Base

__all__ = ["Base", "boards", "identities", "likeness", "quests", "quizzes", "surveys", "tokens"]
