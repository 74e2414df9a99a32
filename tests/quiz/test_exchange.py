"""Quizzes from and to other systems: what goes over, what is said to be lost, and what is refused."""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from grader.cli import cli
from grader.errors import BadInput
from grader.quiz import answer, html, marking, variant, xml
from grader.quiz.bank import Bank
from grader.quiz.exchange import canvas, gift, keys, moodle, qti, toml
from grader.quiz.exchange.carried import Asked, Found, Loss, NotReadable, Paper, Reading
from grader.quiz.question import Key, Kind, Posed, Question, Quiz
from grader.text import Text

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = Path(__file__).parent / "samples"
PNG = b"\x89PNG\r\n\x1a\nnot really"
Write = Callable[..., tuple[bytes, list[Loss]]]
FORMATS: Mapping[str, tuple[Write, Callable[[bytes, Reading], Found]]] = {
    "moodle": (moodle.write, moodle.read),
    "gift": (gift.write, gift.read),
    "qti12": (canvas.write, qti.read),
    "qti": (lambda paper, lang: qti.write(paper, lang, "2.1"), qti.read),
    "qti3": (lambda paper, lang: qti.write(paper, lang, "3.0"), qti.read),
}
# what each format has a kind of question for; the others go as essays, and are said to
CARRIED = [Kind.CHOICE, Kind.MULTIPLE, Kind.NUMBER, Kind.TEXT, Kind.ORDER, Kind.MATCH, Kind.SHAPE]


def reading(language: str = "en") -> Reading:
    return Reading("quiz", Text("퀴즈", "Quiz"), language)  # type: ignore[arg-type]


def bank() -> Bank:
    return Bank(ROOT / "assignments" / "quizzes", ROOT / "reference" / "quizzes")


def paper(name: str) -> Paper:
    quiz = bank().load(name)
    asked = [Asked(variant.pose(one, quiz.keys[one.id], bank().generators(name), 3)) for one in quiz.questions]
    return Paper(name, quiz.title, asked)


def read_sample(name: str, language: str = "en") -> tuple[dict[str, Question], Mapping[str, Key], list[str], Found]:
    read = moodle.read if name.endswith(".xml") else gift.read
    found = read((SAMPLES / name).read_bytes(), reading(language))
    lost = [f"{loss.question}: {loss.what.en}" for loss in found.losses]
    return {one.id: one for one in found.quiz.questions}, found.quiz.keys, lost, found


# ------------------------------------------------------------------------------------------------- from elsewhere


def test_many_stars_of_moodle_cannot_take_for_ever() -> None:
    pattern = keys._pattern(r"*a*b**c\*" + "*a" * 20 + "*b")
    assert re.fullmatch(pattern, "xaxbxc*" + "xa" * 20 + "b")
    assert not re.fullmatch(pattern, "xaxbxc" + "xa" * 20 + "b")
    began = time.thread_time()
    assert not re.fullmatch(pattern, "a" * 100)
    assert time.thread_time() - began < 0.1


def test_a_file_of_moodle_is_read() -> None:
    questions, keys, _, found = read_sample("moodle4.xml")
    range = questions["sigmoid-range"]
    assert range.stem.en.startswith("What values can the **sigmoid** $\\sigma(z)$ take?")
    assert keys["sigmoid-range"].answer == "a"
    assert keys["sigmoid-range"].weight == 2
    assert keys["sigmoid-range"].feedback["b"].en == "That is $\\tanh$."
    assert keys["sigmoid-range"].hints[0].en == "Draw it."
    assert questions["quiz-2"].stem == Text("활성화 함수를 모두 고르세요.", "Choose all activation functions.")
    assert keys["quiz-2"].answer == ["a", "b"]
    assert keys["quiz-2"].feedback["c"] == Text("최적화 방법입니다.", "That is an optimiser.")
    assert keys["xor-and-a-line"].answer == "false"
    assert keys["hidden-layer"].answer == {"accepted": ["hidden layer"], "patterns": ["hidden.*layers"]}
    assert (keys["parameters"].answer, keys["parameters"].atol) == (3.5, 0.05)
    assert [option.text.en for option in questions["heads"].options] == ["Sigmoid", "Softmax", "ReLU"]
    assert [option.text.en for option in questions["one-step"].options] == ["Forward pass", "Backward pass", "Update"]
    assert found.pictures["sigmoid-range.png"].startswith(b"\x89PNG")
    assert range.picture == "sigmoid-range.png"
    assert range.alt is not None
    assert range.alt.en == "An S-shaped curve"


