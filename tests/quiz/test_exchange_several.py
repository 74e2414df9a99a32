"""Files of other systems with several quizzes: each becomes a quiz of its own, or all of them one."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from grader.cli import cli
from grader.quiz import xml
from grader.quiz.bank import Bank
from grader.quiz.exchange import assessments, carried, package, qti, several
from grader.quiz.exchange.carried import Found, NotReadable, Reading
from grader.text import Text

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = Path(__file__).parent / "samples"
XOR, LOSSES, BANK, UNFILED = (f"g{number}0123456789abcdef" for number in ("1a", "2b", "3c", "4d"))
HEX = "0123456789abcdef"  # in every id that Canvas gives
SETTINGS = "associatedcontent/imscc_xmlv1p1/learning-application-resource"
TERMS = several.Terms(Text("TODO(ko): 제목", "TODO(en): title"), None, "todo", 1)

# ------------------------------------------------------------------------------------------------- what Canvas writes


def item(id: str, stem: str, right: str, *wrong: str, title: str = "Question", copy_of: str = "") -> str:
    """A question as a course of Canvas has it, complete in both languages if `stem` is."""
    labels = "".join(
        f'<response_label ident="{10 + number}"><material><mattext texttype="text/html">{escape(text)}</mattext></material></response_label>'
        for number, text in enumerate((right, *wrong))
    )
    said = "".join(
        f'<itemfeedback ident="{10 + number}_fb"><flow_mat><material><mattext texttype="text/html">{escape(both("아닙니다.", "It is not."))}</mattext></material></flow_mat></itemfeedback>'
        for number in range(1, len(wrong) + 1)
    )
    shows = "".join(
        f'<respcondition continue="Yes"><conditionvar><varequal respident="response1">{10 + number}</varequal></conditionvar><displayfeedback feedbacktype="Response" linkrefid="{10 + number}_fb"/></respcondition>'
        for number in range(1, len(wrong) + 1)
    )
    fields = {"question_type": "multiple_choice_question", "points_possible": "1.0"}
    fields |= {"assessment_question_identifierref": copy_of + HEX} if copy_of else {}
    return f"""<item ident="{id}{HEX}" title="{title}"><itemmetadata>{metadata(fields)}</itemmetadata><presentation>
      <material><mattext texttype="text/html">{escape(stem)}</mattext></material>
      <response_lid ident="response1" rcardinality="Single"><render_choice>{labels}</render_choice></response_lid>
      </presentation><resprocessing><outcomes><decvar maxvalue="100" minvalue="0" varname="SCORE"/></outcomes>
      <respcondition continue="Yes"><conditionvar><other/></conditionvar><displayfeedback linkrefid="general_fb"/></respcondition>
      {shows}<respcondition continue="No"><conditionvar><varequal respident="response1">10</varequal></conditionvar>
      <setvar action="Set" varname="SCORE">100</setvar></respcondition></resprocessing>{said}
      <itemfeedback ident="general_fb"><flow_mat><material><mattext texttype="text/html">{escape(both("그렇습니다.", "So it is."))}</mattext></material></flow_mat></itemfeedback></item>"""


def both(ko: str, en: str) -> str:
    return f'<span lang="ko">{ko}</span><span lang="en">{en}</span>'


def metadata(fields: Mapping[str, str]) -> str:
    entries = (f"<fieldlabel>{label}</fieldlabel><fieldentry>{entry}</fieldentry>" for label, entry in fields.items())
    return f"<qtimetadata>{''.join(f'<qtimetadatafield>{entry}</qtimetadatafield>' for entry in entries)}</qtimetadata>"


def assessment(id: str, title: str, *items: str) -> str:
    return interop(
        f'<assessment ident="{id}" title="{title}"><section ident="root_section">{"".join(items)}</section></assessment>'
    )


def bank(id: str, title: str, *items: str) -> str:
    return interop(f'<objectbank ident="{id}">{metadata({"bank_title": title})}{"".join(items)}</objectbank>')


def interop(inner: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><questestinterop xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2">{inner}</questestinterop>'


def drawn_from(bank: str, count: int, name: str) -> str:
    return f"""<section ident="group" title="{name}"><selection_ordering><selection><sourcebank_ref>{bank}</sourcebank_ref>
      <selection_number>{count}</selection_number></selection></selection_ordering></section>"""


def settings(id: str, title: str, description: str = "") -> str:
    return f'<quiz identifier="{id}" xmlns="http://canvas.instructure.com/xsd/cccv1p0"><title>{title}</title><description>{description}</description></quiz>'


def course(quizzes: Mapping[str, tuple[str, str]], banks: Mapping[str, str]) -> dict[str, str]:
    """The files of an exported course: of each quiz (its questions, its settings) the part that every Common Cartridge
    can hold, here none, the whole of it, and its settings; of each bank one file that only Canvas reads."""
    files, resources = {"course_settings/course_settings.xml": "<course/>"}, []
    for id, (questions, about) in quizzes.items():
        whole, meta = f"non_cc_assessments/{id}.xml.qti", f"{id}/assessment_meta.xml"
        files |= {f"{id}/assessment_qti.xml": assessment(id, "poor"), meta: about, whole: questions}
        resources.append(
            f'<resource identifier="{id}" type="imsqti_xmlv1p2/imscc_xmlv1p1/assessment"><file href="{id}/assessment_qti.xml"/><dependency identifierref="m{id}"/></resource>'
            f'<resource identifier="m{id}" type="{SETTINGS}" href="{meta}"><file href="{meta}"/><file href="{whole}"/></resource>'
        )
    for id, questions in banks.items():
        name = f"non_cc_assessments/{id}.xml.qti"
        files[name] = questions
        resources.append(
            f'<resource identifier="{id}" type="{SETTINGS}" href="{name}"><file href="{name}"/></resource>'
        )
    return {"imsmanifest.xml": manifest(resources), **files}


def manifest(resources: Sequence[str]) -> str:
    return f'<manifest xmlns="http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"><resources>{"".join(resources)}</resources></manifest>'


def zipped(files: Mapping[str, str]) -> bytes:
    return package.packed({name: content.encode() for name, content in files.items()})


WHY = both("왜 직선이 필요합니까?", "Why does it take a line?")
COURSE = course(
    {
        XOR: (
            assessment(
                XOR,
                "XOR과 직선 / XOR &amp; lines",
                item("q1", WHY, both("나눕니다", "It separates"), both("돕니다", "It turns"), copy_of="a1"),
                item("q2", both("몇 개입니까?", "How many?"), "2", "3", "4", copy_of="a2", title="How many lines"),
                drawn_from(BANK, 2, "Any two"),
            ),
            settings(XOR, "XOR과 직선 / XOR &amp; lines", "&lt;p&gt;Bring a pencil.&lt;/p&gt;"),
        ),
        LOSSES: (
            assessment(
                LOSSES,
                "손실 함수 / Loss functions",
                item("q3", both("무엇입니까?", "What is it?"), both("비용", "A cost"), both("길", "A way"), title="How many lines"),
                item("q4", "<p>Write an essay.</p>", "x", "y").replace("multiple_choice_question", "essay_question"),
            ),
            settings(LOSSES, "손실 함수 / Loss functions"),
        ),
    },
    {
        BANK: bank(BANK, "기울기 / Gradients", item("a9", both("어디로 갑니까?", "Where does it go?"), both("아래로", "Down"), both("위로", "Up"))),
        UNFILED: bank(
            UNFILED,
            "Unfiled Questions",
            item("a1", WHY, both("나눕니다", "It separates"), both("돕니다", "It turns")),
            item("a2", both("몇 개입니까?", "How many?"), "2", "3", "4"),
        ),
    },
)  # fmt: skip


def read(content: bytes, kind: str = "qti", divided: bool | None = None) -> dict[str, Found]:
    found = several.read(several.named(several.parts(content, kind, divided), "from-elsewhere"), TERMS)
    return {one.quiz.id: one for one in found}


def of(found: Found) -> list[str]:
    return [f"{loss.question}: {loss.what.en}" for loss in found.losses]


# ------------------------------------------------------------------------------------------------- what comes of it


def test_each_quiz_and_each_bank_of_a_course_of_canvas_is_a_quiz_and_each_question_comes_once() -> None:
    found = read(zipped(COURSE))
    assert {name: [one.id for one in quiz.quiz.questions] for name, quiz in found.items()} == {
        "xor-lines": ["xor-lines-1", "how-many-lines"],
        "loss-functions": ["how-many-lines-2"],
        "gradients": ["gradients-1"],
    }
    assert found["loss-functions"].quiz.title == Text("손실 함수", "Loss functions")
    assert found["gradients"].quiz.title.en == "Gradients"
    assert of(found["xor-lines"]) == ["-: the description Bring a pencil.", "-: drawing 2 of a bank for 'Any two'"]
    assert "Gradients'" in found["xor-lines"].losses[1].why.en
    assert of(found["loss-functions"]) == ["loss-functions-2: the whole question"]
    assert of(found["gradients"]) == []


def test_a_question_that_its_bank_has_in_other_words_is_not_taken_for_the_same() -> None:
    name = f"non_cc_assessments/{UNFILED}.xml.qti"
    found = read(zipped(COURSE | {name: COURSE[name].replace("How many?", "How many lines?")}))
    assert [one.stem.en for one in found["unfiled-questions"].quiz.questions] == ["How many lines?"]


def test_a_bank_that_did_not_come_along_is_told_of() -> None:
    files = {name: content for name, content in COURSE.items() if BANK not in name}
    (loss,) = (one for one in read(zipped(files))["xor-lines"].losses if "drawing" in one.what.en)
    assert loss.why.en == "That bank is not in this file."


def test_a_course_with_one_quiz_is_one_quiz_called_as_it_is_told() -> None:
    about = (assessment(XOR, "XOR", item("q1", WHY, "a", "b", copy_of="a1")), settings(XOR, "XOR", "Read this."))
    copies = bank(UNFILED, "Unfiled Questions", item("a1", WHY, "a", "b"))
    content = zipped(course({XOR: about}, {UNFILED: copies}))
    (part,) = several.parts(content, "qti")
    (found,) = several.read({"mine": part}, TERMS)
    assert (found.quiz.id, found.quiz.title.ko, len(found.quiz.questions)) == ("mine", "XOR", 1)
    assert of(found) == ["-: the description Read this."]


def test_packages_of_two_programs_in_one_are_two_quizzes_with_their_pictures_and_settings() -> None:
    """As Canvas exports quizzes without their course: the resources of both stand in one manifest."""
    files: dict[str, bytes] = {}
    resources: list[str] = []
    for name in ("text2qti.zip", "qti_package_maker-canvas.zip"):
        with zipfile.ZipFile(SAMPLES / name) as archive:
            listed = re.search("<resources>(.*)</resources>", archive.read("imsmanifest.xml").decode(), re.DOTALL)
            assert listed
            resources.append(listed[1])
            files |= {
                file: archive.read(file) for file in archive.namelist() if not file.endswith(("/", "imsmanifest.xml"))
            }
    found = read(package.packed(files | {"imsmanifest.xml": manifest(resources).encode()}))
    alone = {name: qti.read((SAMPLES / file).read_bytes(), Reading(name, TERMS.title, "en")) for name, file in [
        ("activations-and-losses", "text2qti.zip"), ("losses", "qti_package_maker-canvas.zip")
    ]}  # fmt: skip
    assert list(found) == list(alone)
    for name, one in alone.items():
        assert found[name].quiz.title == one.quiz.title
        assert found[name].quiz.keys == one.quiz.keys
        assert found[name].pictures == one.pictures
        assert of(found[name]) == of(one)


ITEM = """<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="{0}" title="{0}">
  <responseDeclaration identifier="RESPONSE" cardinality="single" baseType="identifier"><correctResponse><value>a</value></correctResponse></responseDeclaration>
  <itemBody><choiceInteraction responseIdentifier="RESPONSE" maxChoices="1"><prompt>Which is {0}?</prompt>
  <simpleChoice identifier="a">A</simpleChoice><simpleChoice identifier="b">B</simpleChoice></choiceInteraction></itemBody></assessmentItem>"""


def package_of_tests(tests: Mapping[str, Sequence[str]], items: str) -> bytes:
    files = {f"items/{name}.xml": ITEM.format(name) for name in items.split()}
    resources = [f'<resource identifier="{name}" type="imsqti_item_xmlv2p1" href="{name}"/>' for name in files]
    for title, names in tests.items():
        named = "".join(f'<assessmentItemRef identifier="{one}" href="../items/{one}.xml"/>' for one in names)
        files[f"tests/{title}.xml"] = (
            f'<assessmentTest identifier="t" title="{title}"><testPart><assessmentSection>{named}</assessmentSection></testPart></assessmentTest>'
        )
    return zipped({"imsmanifest.xml": manifest(resources), **files})


def test_each_test_of_qti_2_is_a_quiz_of_the_items_that_it_names_and_the_rest_is_one_more() -> None:
    found = read(package_of_tests({"First": ["one", "two"], "Second": ["two", "gone"]}, "one two three"))
    assert {name: [one.id for one in quiz.quiz.questions] for name, quiz in found.items()} == {
        "first": ["one", "two"],
        "second": ["two-2"],
        "from-elsewhere-3": ["three"],
    }
    assert found["second"].quiz.questions[0].stem.en == "Which is two?"
    assert of(found["second"]) == ["gone.xml: the file items/gone.xml"]


def test_one_test_with_items_that_it_does_not_name_is_one_quiz() -> None:
    (found,) = read(package_of_tests({"First": ["one"]}, "one two")).values()
    assert [one.id for one in found.quiz.questions] == ["one", "two"]


def test_titles_that_are_alike_or_in_korean_alone_give_names_that_differ() -> None:
    titles = ["Quiz", "quiz!", "퍼셉트론", "4주차 XOR", "../../etc/passwd", ""]
    inner = "".join(f'<assessment title="{one}">{item("x", WHY, "a", "b")}</assessment>' for one in titles)
    found = read(interop(inner).encode())
    assert list(found) == ["quiz", "quiz-2", "from-elsewhere-3", "4-xor", "etc-passwd", "from-elsewhere-6"]
    assert found["from-elsewhere-3"].quiz.title.ko == "퍼셉트론"


def test_the_language_of_each_quiz_is_as_its_texts_look() -> None:
    korean, english = item("x", "무엇입니까?", "a", "b"), item("y", "What is it?", "a", "b")
    said = both("아닙니다.", "It is not."), both("그렇습니다.", "So it is.")
    files = {"k.xml": assessment("k", "K", korean), "e.xml": assessment("e", "E", english)}
    for one in said:
        files = {name: text.replace(escape(one), "-") for name, text in files.items()}
    found = read(zipped(files))
    assert found["k"].quiz.questions[0].stem == Text("무엇입니까?", "TODO(en): 무엇입니까?")
    assert found["e"].quiz.questions[0].stem == Text("TODO(ko): What is it?", "What is it?")


def test_an_english_package_is_not_taken_for_a_korean_one_by_its_compressed_bytes() -> None:
    content = (SAMPLES / "text2qti.zip").read_bytes()
    assert carried.HANGUL.search(content.decode("utf-8", "ignore"))  # chance, in any archive of some size
    (part,) = several.parts(content, "qti")
    assert part.language == "en"


# ------------------------------------------------------------------------------------------------- categories

GIFT = """$CATEGORY: $course$/top/Week 4/XOR

