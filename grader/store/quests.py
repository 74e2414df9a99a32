"""What a person has to see again, and when."""

from __future__ import annotations