def test_nothing_of_a_file_is_dropped_in_silence() -> None:
    lost = read_sample("moodle4.xml")[2]
    assert "explain: the whole question" in lost
    assert "gaps: the whole question" in lost
    assert "hidden-layer: 'middle layer' for 50%" in lost
    assert "sigmoid-range: the tag week4" in lost
    assert "sigmoid-range: correctfeedback: Well seen!" in lost
    assert "sigmoid-range: @@PLUGINFILE@@/more.png (a picture or sound)" in lost
    assert "parameters: what is said of the right answer" in lost
    assert "-: the category $course$/top/Default for DL101/Week 4" in lost
    lost = read_sample("mixed.gift")[2]
    assert "sigmoid-range: the tag week4" in lost
    assert "tf: what is said of the right answer" in lost
    assert "essay: the whole question" in lost
    assert "text: the whole question" in lost
    assert "hidden: 'middle layer' for 50%" in lost
    assert "born: the answer '1822'" in lost


def test_a_file_of_gift_is_read() -> None:
    questions, keys, _, _ = read_sample("mixed.gift")
    assert questions["sigmoid-range"].stem.en == "What values can **sigmoid** $\\sigma(z)$ take?"
    assert keys["sigmoid-range"].feedback["b"].en == "That is tanh: a = b"
    assert keys["sigmoid-range"].explanation.en == "It is **smooth**."
    assert html.inline(questions["sigmoid-range"].options[1].text.en) == "From -1 to 1 &lt;b&gt;"
    assert keys["several"].answer == ["a", "b"]
    assert keys["tf"].answer == "false"
    assert keys["tf"].feedback["true"].en == "No line does."
    assert (keys["pi"].answer, keys["pi"].atol) == (3.1415, 0.0005)
    assert (keys["born"].answer, keys["born"].atol) == (1822, 0)
    assert (keys["between"].answer, keys["between"].atol) == (3, 2)
    assert len(questions["heads"].options) == 3
    gap = next(one for one in questions.values() if "wide" in one.stem.en)
    assert gap.stem.en == "The layer between is \\_\\_\\_\\_\\_ and it is wide."


def test_a_text_in_one_language_leaves_something_to_do_in_the_other() -> None:
    questions, keys, _, _ = read_sample("mixed.gift")
    assert questions["several"].stem == Text(
        "TODO(ko): Which are activation functions?", "Which are activation functions?"
    )
    korean = next(one for one in questions.values() if "맞는" in one.stem.ko)
    assert korean.stem.en.startswith("TODO(en): ")
    assert keys["several"].explanation.ko.startswith("TODO(ko)")


def test_markup_from_elsewhere_acts_nowhere() -> None:
    questions, _, _, _ = read_sample("moodle4.xml")
    shown = "".join(html.stem(text) for one in questions.values() for text in (one.stem.en, one.stem.ko))
    assert "alert(1)" not in shown
    assert "onerror" not in shown
    assert "It costs $5 and $6." in re.sub("<[^>]*>", "", shown)  # no formula between the two
    assert html.inline(questions["sigmoid-range"].options[0].text.en) == "Between 0 and 1, &lt;b&gt; never at the ends"


def package(
    items: Mapping[str, str], more: Mapping[str, bytes] | None = None, kind: str = "imsqti_item_xmlv2p1"
) -> bytes:
    made = io.BytesIO()
    resources = "".join(f'<resource identifier="r{n}" type="{kind}" href="{name}"/>' for n, name in enumerate(items))
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zip:
        zip.writestr(
            "imsmanifest.xml",
            f'<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><resources>{resources}</resources></manifest>',
        )
        for name, text in items.items():
            zip.writestr(name, text)
        for name, content in (more or {}).items():
            zip.writestr(name, content)
    return made.getvalue()


