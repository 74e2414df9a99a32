"""Calls into the box: `Session` runs a notebook and keeps its box alive, `Student` is what a test asks."""

from grader.rpc.session import Cell, Session, Stop
from grader.rpc.student import Handle, Outcome, Student

__all__ = ["Cell", "Handle", "Outcome", "Session", "Stop", "Student"]
