"""Files that other programs wrote (samples/README.md): what they become, what is said to be lost, and back again."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from grader import misconception
from grader.cli import cli
from grader.quiz import html, lint
from grader.quiz.bank import Bank
from grader.quiz.exchange import canvas, gift, mathml, moodle, qti, toml
from grader.quiz.exchange.carried import Asked, Found, Loss, NotReadable, Paper, Reading
from grader.quiz.question import Key, Kind, Option, Posed, Question, Quiz
from grader.text import Text

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = Path(__file__).parent / "samples"
TODO = Text("TODO(ko): 제목", "TODO(en): title")
WRITE: Mapping[str, Callable[[Paper], tuple[bytes, list[Loss]]]] = {
    "moodle": lambda paper: moodle.write(paper, None),
    "gift": lambda paper: gift.write(paper, None),
    "qti12": lambda paper: canvas.write(paper, None),
    "qti": lambda paper: qti.write(paper, None, "2.1"),
    "qti3": lambda paper: qti.write(paper, None, "3.0"),
}


@dataclass(frozen=True)
class Sample:
    """A file, what its questions are and all that is lost of it."""

    keys: Mapping[str, tuple[str, Any]]
    lost: list[str]
    language: str = "en"


MIXED = {
    "choice": ("choice", "Cross entropy"),
    "multiple": ("multiple", ["tanh", "sigmoid"]),
    "number": ("number", (0.88, 0.005)),
    "text": ("text", ["epoch", "an epoch"]),
    "match": ("match", {"Two classes": "Sigmoid", "Ten classes": "Softmax", "A price": "Linear"}),
}
ORDER = ("order", ["Forward pass", "Loss", "Backward pass", "Update"])


def mixed(*ids: str) -> dict[str, tuple[str, Any]]:
    return dict(zip(ids, (*MIXED.values(), ORDER), strict=False))


BLACKBOARD21 = mixed(
    "que-1e54-d7bb-1e7b", "que-286d-235e-81ed", "que-f658-2b34-8ffc", "que-f513-7afb-c723", "que-9022-a4a7-efbb",
    "que-019c-ff33-5e36",
)  # fmt: skip
MADE: Mapping[str, Sample] = {
    "text2qti.zip": Sample(
        {
            "range-of-the-sigmoid": ("choice", "Between 0 and 1"),
            "xor": ("choice", "False"),
            "activation-functions": ("multiple", ["ReLU", "tanh"]),
            "parameters-of-a-layer": ("number", (15, 0)),
            "square-root": ("number", (1.4142, 0.0001)),
            "a-good-rate": ("number", (0.0055, 0.0045)),
            "per-cent": ("number", (200, 40)),
            "the-middle": ("text", ["hidden layer", "hidden"]),
            "quiz-9": ("choice", "Probabilities"),
            "quiz-10": ("choice", "An index"),
        },
        [
            "-: the description Written as plain text, made into a package by text2qti.",
            "-: drawing 1 of 'Group'",
            "range-of-the-sigmoid: what is said of the right answer",
            "why: the whole question",
            "your-notebook: the whole question",
            "read-this: the whole question",
        ],
    ),
    "qti_package_maker-canvas.zip": Sample(
        mixed("multiple-choice-001", "multiple-answer-002", "numeric-003", "fib-004", "matching-005"),
        ["fib-multi-006: the whole question"],
    ),
    "qti_package_maker-blackboard.zip": Sample(
        mixed("quiz-1", "quiz-2", "quiz-3", "quiz-4", "quiz-5"), ["quiz-6: the whole question"]
    ),
    "qti_package_maker-blackboard21.zip": Sample(BLACKBOARD21, ["que-2a02-4114-27fc: the whole question"]),
    "citolab-qti3.zip": Sample(BLACKBOARD21, ["que-2a02-4114-27fc: the whole question"]),
    "incept-qti3.xml": Sample({"conv-size": ("choice", "Height and width")}, []),
    "json2qti.zip": Sample({"quiz-1": ("choice", "드롭아웃"), "quiz-2": ("choice", "덜 흔들린다")}, [], "ko"),
    "gift-wrapper.gift.txt": Sample(
        {"momentum": ("choice", "A running mean"), "adam": ("choice", "Adam"), "steps": ("number", (20, 1))},
        ["-: the category $course$/Optimisers", "adam: marks for a part"],
    ),
    "moodlexport.xml": Sample(
        {
            "scale": ("choice", "The root of the key's size, $\\sqrt{d_k}$"),
            "parts": ("multiple", ["Attention", "Positions"]),
        },
        [
            "-: the category $module$/top/Attention",
            *(
                f"{id}: {name}feedback: Votre réponse est {words}."
                for id in ("scale", "parts")
                for name, words in (
                    ("correct", "correcte"),
                    ("partiallycorrect", "partiellement correcte"),
                    ("incorrect", "incorrecte"),
                )
            ),
            "mask: the whole question",
        ],
    ),
    "moodle-questions.xml": Sample(
        {"weight-decay": ("choice", "The squared norm of the weights"), "overfitting": ("text", ["overfitting"])},
        ["overfitting: 'memorising' for 50%"],
    ),
}


def read(name: str, content: bytes, language: str = "en") -> Found:
    reader = {"gift": gift.read, "txt": gift.read, "moodle": moodle.read}.get(name.rpartition(".")[2], qti.read)
    if content.lstrip().startswith(b"<") and b"<quiz" in content[:200]:
        reader = moodle.read
    return reader(content, Reading("quiz", TODO, language))  # type: ignore[arg-type]


def sample(name: str) -> Found:
    return read(name, (SAMPLES / name).read_bytes(), MADE[name].language)


def right(question: Question, key: Key, language: str) -> tuple[str, Any]:
    """The kind and what is right, in words."""
    texts = {option.id: option.text.into(language) for option in (*question.left, *question.options)}
    answer: Any = key.answer
    if question.kind is Kind.CHOICE:
        answer = texts[answer]
    elif question.kind in (Kind.MULTIPLE, Kind.ORDER):
        answer = [texts[id] for id in answer]
    elif question.kind is Kind.MATCH:
        answer = {texts[one.id]: texts[answer[one.id]] for one in question.left}
    elif question.kind is Kind.NUMBER:
        answer = (answer, key.atol)
    elif question.kind is Kind.TEXT:
        answer = answer["accepted"]
    return str(question.kind), answer


def of(found: Found) -> list[str]:
    return [f"{loss.question}: {loss.what.en}" for loss in found.losses]


@pytest.mark.parametrize("name", MADE)
def test_a_file_of_another_program_is_read_and_its_losses_are_these(name: str) -> None:
    found, wanted = sample(name), MADE[name]
    answers = {one.id: right(one, found.quiz.keys[one.id], wanted.language) for one in found.quiz.questions}
    assert answers == wanted.keys
    assert of(found) == wanted.lost


def test_what_canvas_says_of_answers_is_kept_with_points_formulas_and_picture() -> None:
    found = sample("text2qti.zip")
    question, key = found.quiz.questions[0], found.quiz.keys["range-of-the-sigmoid"]
    assert question.stem.en == "What values can the **sigmoid** $\\sigma(z)$ take?"
    assert question.alt is not None
    assert question.alt.en == "An S-shaped curve"
    assert found.pictures["range-of-the-sigmoid.png"].startswith(b"\x89PNG")
    assert key.weight == 2
    assert key.explanation.en == "It is $1 / (1 + e^{-z})$."
    assert {id: text.en for id, text in key.feedback.items()} == {
        "b": "That is $\\tanh$.\n\nDraw the curve and look again.",
        "c": "Draw the curve and look again.",
    }
    assert found.quiz.keys["activation-functions"].feedback["b"].en == "It is one, too."
    assert found.quiz.title.en == "Activations and losses"


# ------------------------------------------------------------------------------------------------- there and back


def finished(found: Found, topic: str) -> Quiz:
    """The quiz after somebody wrote all that an import leaves to write."""

    def said(text: Text) -> Text:
        english = re.sub("[가-힣]", lambda one: chr(ord("a") + ord(one[0]) % 26), text.en)
        return Text(text.ko.replace("TODO(ko):", "우리말로"), english.replace("TODO(en):", "In English"))

    def all_said(options: tuple[Option, ...]) -> list[Option]:
        return [replace(option, text=said(option.text)) for option in options]

    questions, keys = [], {}
    for question in found.quiz.questions:
        key = found.quiz.keys[question.id]
        right = key.answer if isinstance(key.answer, list) else [key.answer]
        chosen = question.kind in (Kind.CHOICE, Kind.MULTIPLE)
        wrong = [one.id for one in question.options if chosen and one.id not in right]
        feedback = {id: key.feedback.get(id, Text("아닙니다.", "It is not.")) for id in (*key.feedback, *wrong)}
        keys[question.id] = replace(
            key,
            explanation=said(key.explanation),
            feedback={id: said(text) for id, text in feedback.items()},
            wrong=[replace(one, text=said(one.text)) for one in key.wrong],
        )
        questions.append(
            replace(
                question,
                topic=topic,
                stem=said(question.stem),
                alt=said(question.alt) if question.alt else None,
                options=all_said(tuple(question.options)),
                left=all_said(tuple(question.left)),
            )
        )
    return replace(found.quiz, title=said(found.quiz.title), questions=questions, keys=keys)


def words(text: Text) -> tuple[str, ...]:
    return tuple(re.sub(r"<(span|/span)[^>]*>|\s", "", html.stem(one)) for one in (text.ko, text.en))


def told(question: Question, key: Key) -> dict[tuple[str, ...], tuple[str, ...]]:
    """What is said of each option or wrong answer, by its text."""
    texts = {option.id: words(option.text) for option in (*question.left, *question.options)}
    expected = {(str(one.value),): words(one.text) for one in key.wrong}
    return {texts[id]: words(text) for id, text in key.feedback.items()} | expected


@pytest.mark.parametrize("name", MADE)
def test_it_passes_lint_goes_out_in_every_format_and_comes_back_the_same(name: str, tmp_path: Path) -> None:
    found = sample(name)
    quiz = finished(found, "activations")
    for folder, text in zip(("public", "secret"), toml.halves(quiz), strict=True):
        (tmp_path / folder / "pictures").mkdir(parents=True)
        (tmp_path / folder / "quiz.toml").write_text(text, encoding="utf-8")
    for file, content in found.pictures.items():
        (tmp_path / "public" / "pictures" / file).write_bytes(content)
    bank = Bank(tmp_path / "public", tmp_path / "secret")
    faults = lint.lint(bank, misconception.topics(ROOT / "assignments"), ("quiz",))
    assert [fault.text.en for fault in faults if not fault.warning] == []
    loaded = bank.load("quiz")
    paper = Paper(
        "quiz", loaded.title, [Asked(Posed(one, loaded.keys[one.id])) for one in loaded.questions], found.pictures
    )
    for format, write in WRITE.items():
        content, lost = write(paper)
        back = read(f"back.{format}", content, MADE[name].language)
        missing = {(loss.question, loss.what.en) for loss in lost}
        assert back.losses == []
        assert [one.id for one in back.quiz.questions] == [one.id for one in loaded.questions]
        for sent, again in zip(loaded.questions, back.quiz.questions, strict=True):
            key, decides = loaded.keys[sent.id], back.quiz.keys[sent.id]
            assert again.kind is sent.kind, format
            assert words(again.stem) == words(sent.stem), format
            assert right(again, decides, "en") == approximately(right(sent, key, "en")), format
            assert words(decides.explanation) == words(key.explanation), format
            if (sent.id, "its weight") not in missing:
                assert decides.weight == key.weight, format
            if (sent.id, "its picture") not in missing:
                assert back.pictures.get(again.picture) == found.pictures.get(sent.picture), format
            if (sent.id, "the feedback for expected wrong answers") not in missing:
                assert told(again, decides) == told(sent, key), format


def approximately(answer: tuple[str, Any]) -> tuple[str, Any]:
    kind, value = answer
    return (kind, pytest.approx(value)) if kind == "number" else answer


# ------------------------------------------------------------------------------------------------- the command


@pytest.mark.parametrize("name", ["text2qti.zip", "bare.xml"])
def test_the_command_knows_qti_12_by_its_content(name: str, tmp_path: Path) -> None:
    for folder in ("assignments/quizzes", "reference/quizzes"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "assignments/topics.toml").write_bytes((ROOT / "assignments/topics.toml").read_bytes())
    (tmp_path / name).write_bytes(
        (SAMPLES / name).read_bytes() if name.endswith(".zip") else bare("qti_package_maker-canvas.zip")
    )
    where = ["--assignments", str(tmp_path / "assignments"), "--reference", str(tmp_path / "reference")]
    result = CliRunner().invoke(cli, [*where, "quiz", "import", str(tmp_path / name), "--id", "quiz", "--json"])
    assert result.exit_code == 1
    said = json.loads(result.output)
    wanted = MADE["text2qti.zip" if name.endswith(".zip") else "qti_package_maker-canvas.zip"]
    assert said["questions"] == list(wanted.keys)
    assert [f"{loss['question']}: {loss['what']['en']}" for loss in said["losses"]] == wanted.lost


def bare(name: str) -> bytes:
    """The file of questions in a package of QTI 1.2."""
    with zipfile.ZipFile(io.BytesIO((SAMPLES / name).read_bytes())) as package:
        contents = [package.read(one) for one in package.namelist()]
    return next(content for content in contents if b"<questestinterop" in content)


# ------------------------------------------------------------------------------------------------- details of QTI 1.2


def item(answers: str, rules: str, *, feedback: str = "", more: str = "") -> str:
    said = "".join(
        f'<itemfeedback ident="{one}"><material><mattext>Said {one}.</mattext></material></itemfeedback>'
        for one in feedback.split()
    )
    return f"""<questestinterop><item ident="x" title="An item">{more}<presentation><material>
      <mattext>Which?</mattext></material>{answers}</presentation><resprocessing><outcomes>
      <decvar maxvalue="100"/></outcomes>{rules}</resprocessing>{said}</item></questestinterop>"""


def rule(test: str, score: float | None = None, shows: str = "") -> str:
    points = "" if score is None else f"<setvar action='Set'>{score}</setvar>"
    links = "".join(f'<displayfeedback linkrefid="{one}"/>' for one in shows.split())
    return f"<respcondition><conditionvar>{test}</conditionvar>{points}{links}</respcondition>"


def equal(value: str, place: str = "r") -> str:
    return f'<varequal respident="{place}">{value}</varequal>'


def choose(*values: str, place: str = "r", cardinality: str = "Single", left: str = "") -> str:
    labels = "".join(
        f'<response_label ident="{one}"><material><mattext>{one.upper()}</mattext></material></response_label>'
        for one in values
    )
    own = f"<material><mattext>{left}</mattext></material>" if left else ""
    inner = f"{own}<render_choice>{labels}</render_choice>"
    return f'<response_lid ident="{place}" rcardinality="{cardinality}">{inner}</response_lid>'


WRITTEN = '<response_str ident="r"><render_fib fibtype="{}"><response_label ident="a"/></render_fib></response_str>'


def one(text: str) -> tuple[Question, Key, list[str]]:
    found = read("x.xml", text.encode())
    (question,) = found.quiz.questions
    return question, found.quiz.keys[question.id], of(found)


def test_marks_of_several_right_options_are_added() -> None:
    rules = rule(equal("a"), 25) + rule(equal("b"), -10) + rule(equal("c"), 25)
    question, key, lost = one(item(choose("a", "b", "c", cardinality="Multiple"), rules))
    assert (question.kind, key.answer, lost) == (Kind.MULTIPLE, ["a", "c"], [])


def test_two_options_that_are_both_right_stay_so_in_every_format() -> None:
    rules = rule(f"<or>{equal('a')}{equal('b')}</or>", 100)
    question, key, lost = one(item(choose("a", "b", "c"), rules))
    assert (question.kind, key.answer, lost) == (Kind.CHOICE, ["a", "b"], [])
    for format, write in WRITE.items():
        content, _ = write(Paper("quiz", TODO, [Asked(Posed(question, key))]))
        back = read(f"back.{format}", content)
        assert right_texts(back) == ["A", "B"], format


def right_texts(found: Found) -> list[str]:
    (question,) = found.quiz.questions
    texts = {option.id: option.text.en for option in question.options}
    return [texts[id] for id in found.quiz.keys[question.id].answer]


def test_partners_with_one_too_many_and_what_is_said_of_a_wrong_one() -> None:
    places = choose("a", "b", place="p", left="One") + choose("a", "b", "c", place="q", left="Two")
    rules = rule(equal("b", "p"), 50) + rule(f"<not>{equal('b', 'p')}</not>", shows="no") + rule(equal("a", "q"), 50)
    question, key, lost = one(item(places, rules, feedback="no lonely"))
    assert right(question, key, "en") == ("match", {"One": "B", "Two": "A"})
    assert {option.text.en for option in question.options} == {"A", "B", "C"}
    assert key.feedback["1"].en == "Said no."
    assert lost == ["an-item: the feedback 'lonely'"]


@pytest.mark.parametrize(
    ("test", "answer", "lost"),
    [
        ('<varequal respident="r" margintype="percent" margin="20">50</varequal>', (50, 10.0), []),
        ("<vargte>2</vargte><varlte>3</varlte>", (2.5, 0.5), []),
        (f"<or>{equal('9.0')}<and><vargte>9</vargte><varlte>9</varlte></and></or>", (9, 0.0), []),
        (
            f"<or>{equal('9')}<and><vargte>8</vargte><varlte>12</varlte></and></or>",
            (9, 3.0),
            ["an-item: the range from 8 to 12"],
        ),
    ],
)
def test_numbers_within_margins_and_ranges(test: str, answer: tuple[float, float], lost: list[str]) -> None:
    question, key, said = one(item(WRITTEN.format("Decimal"), rule(test, 100)))
    assert (question.kind, (key.answer, key.atol), said) == (Kind.NUMBER, answer, lost)


def test_words_with_case_parts_and_marks() -> None:
    rules = (
        rule('<varequal respident="r" case="Yes">ReLU</varequal><varsubstring respident="r">rectif</varsubstring>', 100)
        + rule(equal("linear"), 40)
        + rule(equal("step"), shows="step")
        + rule("<other/>", 0, "wrong")
    )
    _, key, lost = one(item(WRITTEN.format("String"), rules, feedback="step wrong"))
    assert key.answer == {"accepted": ["ReLU"], "patterns": ["(?>.*?rectif).*"]}
    assert [(one.value["accepted"], one.text.en) for one in key.wrong] == [(["step"], "Said step.")]
    assert lost == [
        "an-item: the difference of cases",
        "an-item: 'linear' for 40%",
        "an-item: what is said of every wrong answer",
    ]


@pytest.mark.parametrize(
    ("answers", "rules"),
    [
        (WRITTEN.format("String"), ""),  # nothing is right: a person marks it
        (choose("a", "b"), ""),
        (WRITTEN.format("String") * 2, rule(equal("a"), 100)),
        (choose("a", "b", place="p") + choose("c", "d", place="q"), rule(equal("a", "p"), 50)),
        (choose("a", "b", cardinality="Ordered"), rule(equal("a"), 100)),
        ('<response_xy ident="r"/>', rule(equal("1,2"), 100)),
        ("", ""),
    ],
)
def test_what_there_is_no_question_for_is_listed(answers: str, rules: str) -> None:
    found = read("x.xml", item(answers, rules).encode())
    assert found.quiz.questions == []
    assert of(found) == ["an-item: the whole question"]


def test_pictures_and_sounds_of_a_text_are_kept_or_listed() -> None:
    seen = (
        '<material><matimage imagtype="image/png" label="A net" embedded="base64">iVBORw0KGgo=</matimage>'
        '<mataudio uri="a.mp3"/></material>'
    )
    found = read("x.xml", item(seen + choose("a", "b", "c"), rule(equal("a"), 100)).encode())
    assert found.pictures == {"an-item.png": b"\x89PNG\r\n\x1a\n"}
    assert of(found) == ["an-item: <audio> (a picture or sound)"]


def test_what_stands_beside_a_question_is_listed() -> None:
    more = "<rubric view='Scorer'><material><mattext>Be kind.</mattext></material></rubric>"
    assert one(item(choose("a", "b", "c"), rule(equal("a"), 100), more=more))[2] == ["an-item: rubric: Be kind."]


def test_a_package_for_canvas_names_its_files_and_draws_one_variant() -> None:
    question = Question(
        "q", Kind.NUMBER, "xor", 1, Text("몇?", "How many?"), picture="net.png", alt=Text("망", "A net")
    )
    key = Key(2.5, Text("둘 반", "Two and a half"), 3.0, atol=0.5, rtol=0.0)
    asked = [Asked(Posed(question, key), variant) for variant in (1, 2)]
    content, _ = canvas.write(Paper("quiz", Text("퀴즈", "Quiz"), asked, {"net.png": b"\x89PNG\r\n\x1a\n"}), "en")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        named = re.findall(r'<file href="([^"]+)"', package.read("imsmanifest.xml").decode())
        assert set(named) == set(package.namelist()) - {"imsmanifest.xml"}
    found = read("x.zip", content)
    assert [one.id for one in found.quiz.questions] == ["q-v1", "q-v2"]
    assert set(found.pictures) == {"q-v1.png", "q-v2.png"}
    assert of(found) == ["-: drawing 1 of 'q'"]
    assert [key.weight for key in found.quiz.keys.values()] == [3, 3]


def test_a_course_of_canvas_has_all_of_a_quiz_in_a_second_file() -> None:
    first = item(choose("a", "b", "c"), rule(equal("a"), 100))
    whole = first.replace(
        "</item>",
        "</item>"
        + bare("qti_package_maker-canvas.zip")
        .decode()
        .split("<section")[1]
        .partition(">")[2]
        .partition("</section>")[0],
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        package.writestr(
            "imsmanifest.xml",
            """<manifest xmlns="http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"><resources>
            <resource identifier="g1" type="imsqti_xmlv1p2/imscc_xmlv1p1/assessment"><file href="g1/assessment_qti.xml"/>
            </resource></resources></manifest>""",
        )
        package.writestr("g1/assessment_qti.xml", first)
        package.writestr("non_cc_assessments/g1.xml.qti", whole)
    assert len(read("x.zip", made.getvalue()).quiz.questions) == 6


# ------------------------------------------------------------------------------------------------- details of QTI 2

OUTCOME = '<setOutcomeValue identifier="{}"><baseValue baseType="{}">{}</baseValue></setOutcomeValue>'
ITEM2 = f"""<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="shift" title="Shift">
  <responseDeclaration identifier="RESPONSE" cardinality="single" baseType="identifier">
    <correctResponse><value>A</value></correctResponse></responseDeclaration>
  <itemBody><choiceInteraction responseIdentifier="RESPONSE" maxChoices="1"><prompt>A bias moves the line.</prompt>
    <simpleChoice identifier="A">True</simpleChoice><simpleChoice identifier="B">False</simpleChoice>
  </choiceInteraction></itemBody>
  <responseProcessing><responseCondition>
    <responseIf><match><variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></match>
      {OUTCOME.format("FEEDBACK", "identifier", "yes")}</responseIf>
    <responseElseIf><isNull><variable identifier="RESPONSE"/></isNull>{OUTCOME.format("SCORE", "float", "0.5")}
      </responseElseIf>
    <responseElse>{OUTCOME.format("FEEDBACK", "identifier", "no")}</responseElse>
  </responseCondition></responseProcessing>
  <modalFeedback outcomeIdentifier="FEEDBACK" identifier="yes" showHide="show">Yes.</modalFeedback>
  <modalFeedback outcomeIdentifier="FEEDBACK" identifier="no" showHide="show">Try without one.</modalFeedback>
  <modalFeedback outcomeIdentifier="FEEDBACK" identifier="lonely" showHide="show">Hm.</modalFeedback>