QTI2 = """<?xml version="1.0" encoding="UTF-8"?>
<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p2" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://www.imsglobal.org/xsd/imsqti_v2p2 http://www.imsglobal.org/xsd/qti/qtiv2p2/imsqti_v2p2.xsd"
  identifier="luggage" title="Luggage" adaptive="false" timeDependent="false">
  <responseDeclaration identifier="RESPONSE" cardinality="single" baseType="identifier">
    <correctResponse><value>ChoiceA</value></correctResponse>
  </responseDeclaration>
  <outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>
  <itemBody>
    <p>Look at the <strong>net</strong>. <math xmlns="http://www.w3.org/1998/Math/MathML" alttext="x^2"><msup><mi>x</mi><mn>2</mn></msup></math></p>
    <p><img src="images/net.png" alt="A net"/></p>
    <choiceInteraction responseIdentifier="RESPONSE" shuffle="false" maxChoices="1">
      <prompt>What does it say?</prompt>
      <simpleChoice identifier="ChoiceA">One &amp; two</simpleChoice>
      <simpleChoice identifier="ChoiceB">Three</simpleChoice>
      <simpleChoice identifier="ChoiceC">Four <feedbackInline outcomeIdentifier="F" identifier="ChoiceC" showHide="show">No.</feedbackInline></simpleChoice>
    </choiceInteraction>
  </itemBody>
  <responseProcessing template="http://www.imsglobal.org/question/qti_v2p2/rptemplates/match_correct"/>
</assessmentItem>"""
QTI3 = """<?xml version="1.0" encoding="UTF-8"?>
<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="richard" title="Richard III" adaptive="false" time-dependent="false" xml:lang="en">
  <qti-response-declaration identifier="RESPONSE" cardinality="single" base-type="string">
    <qti-correct-response><qti-value>York</qti-value></qti-correct-response>
    <qti-mapping default-value="0"><qti-map-entry map-key="York" mapped-value="1" case-sensitive="true"/><qti-map-entry map-key="york" mapped-value="0.5"/></qti-mapping>
  </qti-response-declaration>
  <qti-item-body><p>Now is the winter made summer by this sun of <qti-text-entry-interaction response-identifier="RESPONSE" expected-length="15"/>;</p></qti-item-body>
  <qti-response-processing template="https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/map_response"/>
</qti-assessment-item>"""
TWO = QTI2.replace("</itemBody>", '<choiceInteraction responseIdentifier="B" maxChoices="1"/></itemBody>')


def test_a_package_of_qti_2_is_read() -> None:
    found = qti.read(
        package({"luggage.xml": QTI2, "two.xml": TWO}, {"images/net.png": PNG}, "imsqti_item_xmlv2p2"), reading()
    )
    (question,) = found.quiz.questions
    assert question.stem.en == "Look at the **net**. $x^2$\n\nWhat does it say?"
    assert [option.text.en for option in question.options] == ["One & two", "Three", "Four"]
    assert found.quiz.keys[question.id].answer == "choicea"
    assert found.pictures == {"luggage.png": PNG}
    assert [loss.what.en for loss in found.losses] == [
        "1 of feedbackInline",
        "the whole question",
    ]  # the latter has two places to answer


def test_a_package_of_qti_3_is_read() -> None:
    found = qti.read(package({"items/richard.xml": QTI3}, kind="imsqti_item_xmlv3p0"), reading())
    (question,) = found.quiz.questions
    assert html.stem(question.stem.en) == "<p>Now is the winter made summer by this sun of _____;</p>"
    assert found.quiz.keys[question.id].answer == {"accepted": ["York"]}
    assert [loss.what.en for loss in found.losses] == ["the difference of cases", "'york' for 50%"]


# ------------------------------------------------------------------------------------------------- there and back


def look(text: str) -> str:
    return (
        re.sub(r"\s+", " ", re.sub(r"<(span|/span)[^>]*>", "", html.stem(text))).replace("> ", ">").replace(" <", "<")
    )


