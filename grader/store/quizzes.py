"""The quizzes of a course: what was published, and what people answered."""

from __future__ import annotations
