"""Whom a provider of identities knows a person as."""

from __future__ import annotations
