"""Fixtures of the course, for all tests here."""

from course.world import catalog, world

__all__ = ["catalog", "world"]
