"""Imports: the course of another program, with everything of it that we can keep."""