def bearable(text: Text) -> tuple[str, str]:
    return look(text.ko), look(text.en)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "quiz",
    [
        "week4-perceptron",
        *(pytest.param(one, marks=pytest.mark.slow) for one in bank().ids() if one != "week4-perceptron"),
    ],
)
def test_what_goes_out_comes_back(name: str, quiz: str) -> None:
    write, read = FORMATS[name]
    sent = paper(quiz)
    content, lost = write(sent, None)
    found = read(content, reading("ko"))
    back = {one.id: one for one in found.quiz.questions}
    gone = {loss.question for loss in found.losses}
    for asked in sent.asked:
        question, key = asked.posed.question, asked.posed.key
        if question.kind not in CARRIED:
            assert asked.id in {loss.question for loss in lost}
            continue
        assert question.id in back, gone
        again, decides = back[question.id], found.quiz.keys[question.id]
        assert again.kind is question.kind
        assert (again.topic, again.difficulty) == (question.topic, question.difficulty)
        assert bearable(decides.explanation) == bearable(key.explanation)
        if not question.code:
            assert bearable(again.stem) == bearable(question.stem)
        by_text = {bearable(option.text): option.id for option in again.options}
        if question.kind is Kind.CHOICE:
            right = next(option for option in question.options if option.id == key.answer)
            assert by_text[bearable(right.text)] == decides.answer
            for option in question.options:
                if option.id in key.feedback:
                    assert bearable(decides.feedback[by_text[bearable(option.text)]]) == bearable(
                        key.feedback[option.id]
                    )
        elif question.kind in (Kind.MULTIPLE, Kind.ORDER):
            ids = {option.id: by_text[bearable(option.text)] for option in question.options}
            assert [ids[id] for id in key.answer] == decides.answer or {ids[id] for id in key.answer} == set(
                decides.answer
            )
            if question.kind is Kind.ORDER:
                assert [ids[id] for id in key.answer] == decides.answer
        elif question.kind is Kind.MATCH:
            assert len(again.left) == len(question.left)
            assert len(again.options) == len(question.options)
        else:
            typed = (
                repr(key.answer)
                if isinstance(key.answer, float)
                else str(key.answer["accepted"][0] if isinstance(key.answer, dict) else key.answer)
            )
            assert marking.mark(Posed(again, decides), answer.parse(again, typed)).right


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_one_language_goes_out_alone(name: str, lang: str) -> None:
    write, read = FORMATS[name]
    content, _ = write(paper("week4-perceptron"), lang)
    found = read(content, reading(lang))
    for question in found.quiz.questions:
        mine = question.stem.into(lang)
        assert not mine.startswith("TODO")
        assert ("TODO" in question.stem.into({"ko": "en", "en": "ko"}[lang])) or question.stem.ko == question.stem.en


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_of_ours_is_the_same_each_time(name: str) -> None:
    write, _ = FORMATS[name]
    assert write(paper("week4-perceptron"), None)[0] == write(paper("week4-perceptron"), None)[0]


@pytest.mark.parametrize("version", ["2.1", "3.0"])
def test_a_package_has_all_that_its_manifest_names(version: str) -> None:
    sent = paper("week4-perceptron")
    first = sent.asked[0]
    shown = replace(first.posed, question=replace(first.posed.question, picture="net.png", alt=Text("망", "A net")))
    content, _ = qti.write(
        replace(sent, asked=[Asked(shown), *sent.asked[1:]], pictures={"net.png": PNG}), "en", version
    )
    with zipfile.ZipFile(io.BytesIO(content)) as zip:
        names = set(zip.namelist())
        manifest = zip.read("imsmanifest.xml").decode()
        assert set(re.findall(r'<file href="([^"]+)"', manifest)) == names - {"imsmanifest.xml"}
        assert {f"items/{name}" for name in re.findall(r'href="items/([^"]+)"', zip.read("test.xml").decode())} < names
        for name in names:
            if name.endswith(".xml"):
                ElementTree.fromstring(zip.read(name))
    found = qti.read(content, reading("en"))
    assert list(found.pictures.values()) == [PNG]


