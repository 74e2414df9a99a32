"""The web: where students hand in and read reports, and where staff look after a course.

Theory of operation. The application is made by `create_app` from a `Home`, and knows nothing but the operations of
`grader.course`, the queue and the tables; nothing under `grader` knows of it. A request passes, in this order:

0. `webapp.hosts`: whether it was meant for this server at all.
1. `webapp.access`: who asks, in which course, in which role. Every view says with `allow`, `signed_in` or `everybody`
   for whom it is; an application with a view that does not say so fails to start. What somebody may not see is
   answered like what is not there: 404.
2. `webapp.security`: limits, CSRF, and on the way out the headers. No page needs an inline script or style.
3. The view. It reads through `webapp.site.reading()`, one session a request, and writes through `writing()`.
4. The template. What a student's page shows of a run has gone through `webapp.presenters`, which builds it anew from
   what this person may see; templates of students never get a row of a table.

Texts are `grader.text.Text`, or two words beside each other in a template: `say("한국어", "English")`.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from flask import Flask

from grader.store.database import Home
from webapp import access, health, hosts, language, logs, oidc, security, site, wording

# each module has `blueprint`, and may have `LINKS`, its entries in the header
PARTS = (
    *("signin", "oidc", "health", "home", "submit", "live", "report", "history", "quizzes", "quests", "leaderboard"),
    *("tokens", "api"),
)
STAFF = (
    *("gradebook", "assignments", "submission", "people", "queue", "quizzes.staff", "likeness", "watchlist", "surveys"),
    "settings",
)


def create_app(
    home: Home,
    *,
    testing: bool = False,
    behind_proxy: bool = False,
    public_url: str | None = None,
    names: Iterable[str] = (),
) -> Flask:
    """The application on the course in that folder. `behind_proxy` where browsers reach it over HTTPS through a
    proxy on this machine: cookies are then for HTTPS alone. `public_url` is the address that browsers know, `names`
    are more names of its host. Raises BadInput or GraderError where the store cannot be opened, RuntimeError for a
    view that does not say for whom it is."""
    app = Flask(__name__)
    app.config["TESTING"] = testing
    logs.begin(app)  # first: its number is on every answer
    site.begin(app, home)
    health.begin(app)
    access.begin(app)  # before limits: they count by person, as a whole class may come from one address
    hosts.begin(app, public_url, names)
    security.begin(app, home, behind_proxy)
    oidc.begin(app, home)
    language.begin(app)
    wording.begin(app)
    for name in (*PARTS, *STAFF):
        module = import_module(f"webapp.{name}")
        app.register_blueprint(module.blueprint)
        access.add_links(app, getattr(module, "LINKS", ()))
    access.must_be_guarded(app)
    return app