::One::Is it?{T}

$CATEGORY: $course$/top/Week 4/Other

::Two::Is it?{F}

$CATEGORY: $course$/top/Week 5/Other

::Three::Is it?{F}

$CATEGORY: $course$/top/Week 4/XOR

::Four::Is it?{F}
"""


def moodle_of(text: str) -> bytes:
    """The same in Moodle XML."""
    made = []
    for line in text.splitlines():
        if line.startswith("$CATEGORY: "):
            made.append(
                f'<question type="category"><category><text>{line.removeprefix("$CATEGORY: ")}</text></category></question>'
            )
        elif found := re.match("::(.*)::(.*){(.)}", line):
            shares = {"true": 100, "false": 0} if found[3] == "T" else {"true": 0, "false": 100}
            answers = "".join(
                f'<answer fraction="{share}"><text>{word}</text></answer>' for word, share in shares.items()
            )
            made.append(
                f'<question type="truefalse"><name><text>{found[1]}</text></name><questiontext><text>{found[2]}</text></questiontext>{answers}</question>'
            )
    return f"<quiz>{''.join(made)}</quiz>".encode()


@pytest.mark.parametrize(("kind", "content"), [("gift", GIFT.encode()), ("moodle", moodle_of(GIFT))])
def test_categories_are_one_quiz_and_give_their_topic_unless_they_are_to_be_split(kind: str, content: bytes) -> None:
    terms = several.Terms(TERMS.title, None, "todo", 1, topics={"xor": "xor"})
    (found,) = several.read({"mine": several.parts(content, kind)[0]}, terms)
    topics = {one.id: one.topic for one in found.quiz.questions}
    assert topics == {"one": "xor", "two": "todo", "three": "todo", "four": "xor"}
    assert list(topics) == ["one", "two", "three", "four"]
    assert of(found) == [f"-: the category $course$/top/Week {week}/Other" for week in (4, 5)]

    split = read(content, kind, divided=True)
    assert {name: [one.id for one in one.quiz.questions] for name, one in split.items()} == {
        "xor": ["one", "four"],
        "week-4-other": ["two"],
        "week-5-other": ["three"],
    }
    assert split["week-4-other"].quiz.title.en == "Week 4: Other"
    assert not any(one.losses for one in split.values())


def test_a_slash_in_the_name_of_a_category_is_no_folder() -> None:
    assert carried.folders("$course$/top/Input//output/Week 4") == ["Input/output", "Week 4"]
    assert carried.folders("$module$/top") == []


# ------------------------------------------------------------------------------------------------- attacks


def test_limits_hold_for_all_quizzes_of_a_file_together(monkeypatch: pytest.MonkeyPatch) -> None:
    content = zipped(COURSE)
    monkeypatch.setattr(several, "MOST_QUESTIONS", 3)
    with pytest.raises(NotReadable, match="more than"):
        read(content)
    monkeypatch.undo()
    monkeypatch.setattr(carried, "MOST_QUIZZES", 2)
    with pytest.raises(NotReadable, match="3 quizzes, more than 2"):
        read(content)
    with pytest.raises(NotReadable, match="3 quizzes, more than 2"):
        read(GIFT.encode(), "gift", divided=True)


def test_a_document_counts_each_time_that_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small package, of which many tests name one item, cannot keep a machine busy."""
    monkeypatch.setattr(assessments, "MOST_ELEMENTS", 600)
    assert len(read(package_of_tests({f"t{number}": ["one"] for number in range(3)}, "one"))) == 3
    with pytest.raises(NotReadable, match="together have too many elements"):
        read(package_of_tests({f"t{number}": ["one"] for number in range(60)}, "one"))