</assessmentItem>"""


def test_feedback_of_qti_2_for_every_wrong_answer_and_marks_for_a_part() -> None:
    question, key, lost = one(ITEM2)
    assert [option.text for option in question.options] == [Text("참", "True"), Text("거짓", "False")]
    assert key.feedback["false"].en == "Try without one."
    assert lost == [
        "shift: the feedback 'lonely'",
        "shift: what is said of the right answer",
        "shift: marks for a part",
    ]


# ------------------------------------------------------------------------------------------------- formulas, pictures


@pytest.mark.parametrize(
    ("markup", "tex"),
    [
        ("<mfrac><mn>1</mn><msqrt><mi>d</mi></msqrt></mfrac>", r"\frac{1}{\sqrt{d}}"),
        ("<msubsup><mi>w</mi><mi>i</mi><mn>2</mn></msubsup><mo>&times;</mo><mi>x</mi>", r"{w}_{i}^{2}\times x"),
        ("<mi>softmax</mi><mfenced><mi>z</mi></mfenced>", r"\mathrm{softmax}(z)"),
        ("<mo>&lt;</mo><mo>%</mo>", r"<\%"),
        ("<mfrac><mn>1</mn></mfrac>", None),
        ("<mtable><mtr/></mtable>", None),
    ],
)
def test_a_formula_in_mathml_alone_is_read(markup: str, tex: str | None) -> None:
    assert mathml.tex(f'<math xmlns="http://www.w3.org/1998/Math/MathML">{markup}</math>') == tex


def test_a_formula_of_unknown_form_is_listed() -> None:
    text = "::Q::[html]See <math><mtable><mtr><mtd><mn>1</mn></mtd></mtr></mtable></math>?{T}"
    assert of(read("x.gift", text.encode())) == ["q: a formula in MathML"]


@pytest.mark.parametrize(
    ("drawn", "lost"),
    [
        ('<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>', []),
        ('<svg onload="alert(1)"></svg>', ["q: the picture embedded-1.svg"]),
        ("<svg><script>alert(1)</script></svg>", ["q: the picture embedded-1.svg"]),
        ('<img src="data:image/png;base64,iVBORw0KGgo=" alt="A dot">', []),
        ('<img src="data:image/png;base64,AAAA">', ["q: the picture embedded-1.png"]),
        ('<img src="http://127.0.0.1/x.png">', ["q: the picture http://127.0.0.1/x.png"]),
    ],
)
def test_a_picture_that_stands_in_the_text_is_kept_if_it_cannot_act(drawn: str, lost: list[str]) -> None:
    escaped = re.sub(r"([\\~=#{}:])", r"\\\1", drawn)
    found = read("x.gift", f"::Q::[html]See {escaped}{{T}}".encode())
    assert of(found) == lost
    assert list(found.pictures) == ([] if lost else [f"q.{'svg' if 'svg' in drawn else 'png'}"])


def test_texts_of_gift_without_a_format_have_that_of_their_question() -> None:
    found = read("x.gift", b"::Q::[markdown]Which is **right**?{=`a` ~`b`#It is *not*. ####Look **here**.}")
    assert found.quiz.questions[0].options[0].text.en == "`a`"
    assert found.quiz.keys["q"].feedback["b"].en == "It is *not*."
    assert found.quiz.keys["q"].explanation.en == "Look **here**."


# ------------------------------------------------------------------------------------------------- attacks


@pytest.mark.parametrize(
    "start",
    [
        '<!DOCTYPE questestinterop SYSTEM "x.dtd" [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE questestinterop [<!ENTITY a "aaaaaaaaaa">]>',
        '<!DOC<!DOCTYPE questestinterop SYSTEM "x">TYPE questestinterop SYSTEM "y">',
        '<!DOCTYPE questestinterop SYSTEM "x.dtd"><!DOCTYPE questestinterop SYSTEM "y.dtd">',
        '<?xml-stylesheet href="http://127.0.0.1:9/evil.xsl"?>',
    ],
)
def test_a_document_type_with_anything_in_it_is_refused(start: str) -> None:
    with pytest.raises(NotReadable):
        read("x.xml", (start + item(choose("a", "b", "c"), rule(equal("a"), 100))).encode())


def test_a_document_type_that_only_names_the_dtd_of_qti_12_is_passed_over() -> None:
    start = '<?xml version="1.0"?>\n<!DOCTYPE questestinterop SYSTEM "ims_qtiasiv1p2p1.dtd">\n'
    assert len(read("x.xml", (start + item(choose("a", "b", "c"), rule(equal("a"), 100))).encode()).quiz.questions) == 1
    with pytest.raises(NotReadable):
        read("x.xml", (start + "<questestinterop>&file;</questestinterop>").encode())


def test_a_picture_is_not_taken_from_outside_of_a_canvas_package() -> None:
    made = io.BytesIO()
    text = item(choose("a", "b", "c"), rule(equal("a"), 100)).replace(
        "Which?", "&lt;p&gt;&lt;img src='$IMS-CC-FILEBASE$/../../../etc/passwd.png'&gt;&lt;/p&gt;"
    )
    with zipfile.ZipFile(made, "w") as package:
        package.writestr("quiz/x.xml", text)
    found = read("x.zip", made.getvalue())
    assert found.pictures == {}
    assert of(found) == ["an-item: the picture $IMS-CC-FILEBASE$/../../../etc/passwd.png"]
