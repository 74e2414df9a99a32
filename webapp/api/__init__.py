"""The course for programs: the same data as the pages, for who shows a token.

Theory of operation. `webapp.access` lets a request under /api/v1 through as it does for a page, with two differences:
who asks is known by a token and never by a cookie, so that no other site can make a browser ask; and the view says
with `document.operation` which scope the token needs. With a token that lacks `staff`, staff see no more than students.
What a student gets of a run has gone through `webapp.presenters`, as on the pages. What goes wrong is told as RFC 9457
says (`webapp.problems`).

One module a group of addresses. A group to come is a module more in `PARTS`, and a title more in
`document.TITLES`.
"""

from __future__ import annotations

from importlib import import_module

from webapp.api.blueprint import blueprint
from webapp.security import csrf

PARTS = ("me", "courses", "submissions", "requests", "grades", "quizzes", "staff")
for _part in PARTS:
    import_module(f"webapp.api.{_part}")
csrf.exempt(blueprint)  # a form of another site cannot send the header with the token

__all__ = ["PARTS", "blueprint"]
