"""What lets a program act for a person."""

from __future__ import annotations
