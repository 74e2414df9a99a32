"""What is shown before it is saved, and then saved only as it was seen.

A change is made in a transaction. It is kept where the form says so and names, in `seen`, the hash of just what was
asked for and what that does now; else it is taken back and shown. So nobody saves what they have not seen, and a page
that was left open for long shows what would happen today instead.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from webapp.site import writing

Form = Mapping[str, str]
Found = TypeVar("Found")


@dataclass(frozen=True)
class Shown(Generic[Found]):
    """What a change would do; `seen` is its name. `stale`: somebody wanted to save what is another thing by now."""

    found: Found
    seen: str
    stale: bool


class _Back(Exception):
    """Takes the transaction back that it is raised in."""


def tried(form: Form, change: Callable[[Session], Found], told: Callable[[Found], Any]) -> Shown[Found] | None:
    """Makes a change if it was seen before: None. Else what it would do. `told` is what of it is seen, as JSON. Raises
    what `change` raises."""
    wanted = form.get("save") == "1"
    try:
        with writing() as session:
            found = change(session)
            seen = _name(form, told(found))
            if not wanted or form.get("seen") != seen:
                raise _Back
    except _Back:
        return Shown(found, seen, wanted)
    return None


def _name(form: Form, told: Any) -> str:
    """Of what was asked for, and of what it does: another one where either has changed since."""
    asked = {name: value for name, value in form.items() if name not in ("csrf_token", "seen", "save")}
    return hashlib.sha256(json.dumps([asked, told]).encode()).hexdigest()