def test_marks_of_moodle_are_ours() -> None:
    """Fractions of one of several add to 100, and of several weigh what is wrong against what is right."""
    root = ElementTree.fromstring(moodle.write(paper("week4-perceptron"), "en")[0])
    for element in root.iterfind("question[@type='multichoice']"):
        shares = [float(one.get("fraction", "")) for one in element.iterfind("answer")]
        assert sum(share for share in shares if share > 0) == pytest.approx(100, abs=1e-3)
        if element.findtext("single") == "false":
            assert sum(shares) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("quiz", bank().ids())
def test_the_toml_that_is_written_says_what_was_read(quiz: str, tmp_path: Path) -> None:
    loaded = bank().load(quiz)
    public, secret = toml.halves(loaded)
    for folder, text in (("public", public), ("secret", secret)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{quiz}.toml").write_text(text, encoding="utf-8")
    again = Bank(tmp_path / "public", tmp_path / "secret").load(quiz)
    assert replace(again, version="") == replace(loaded, version="")


@pytest.mark.parametrize(
    "text",
    [
        "'''",
        "'",
        "a\n'",
        '"""',
        "\\",
        "\\\\n",
        "a\r\nb",
        "\x7f",
        "\x00",
        "é\u2028",
        "\t",
        '"',
        "'''\\\n",
        "#",
        "@{x}",
        "\n",
        " \n ",
    ],
)
def test_any_text_can_be_written_as_toml(text: str, tmp_path: Path) -> None:
    question = Question("q", Kind.TEXT, "xor", 1, Text(text, text + "x"), code=text)
    quiz = Quiz("quiz", 1, Text(text, text), [question], {"q": Key({"accepted": [text]}, Text(text, text))})
    for half, made in zip(("public", "secret"), toml.halves(quiz), strict=True):
        (tmp_path / half).mkdir()
        (tmp_path / half / "quiz.toml").write_bytes(made.encode())
    again = Bank(tmp_path / "public", tmp_path / "secret").load("quiz")
    assert again.questions[0].stem == question.stem
    assert again.questions[0].code == text
    assert again.keys["q"].answer == {"accepted": [text]}


# ------------------------------------------------------------------------------------------------- attacks

BOMB = b'<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><quiz>&b;</quiz>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a SYSTEM "file:///etc/passwd">]><quiz><question type="essay"><name><text>&a;</text></name></question></quiz>'
PARAMETER = b'<?xml version="1.0"?><!DOCTYPE quiz SYSTEM "http://127.0.0.1:9/evil.dtd"><quiz/>'


@pytest.mark.parametrize(
    "content",
    [BOMB, OUTSIDE, PARAMETER, b"<quiz>" + b"<a>" * 5_000, b"<quiz>", b"<html/>", b"", b"\x00" * 100, b'<?xml version="1.0" encoding="nope"?><quiz/>', b"<quiz>" + b"<a/>" * 1_000 + b"</quiz>"],
)  # fmt: skip
@pytest.mark.parametrize("read", [moodle.read, qti.read])
def test_harmful_xml_is_refused(
    content: bytes, read: Callable[[bytes, Reading], Found], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xml, "MOST_ELEMENTS", 900)
    with pytest.raises(NotReadable):
        read(content, reading())


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/evil.xml", "a/../../evil.xml", "C:/evil.xml", "..\\evil.xml"])
def test_a_package_that_would_leave_its_folder_is_refused(name: str) -> None:
    with pytest.raises(NotReadable, match="leave the package"):
        qti.read(package({name: QTI2}), reading())


def test_a_zip_bomb_is_refused() -> None:
    with pytest.raises(NotReadable, match="unpack to more"):
        qti.read(package({"a.xml": QTI2}, {"bomb": b"\0" * 60_000_000}), reading())
    lying = package({"a.xml": QTI2}, {"bomb": b"\0" * 3_000_000}).replace(
        (3_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little")
    )
    with pytest.raises(NotReadable):
        qti.read(lying, reading())


@pytest.mark.parametrize(
    "content",
    [
        b"PK",
        b"PK\x03\x04" + b"\xff" * 200,
        package({"a.xml": BOMB.decode()}),
        package({"a.xml": "no"}),
        package({}),
        package({"a.xml": QTI2}, kind="webcontent"),
    ],
)
def test_a_broken_package_is_refused(content: bytes) -> None:
    with pytest.raises(NotReadable):
        qti.read(content, reading())


def test_a_picture_outside_of_the_package_is_not_read() -> None:
    item = QTI2.replace("images/net.png", "../../../../etc/passwd.png")
    found = qti.read(package({"luggage.xml": item}), reading())
    assert not found.pictures
    assert "It is not in the package." in [loss.why.en for loss in found.losses]


@pytest.mark.parametrize("deep", ["<b>" * 3_000, "<ul><li>" * 2_000, "x" * 60_000, "<blockquote>" * 900])
def test_markup_beyond_measure_is_refused_or_read(deep: str) -> None:
    content = f'<quiz><question type="truefalse"><name><text>a</text></name><questiontext format="html"><text><![CDATA[{deep}]]></text></questiontext></question></quiz>'
    try:
        found = moodle.read(content.encode(), reading())
    except NotReadable:
        return
    assert found.quiz.questions


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "}",
        "::",
        "a{",
        "a}{",
        "{=",
        "a{=}",
        "a{~}",
        "a{#}",
        "a{#:}",
        "a{=->}",
        "a{=a->b}",
        "a{%50%}",
        "\\",
        "a{~%999999999%b}",
        "a{####}",
        "a{T",
        "[html]{T}",
        "a{#1..}",
        "a{#1:x}",
        "a{#nan}",
        "a{#1e99999}",
    ],
)
def test_gift_that_is_none_is_refused_or_listed(text: str) -> None:
    try:
        found = gift.read(text.encode(), reading())
    except NotReadable:
        return
    assert found.losses or found.quiz.questions


