"""What is hard to read is said, and what is plain is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from quiz.bench import write

from grader.quiz import clarity, lint
from grader.quiz.question import Key, Kind, Option, Question
from grader.text import Text

ANY = Text("가", "a")


def question(ko: str, en: str, *options: tuple[str, str]) -> Question:
    made = [Option(chr(97 + place), Text(*texts)) for place, texts in enumerate(options)]
    return Question("q", Kind.CHOICE, "xor", 1, Text(ko, en), options=made)


def said(asked: Question) -> list[str]:
    return [text.en for text in clarity.unclear(asked, Key("a", ANY))]


def test_a_plain_question_is_left_alone() -> None:
    assert said(question("무엇입니까?", "What is it?", ("하나", "One"), ("둘", "Two"))) == []


@pytest.mark.parametrize(
    ("ko", "en"),
    [
        ("학습하지 않는 층이 아닌 것은 무엇입니까?", "Which layer is it?"),
        ("무엇입니까?", "Which of these is not a layer that does not learn?"),
    ],
)
def test_two_negations_in_one_question(ko: str, en: str) -> None:
    assert "two negations" in " ".join(said(question(ko, en)))


@pytest.mark.parametrize(("ko", "en"), [("신경망입니다.", "What is it?"), ("무엇입니까?", "A neural network.")])
def test_a_stem_that_asks_for_nothing(ko: str, en: str) -> None:
    assert "asks for nothing" in " ".join(said(question(ko, en)))


@pytest.mark.parametrize(
    ("ko", "en"),
    [("이으세요.", "Match them."), ("$x$를 구하세요. 음수일 수 있습니다.", "Find $x$. It may be negative.")],
)
def test_a_request_is_a_question(ko: str, en: str) -> None:
    assert said(question(ko, en)) == []


def test_absolute_words_in_wrong_options_alone() -> None:
    wrong = [("항상 큽니다", "It is always larger"), ("절대 크지 않습니다", "It is never larger")]
    assert len(said(question("무엇입니까?", "What?", ("같습니다", "It is equal"), *wrong))) == 2
    assert said(question("무엇입니까?", "What?", ("언제나 같습니다", "It is always equal"), *wrong)) == []


def test_reading_takes_time() -> None:
    short, long = question("무엇입니까?", "What is it?"), question("가나다 " * 300 + "?", "word " * 900 + "?")
    assert clarity.seconds(short, "ko") < 3
    assert any("seconds" in words for words in said(long))


def test_lint_warns_of_it_and_of_a_picture_that_could_act(tmp_path: Path) -> None:
    bank = write(tmp_path)
    file = bank.public / "demo.toml"
    text = file.read_text(encoding="utf-8").replace(
        'stem.en = "What is $x_1$?"',
        'stem.en = "A thing $x_1$ $\\\\nope$."\npicture = "net.svg"\nalt = { ko = "망", en = "A net" }',
    )
    file.write_text(text, encoding="utf-8")
    (bank.public / "pictures").mkdir()
    (bank.public / "pictures" / "net.svg").write_text("<svg onload='x()'/>", encoding="utf-8")
    faults = {fault.text.en: fault.warning for fault in lint.lint(bank, {})}
    assert faults["en: the stem asks for nothing."]
    assert [words for words, warning in faults.items() if "onload" in words and not warning]
    assert [words for words, warning in faults.items() if "cannot be drawn" in words and not warning]
