"""The web's own files: what each says of itself, and that nothing stands inline."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

import webapp

ROOT = Path(webapp.__file__).resolve().parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MODULES = [
    ".".join(("webapp", *file.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for file in sorted(ROOT.rglob("*.py"))
]


@pytest.mark.parametrize("name", MODULES)
def test_every_module_and_public_name_says_what_it_is(name: str) -> None:
    module = import_module(name)
    assert module.__doc__
    for label, value in vars(module).items():
        if label.startswith("_") or getattr(value, "__module__", None) != name:
            continue
        if inspect.isclass(value) or inspect.isfunction(value):
            assert inspect.getdoc(value), f"{name}.{label}"


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT / "templates")))
def test_no_template_has_anything_inline_or_from_elsewhere(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", text)
    assert not re.search(r"(src|href|action)=[\"']?(https?:)?//", text)


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT / "templates")))
def test_every_form_that_changes_something_carries_its_key(file: Path) -> None:
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", file.read_text(encoding="utf-8"), re.DOTALL):
        assert "csrf" in form


def test_every_template_can_be_parsed(web: object) -> None:
    environment = web.app.jinja_env  # type: ignore[attr-defined]
    for file in TEMPLATES:
        environment.get_template(str(file.relative_to(ROOT / "templates")))