def broken(content: bytes, random: Random) -> bytes:
    """The file with a few places changed, doubled or gone."""
    made = bytearray(content)
    for _ in range(random.randint(1, 5)):
        at, size = random.randrange(len(made)), random.randint(0, 40)
        pieces = [
            b"",
            b"=",
            b"{",
            b"}",
            b"\\",
            b"<b>",
            b"&lt;",
            b"<![CDATA[",
            b"-1",
            b"1e999",
            b"\xff",
            b"<!x",
            bytes(made[at : at + size]),
        ]
        made[at : at + random.choice([0, size])] = random.choice(pieces)
    return bytes(made)


@pytest.mark.parametrize("source", ["moodle4.xml", "mixed.gift", "qti12", "qti2", "qti3", "package"])
def test_a_broken_file_is_refused_or_what_is_read_of_it_can_be_written(source: str, tmp_path: Path) -> None:
    canvas = zipfile.ZipFile(SAMPLES / "qti_package_maker-canvas.zip")
    made = {
        "qti12": canvas.read("canvas_qti12_questions/canvas_qti12_questions.xml"),
        "qti2": QTI2.encode(),
        "qti3": QTI3.encode(),
        "package": package({"a.xml": QTI2}),
    }
    content = made[source] if source in made else (SAMPLES / source).read_bytes()
    read = {".xml": moodle.read, ".gift": gift.read}.get(Path(source).suffix, qti.read)
    random = Random(source)
    for _ in range(60):
        try:
            found = read(broken(content, random), reading())
        except NotReadable:
            continue
        for half, text in zip(("public", "secret"), toml.halves(found.quiz), strict=True):
            (tmp_path / half).mkdir(exist_ok=True)
            (tmp_path / half / "quiz.toml").write_text(text, encoding="utf-8")
        again = Bank(tmp_path / "public", tmp_path / "secret").load("quiz")
        assert [one.id for one in again.questions] == [one.id for one in found.quiz.questions]


