"""Grades a student's notebook: a sealed box runs it, a pytest suite outside asks it questions."""

__version__ = "0.1.0"
