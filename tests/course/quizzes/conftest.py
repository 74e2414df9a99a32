"""Fixtures of the quizzes in a course, for all tests here."""

from course.quizzes.hall import hall

__all__ = ["hall"]