# ------------------------------------------------------------------------------------------------- the commands


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty course with the topics of ours."""
    for folder in ("assignments/quizzes", "reference/quizzes"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "assignments/topics.toml").write_bytes((ROOT / "assignments/topics.toml").read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def grader(course: Path, *words: str) -> tuple[int, str]:
    options = ["--assignments", str(course / "assignments"), "--reference", str(course / "reference")]
    result = CliRunner().invoke(cli, [*options, "quiz", *words])
    if isinstance(result.exception, BadInput):
        return 2, result.exception.text.en
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_an_import_writes_both_halves_and_says_what_is_left_to_do(course: Path) -> None:
    code, output = grader(
        course, "import", str(SAMPLES / "moodle4.xml"), "--id", "week4-moodle", "--topic", "perceptron", "--json"
    )
    said = json.loads(output)
    assert code == 1
    assert said["quiz"] == "week4-moodle"
    assert len(said["questions"]) == 7
    assert {loss["question"] for loss in said["losses"]} >= {"explain", "gaps"}
    assert any("TODO" in fault["text"]["en"] for fault in said["faults"])
    loaded = Bank(course / "assignments/quizzes", course / "reference/quizzes").load("week4-moodle")
    assert "answer" not in (course / "assignments/quizzes/week4-moodle.toml").read_text()
    assert "explanation" not in (course / "assignments/quizzes/week4-moodle.toml").read_text()
    assert (course / "assignments/quizzes/pictures" / loaded.questions[0].picture).is_file()


def test_an_import_overwrites_nothing_unless_told_to(course: Path) -> None:
    words = ("import", str(SAMPLES / "mixed.gift"), "--id", "mine")
    grader(course, *words)
    before = (course / "assignments/quizzes/mine.toml").read_bytes()
    (course / "reference/quizzes/mine.toml").write_text("# edited")
    code, output = grader(course, *words, "--lang", "en")
    assert code == 2
    assert "--force" in output
    assert (course / "reference/quizzes/mine.toml").read_text() == "# edited"
    assert grader(course, *words, "--force", "--lang", "ko")[0] == 1
    assert (course / "assignments/quizzes/mine.toml").read_bytes() == before


@pytest.mark.parametrize("name", ["../evil", "a/b", "A", "", "a b", "-"])
def test_a_quiz_is_not_written_elsewhere(course: Path, name: str) -> None:
    assert grader(course, "import", str(SAMPLES / "mixed.gift"), "--id", name)[0] == (1 if not name else 2)
    assert not list(course.parent.glob("evil*"))


def test_a_file_that_is_none_is_refused_with_what_to_do(course: Path) -> None:
    (course / "evil.xml").write_bytes(BOMB)
    code, output = grader(course, "import", "evil.xml", "--lang", "en")
    assert code == 2
    assert "document type" in output
    assert not list((course / "assignments/quizzes").iterdir())


@pytest.mark.parametrize("format", FORMATS)
def test_a_quiz_goes_out_and_into_another_course(course: Path, format: str) -> None:
    out = course / "quiz.file"
    code, output = grader(
        ROOT, "export", "week4-perceptron", "--format", format, "--out", str(out), "--variants", "2", "--json"
    )
    said = json.loads(output)
    assert code == 1
    assert {"smallest-bias", "rule-step"} <= {
        loss["question"] for loss in said["losses"] if loss["what"]["en"] == "the generator"
    }
    first = out.read_bytes()
    grader(ROOT, "export", "week4-perceptron", "--format", format, "--out", str(out), "--variants", "2", "--force")
    assert out.read_bytes() == first
    code, output = grader(
        course, "import", str(out), "--id", "again", "--format", format, "--title", "다시", "Again", "--json"
    )
    assert {"smallest-bias-v1", "smallest-bias-v2"} <= set(json.loads(output)["questions"])
    stems = [
        one.stem.en for one in Bank(course / "assignments/quizzes").load("again").questions if "smallest-bias" in one.id
    ]
    assert len(set(stems)) == 2
    errors = [fault for fault in json.loads(output)["faults"] if fault["kind"] == "error"]
    assert errors == []  # both languages, topics, feedback and keys went over
