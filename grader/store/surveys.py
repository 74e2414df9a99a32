"""Surveys whose answers are nobody's."""

from __future__ import annotations
