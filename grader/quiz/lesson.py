"""What a good teacher says about a topic in a few words: a Markdown file of each language, beside the topics."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from grader.misconception import ID
from grader.text import Text

FOLDER = "topics"
LANGUAGES = ("ko", "en")
# Words of a lesson, its formulas and code left out. Korean says the same in fewer, since particles and endings are
# written together with what they belong to.
WORDS = {"en": range(110, 271), "ko": range(75, 231)}
ALIKE = (0.5, 0.9)  # Korean words for an English one

_BLOCK = re.compile(r"^```.*?^```[ \t]*$|\$\$.+?\$\$", re.DOTALL | re.MULTILINE)
_IN_LINE = re.compile(r"\$[^$\n]+\$|`[^`\n]+`")


class Fault(NamedTuple):
    """What is wrong with the lesson on a topic, or with a file that is of none."""

    topic: str
    text: Text


def lesson(assignments: Path, topic: str) -> Text | None:
    """The lesson on a topic, as Markdown with formulas; None where one of its languages is missing."""
    if not ID.fullmatch(topic):
        return None
    files = [_file(assignments, topic, language) for language in LANGUAGES]
    if not all(file.is_file() for file in files):
        return None
    return Text(*(_read(file, file.stat().st_mtime_ns) for file in files))


def faults(assignments: Path, topics: Collection[str]) -> list[Fault]:
    """What is wrong with the lessons of a course that has these topics."""
    none = Text("이런 주제가 topics.toml에 없습니다.", "topics.toml has no such topic.")
    missing = Text("두 언어의 글이 모두 있지는 않습니다.", "It has no lesson in both languages.")
    found = [Fault(name, none) for name in _others(assignments, topics)]
    for topic in topics:
        said = lesson(assignments, topic)
        found += [Fault(topic, why) for why in ([missing] if said is None else _of(said))]
    return found


def _of(said: Text) -> Iterator[Text]:
    from grader.quiz import html

    counts = {}
    for language in LANGUAGES:
        words = said.into(language)
        counts[language] = count = len(_IN_LINE.sub(" x ", _BLOCK.sub(" ", words)).split())
        if count not in WORDS[language]:
            least, most = WORDS[language][0], WORDS[language][-1]
            yield Text(
                f"{language}: 낱말이 {count}개입니다. {least}개에서 {most}개가 읽기 좋습니다.",
                f"{language}: {count} words; {least} to {most} are good to read.",
            )
        for fault in html.faults(words):
            yield Text(f"{language}: 식을 그릴 수 없습니다: {fault}", f"{language}: a formula cannot be drawn: {fault}")
        if "$" in re.sub(r"<[^>]*>", "", _without_code(html.stem(words))):
            yield Text(f"{language}: 닫히지 않은 식이 있습니다.", f"{language}: a formula is not closed.")
    if re.search("[가-힣]", said.en):
        yield Text("영어 글에 한글이 있습니다.", "There is Korean in the English text.")
    if not re.search("[가-힣]", said.ko):
        yield Text("한국어 글에 한글이 없습니다.", "There is no Korean in the Korean text.")
    if not ALIKE[0] <= counts["ko"] / max(1, counts["en"]) <= ALIKE[1]:
        yield Text(
            f"한 언어의 글이 훨씬 깁니다: ko {counts['ko']}, en {counts['en']}.",
            f"One language says much more than the other: {counts['ko']} words in ko, {counts['en']} in en.",
        )
    blocks = {language: len(_BLOCK.findall(said.into(language))) for language in LANGUAGES}
    if blocks["ko"] != blocks["en"]:
        yield Text(
            f"식과 코드의 수가 다릅니다: ko {blocks['ko']}, en {blocks['en']}.",
            f"They differ in formulas and pieces of code: {blocks['ko']} in ko, {blocks['en']} in en.",
        )


def _without_code(markup: str) -> str:
    return re.sub(r"<code>.*?</code>", "", markup, flags=re.DOTALL)


def _others(assignments: Path, topics: Collection[str]) -> list[str]:
    folder = assignments / FOLDER
    good = {f"{topic}.{language}.md" for topic in topics for language in LANGUAGES}
    return sorted(file.name for file in folder.glob("*") if file.name not in good)


def _file(assignments: Path, topic: str, language: str) -> Path:
    return assignments / FOLDER / f"{topic}.{language}.md"


@lru_cache(maxsize=256)
def _read(file: Path, version: int) -> str:
    return file.read_text(encoding="utf-8").strip()
