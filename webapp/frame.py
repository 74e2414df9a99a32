"""A notebook, such as an executed one, as an answer of its own, to stand in a sandboxed frame.

It is a student's content: cleaned by `grader.notebook_html`, and then without scripts, forms, an origin and addresses
of others by its own policy, whoever opens it and wherever.
"""

from __future__ import annotations

import json

import nbformat
from flask import Response
from nbformat import NotebookNode

from grader import page

POLICY = f"sandbox; {page.CSP}; frame-ancestors 'self'"


def answer(executed: bytes, language: str) -> Response:
    """The page of the executed copy that a run kept."""
    return shown(nbformat.from_dict(json.loads(executed)), language)


def shown(node: NotebookNode, language: str) -> Response:
    """The page of a notebook."""
    headers = {"Content-Security-Policy": POLICY, "Cross-Origin-Resource-Policy": "same-origin"}
    return Response(page.notebook_alone(node, language), content_type="text/html; charset=utf-8", headers=headers)