def test_a_document_of_a_course_is_as_safe_as_one_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    evil = '<?xml version="1.0"?><!DOCTYPE q [<!ENTITY a SYSTEM "file:///etc/passwd">]><questestinterop>&a;</questestinterop>'
    for name in (f"non_cc_assessments/{UNFILED}.xml.qti", f"{XOR}/assessment_meta.xml"):
        with pytest.raises(NotReadable, match="document type"):
            read(zipped(COURSE | {name: evil}))
    with pytest.raises(NotReadable, match="leave the package"):
        read(zipped(COURSE | {"non_cc_assessments/../../x.xml.qti": evil}))
    monkeypatch.setattr(xml, "MOST_ELEMENTS", 40)
    with pytest.raises(NotReadable):
        read(zipped(COURSE))


def test_a_file_that_a_manifest_names_many_times_is_read_once() -> None:
    many = manifest(['<resource identifier="x" type="imsqti_xmlv1p2" href="x.xml"/>'] * 50)
    files = {"imsmanifest.xml": many, "x.xml": assessment("x", "X", item("q", WHY, "a", "b"))}
    (found,) = read(zipped(files)).values()
    assert len(found.quiz.questions) == 1


# ------------------------------------------------------------------------------------------------- the command


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty course with the topics of ours, and the course of Canvas beside it."""
    for folder in ("assignments/quizzes", "reference/quizzes"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "assignments/topics.toml").write_bytes((ROOT / "assignments/topics.toml").read_bytes())
    (tmp_path / "course.imscc").write_bytes(zipped(COURSE))
    (tmp_path / "bank.gift").write_text(GIFT)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def grader(*words: str) -> Result:
    return CliRunner().invoke(cli, ["--assignments", "assignments", "--reference", "reference", "quiz", *words])


def told(result: Result) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(result.output)
    return made


def refused(*words: str) -> str:
    return str(grader(*words, "--lang", "en").exception)


def quizzes() -> list[str]:
    return Bank(Path("assignments/quizzes"), Path("reference/quizzes")).ids()


def test_two_quizzes_of_a_package_come_into_the_bank_and_pass_lint(there: Path) -> None:
    result = grader("import", "course.imscc", "--topic", "xor", "--only", "xor-lines", "--only", "gradients", "--json")
    said = told(result)["quizzes"]
    assert [(one["quiz"], len(one["questions"]), len(one["losses"])) for one in said] == [
        ("xor-lines", 2, 2),
        ("gradients", 1, 0),
    ]
    assert result.exit_code == 1
    for name in ("xor-lines", "gradients"):
        linted = grader("lint", name, "--json")
        assert linted.exit_code == 0, linted.output
    assert quizzes() == ["gradients", "xor-lines"]


def test_what_is_left_is_said_of_each_quiz(there: Path) -> None:
    result = grader("import", "course.imscc", "--lang", "en")
    assert result.exit_code == 1
    assert "[loss-functions]" in result.output
    assert re.search(r"xor-lines +XOR & lines +2 +2 +\d+", result.output)
    assert "3 quizzes are in assignments/quizzes" in result.output


def test_nothing_is_overwritten_and_nothing_is_half_written(there: Path) -> None:
    Path("reference/quizzes/gradients.toml").write_text("# mine")
    assert "gradients.toml" in refused("import", "course.imscc")
    assert quizzes() == []
    assert Path("reference/quizzes/gradients.toml").read_text() == "# mine"
    assert grader("import", "course.imscc", "--id", "week4").exit_code == 1
    assert quizzes() == ["week4-gradients", "week4-loss-functions", "week4-xor-lines"]
    assert grader("import", "course.imscc", "--id", "week4", "--force", "--json").exit_code == 1
    ids = [
        one["questions"]
        for one in told(grader("import", "course.imscc", "--id", "week4", "--force", "--json"))["quizzes"]
    ]
    assert ids == [["week4-xor-lines-1", "how-many-lines"], ["how-many-lines-2"], ["week4-gradients-1"]]


def test_one_of_several_can_be_chosen_and_named_and_all_can_be_one(there: Path) -> None:
    assert "xor-lines, loss-functions, gradients" in refused("import", "course.imscc", "--only", "nothing")
    assert "--only" in refused("import", "course.imscc", "--title", "제목", "Title")
    assert quizzes() == []
    one = told(
        grader(
            "import", "course.imscc", "--only", "gradients", "--id", "week2-gd", "--title", "하강", "Descent", "--json"
        )
    )
    assert [quiz["quiz"] for quiz in one["quizzes"]] == ["week2-gd"]
    assert one["quizzes"][0]["title"] == {"ko": "하강", "en": "Descent"}
    whole = told(grader("import", "course.imscc", "--together", "--id", "all", "--json"))
    assert (whole["quiz"], len(whole["questions"])) == ("all", 4)


def test_a_quiz_of_essays_is_listed_and_not_written(there: Path) -> None:
    essays = item("q", "Write.", "a", "b").replace("multiple_choice_question", "essay_question")
    files = {"a.xml": assessment("a", "Essays", essays), "b.xml": assessment("b", "Choices", item("q", WHY, "a", "b"))}
    Path("two.zip").write_bytes(zipped(files))
    said = told(grader("import", "two.zip", "--json"))["quizzes"]
    assert said[0]["questions"] == []
    assert said[0]["losses"][-1]["what"]["en"] == "the whole quiz"
    assert quizzes() == ["choices"]


def test_categories_are_quizzes_if_told_so(there: Path) -> None:
    assert "quiz" in told(grader("import", "bank.gift", "--json"))
    split = told(grader("import", "bank.gift", "--split", "--id", "split", "--json"))
    assert [one["quiz"] for one in split["quizzes"]] == ["split-xor", "split-week-4-other", "split-week-5-other"]
    loaded = Bank(Path("assignments/quizzes")).load("bank")
    assert {one.id: one.topic for one in loaded.questions}["one"] == "xor"
