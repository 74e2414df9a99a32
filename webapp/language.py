"""Korean or English: what the address says (?lang=), else the cookie, else what the browser asks for."""

from __future__ import annotations

from flask import Flask, Response, g, request, url_for

from grader.text import Text

LANGUAGES = {"ko": "한국어", "en": "English"}
COOKIE = "lang"
YEAR_S = 365 * 24 * 3600


def begin(app: Flask) -> None:
    """Gives templates `say`, `lang` and `other_language`, and keeps a choice."""
    app.context_processor(lambda: {"say": say, "lang": language(), "other_language": other})
    app.after_request(_keep)


def language() -> str:
    """ "ko" or "en", for this request."""
    if "language" not in g:
        chosen = [request.args.get("lang"), request.cookies.get(COOKIE)]
        best = request.accept_languages.best_match(list(LANGUAGES)) or "ko"
        g.language = next((one for one in chosen if one in LANGUAGES), best)
    return str(g.language)


def say(ko: Text | str, en: str | None = None) -> str:
    """A text, or one of two words, in the reader's language."""
    text = ko if isinstance(ko, Text) else Text(ko, ko if en is None else en)
    return text.into(language())


def other() -> tuple[str, str, str]:
    """The other language: its code, its name, and this page in it (the start page where this one is an answer to a
    form)."""
    code = "en" if language() == "ko" else "ko"
    if request.method != "GET" or request.endpoint is None:
        return code, LANGUAGES[code], url_for("home.start", lang=code)
    ours = ("lang", "endpoint")  # and what begins with _ are not the reader's to say to url_for
    kept = {key: value for key, value in request.args.items() if key not in ours and not key.startswith("_")}
    return code, LANGUAGES[code], url_for(request.endpoint, **{**kept, **(request.view_args or {}), "lang": code})


def _keep(response: Response) -> Response:
    chosen = request.args.get("lang")
    if chosen in LANGUAGES and request.cookies.get(COOKIE) != chosen:
        response.set_cookie(COOKIE, chosen, max_age=YEAR_S, samesite="Lax", httponly=True, secure=request.is_secure)
    return response
