"""What a person reads, in the two languages of the course."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Text:
    """One sentence (or paragraph) in Korean and in English."""

    ko: str
    en: str

    def __str__(self) -> str:
        """Both languages, Korean first; one where they are equal."""
        return self.ko if self.ko == self.en else f"{self.ko}\n{self.en}"

    def __bool__(self) -> bool:
        return bool(self.ko or self.en)

    def __add__(self, other: Text) -> Text:
        """The two sentences after each other, with a space between."""
        return Text(_join(self.ko, other.ko), _join(self.en, other.en))

    def into(self, language: str | None) -> str:
        """The text in "ko" or "en"; in both where `language` is None."""
        return str(self) if language is None else str(getattr(self, language))

    def as_json(self) -> dict[str, str]:
        return {"ko": self.ko, "en": self.en}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Text:
        return cls(str(data["ko"]), str(data["en"]))


def _join(first: str, second: str) -> str:
    return f"{first} {second}" if first and second else first or second
