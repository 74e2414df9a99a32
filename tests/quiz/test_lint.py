"""Each kind of fault, planted in a bank that has none, is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from quiz.bench import GENERATORS, PUBLIC, SECRET, write

from grader import misconception
from grader.errors import BadQuiz
from grader.quiz import lint
from grader.quiz.lint import Fault


def faults(root: Path, public: str = PUBLIC, secret: str = SECRET, generators: str = GENERATORS) -> list[Fault]:
    bank = write(root, public, secret, generators)
    return lint.lint(bank, misconception.topics(root / "assignments"))


def test_a_bank_without_faults_has_none(tmp_path: Path) -> None:
    assert faults(tmp_path) == []


def one(kind: str, public: str, secret: str) -> tuple[str, str]:
    """A bank with one question, in the words of its kind."""
    head = PUBLIC.partition("[[question]]")[0]
    stem = 'stem.ko = "무엇입니까?"\nstem.en = "What is it?"'
    said = 'explanation = { ko = "가", en = "a" }\nhints = [{ ko = "가", en = "a" }]'
    asked = f'{head}[[question]]\nid = "it"\nkind = "{kind}"\ntopic = "xor"\ndifficulty = 1\n{stem}\n{public}\n'
    return asked, f"[it]\n{said}\n{secret}\n"


ITEMS = '[{ id = "a", ko = "가", en = "a" }, { id = "b", ko = "나", en = "b" }, { id = "c", ko = "다", en = "c" }]'
SUITE = "def test_it(student): pass"


@pytest.mark.parametrize(
    ("kind", "public", "secret"),
    [
        ("multiple", f"choices = {ITEMS}", 'key = ["a", "b"]\nfeedback.c = { ko = "가", en = "a" }'),
        ("order", f"items = {ITEMS}", 'key = ["b", "a", "c"]'),
        ("match", f"left = {ITEMS}\nright = {ITEMS}", 'key = { a = "b", b = "a", c = "c" }'),
        ("shape", "", 'key = "(n, 16)"\nwrong = [{ value = "(16, n)", ko = "가", en = "a" }]'),
        ("formula", 'variables = ["p"]', 'key = "p^2"\nwrong = [{ value = "2*p", ko = "가", en = "a" }]'),
        ("output", 'code = "print(1)"', 'key = "1"\nwrong = [{ value = "2", ko = "가", en = "a" }]'),
        ("text", "", 'key = { accepted = ["가중치"], patterns = ["무게 ?값"] }'),
        ("number", "", 'key = 3\nwrong = [{ value = 4, ko = "가", en = "a" }]'),
        (
            "cell",
            'defines = "f"\nsignature = "(x)"\nstarter = "def f(x): ..."',
            f'key = "{SUITE}"\nsolution = "def f(x): return x"',
        ),
    ],
)
def test_every_kind_can_be_without_fault(tmp_path: Path, kind: str, public: str, secret: str) -> None:
    assert faults(tmp_path, *one(kind, public, secret)) == []


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("$x_1$을 고르면 무엇입니까?", "", "one language is empty"),
        ("What is $x_1$?", "무엇입니까?", "Korean in the English"),
        ("$x_1$을 고르면 무엇입니까?", "what now?", "no Korean in the Korean"),
        ("What is $x_1$?", "What is $x_1?", "not closed"),
        ("What is $x_1$?", "What is it? ```x", "not closed"),
        ("What is $x_1$?", "Which of these is not a line?", "bold"),
        ("What is $x_1$?", "What? " + "a " * 500, "too long"),
        ('en = "A curve"', 'en = "All of the above"', "all of the above"),
        ('ko = "곡선"', 'ko = "직선"', "read the same"),
        ('en = "A line"', 'en = "' + "A line, and " * 9 + '"', "by far the longest"),
        ('id = "curve"', 'id = "a curve"', "no id of an option"),
        ('topic = "xor"', 'topic = "none"', "no topic 'none'"),
        ("difficulty = 2", "difficulty = 5", "from 1 to 4"),
        ("difficulty = 2", 'difficulty = 2\npicture = "no.svg"', "is not there"),
        ("difficulty = 2", 'difficulty = 2\npicture = "no.svg"', "no text alternative"),
        ("@{a} + @{b}?", "@{a} + @{c}?", "'c'"),
        ("$x_1$을", "@{x}을", "not filled in"),
        ('  { id = "point", ko = "점", en = "A point" },', "", "feedback.point is no option"),
        ('  { id = "point", ko = "점", en = "A point" },', "", "3 to 6"),
        ("week = 4", "week = 4\nmore = 1", "nothing reads 'more'"),
    ],
)  # fmt: skip
def test_a_fault_in_what_is_shown(tmp_path: Path, old: str, new: str, why: str) -> None:
    assert old in PUBLIC
    assert why in " ".join(fault.text.en for fault in faults(tmp_path, PUBLIC.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('key = "line"', 'key = "ray"', "does not fit the options"),
        ('key = "line"', 'key = ["line"]', "another form"),
        ('key = "line"', 'key = "line"\nweight = 0', "weight must be above 0"),
        ('feedback.curve = { ko = "곡선이 아닙니다.", en = "It is not curved." }', "", "curve has no feedback"),
        ("feedback.curve", "feedback.arc", "feedback.arc is no option"),
        ('hints = [{ ko = "더하세요.", en = "Add them." }]', "", "no hint"),
        ('en = "It is a line."', 'en = ""', "one language is empty"),
        ('key = "@{answer}"', 'key = "@{none}"', "'none'"),
        ('key = "@{answer}"', 'key = "many"', "cannot be read"),
        ('key = "@{answer}"', 'key = ["@{answer}"]', "another form"),
        ('value = "@{product}"', 'value = "@{answer}"', "is accepted"),
        ('value = "@{product}"', 'value = "many"', "cannot be read"),
        ('en = "This is the product." }', 'en = "A." }, { value = "@{product}", ko = "나", en = "B." }', "the same as one before"),
        ('wrong = [{ value = "@{product}", ko = "곱했습니다.", en = "This is the product." }]', "", "No wrong answer"),
        ('generator = "sum_up"', 'generator = "sum_down"', "no such generator"),
        ("This is the product.", "This is @{much}.", "'much'"),
        ("[sum-up]", "[sum-down]", "has no key"),
    ],
)  # fmt: skip
def test_a_fault_in_what_decides(tmp_path: Path, old: str, new: str, why: str) -> None:
    assert old in SECRET
    assert why in " ".join(fault.text.en for fault in faults(tmp_path, secret=SECRET.replace(old, new)))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("return {'a': 1, 'b': 2, 'answer': 3, 'product': 2}", "only 1 variants"),
        (
            "import random; a = random.random(); return {'a': a, 'b': 2, 'answer': a + 2, 'product': 2 * a}",
            "two variants",
        ),
        ("a = rng.random(); return {'a': a, 'b': 2, 'answer': a + 2, 'product': 9}", "shown rounded"),
        ("a = rng.randint(1, 9); return {'a': a, 'b': 2, 'answer': a + 2, 'product': 2 * a}", "is accepted"),
        ("a = rng.randint(0, 3); return {'a': a, 'b': 2, 'answer': 5 / a, 'product': 9}", "ZeroDivisionError"),
        ("return [1]", "a dict of numbers"),
    ],
)
def test_a_fault_in_a_generator(tmp_path: Path, body: str, why: str) -> None:
    assert why in " ".join(fault.text.en for fault in faults(tmp_path, generators=f"def sum_up(rng):\n    {body}\n"))


@pytest.mark.parametrize("pattern", ["(a|a)*b", "(a?){50}b", "a*a*a*a*a*a*a*b", ".*a.*a.*a.*a.*a.*b", "(가|가)*나"])
def test_a_pattern_that_takes_long_is_found_by_trying(tmp_path: Path, pattern: str) -> None:
    found = faults(tmp_path, *one("text", "", f'key = {{ accepted = ["a"], patterns = ["{pattern}"] }}'))
    assert "for ever" in " ".join(fault.text.en for fault in found)


@pytest.mark.parametrize(
    ("kind", "public", "secret", "why"),
    [
        ("multiple", f"choices = {ITEMS}", 'key = ["a", "b", "c"]', "does not fit"),
        ("multiple", f"choices = {ITEMS}", 'key = "a"', "another form"),
        ("order", f"items = {ITEMS}", 'key = ["a", "b"]', "cannot be read"),
        ("match", f"left = {ITEMS}\nright = {ITEMS}", 'key = { a = "b" }', "cannot be read"),
        ("match", f"left = {ITEMS}\nright = {ITEMS}", 'key = { a = "b", b = "z", c = "c" }', "cannot be read"),
        ("shape", "", 'key = "two by two, or so"', "cannot be read"),
        ("formula", "", 'key = "p"', "no variables"),
        ("formula", 'variables = ["max"]', 'key = "max"', "a function's name"),
        ("formula", 'variables = ["p"]', 'key = "log(-1)"', "not accepted as right"),
        ("formula", 'variables = ["p"]', 'key = "2p"', "sign of multiplication"),
        ("text", "", 'key = { accepted = [] }', "another form"),
        ("text", "", 'key = { accepted = ["a"], patterns = ["("] }', "is wrong"),
        ("text", "", 'key = { accepted = ["a"], patterns = ["(a+)+b"] }', "for ever"),
        ("text", "", 'key = { accepted = ["a"] }\nwrong = [{ value = { accepted = ["b", "A"] }, ko = "가", en = "a" }]', "is accepted"),
        ("number", "", "key = 2001\nrtol = 0.01\nwrong = [{ value = 2000, ko = '가', en = 'a' }]", "is accepted"),
        ("cell", "", 'key = "x = 1"', "no defines"),
        ("cell", 'defines = "f"\nsignature = "(x)"\nstarter = "def g(x): ..."', 'key = "def"', "no Python"),
        ("cell", 'defines = "f"\nsignature = "(x)"\nstarter = "def g(x): ..."', 'key = "x = 1"', "does not define it"),
        ("cell", 'defines = "f"\nsignature = "(x)"\nstarter = "def f(x): ..."', 'key = "x = 1"', "Without a solution"),
    ],
)  # fmt: skip
def test_a_fault_of_a_kind(tmp_path: Path, kind: str, public: str, secret: str, why: str) -> None:
    assert why in " ".join(fault.text.en for fault in faults(tmp_path, *one(kind, public, secret)))


def test_one_broken_quiz_does_not_hide_the_others(tmp_path: Path) -> None:
    bank = write(tmp_path, PUBLIC.replace("difficulty = 2", "difficulty = 7"))
    (bank.public / "broken.toml").write_text("id = ", encoding="utf-8")
    (bank.public / "twin.toml").write_text(PUBLIC.replace('"demo"', '"twin"'), encoding="utf-8")
    topics = misconception.topics(tmp_path / "assignments")
    found = {(fault.quiz, fault.question) for fault in lint.lint(bank, topics)}
    assert {("broken", "-"), ("demo", "why-not"), ("demo, twin", "sum-up"), ("twin", "why-not")} <= found
    assert {fault.quiz for fault in lint.lint(bank, topics, ["broken"])} == {"broken", "demo, twin"}
    with pytest.raises(BadQuiz):
        lint.lint(bank, topics, ["none"])


def test_a_fault_is_said_to_a_program(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, PUBLIC.replace("difficulty = 2", "difficulty = 7"))
    assert fault.as_json()["kind"] == "error"
    assert fault.as_json()["question"] == "why-not"


def varied(body: str) -> dict[str, str]:
    """A choice whose key depends on the variant."""
    secret = SECRET.replace('key = "line"', 'key = "@{right}"\ngenerator = "why_not"')
    secret = secret.replace(
        "feedback.curve", 'feedback.line = { ko = "직선이 아닙니다.", en = "Not a line." }\nfeedback.curve'
    )
    generators = GENERATORS + f"\ndef why_not(rng):\n    a = rng.randint(1, 90)\n    {body}\n"
    public = PUBLIC.replace("What is $x_1$?", "What is $x_@{a}$?").replace("$x_1$을", "$x_@{a}$을")
    return {"public": public, "secret": secret, "generators": generators}


def test_the_key_of_a_choice_may_depend_on_the_variant(tmp_path: Path) -> None:
    assert faults(tmp_path, **varied("return {'a': a, 'right': rng.choice(['line', 'curve', 'point'])}")) == []


def test_a_key_that_fits_no_option_in_some_variant_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, **varied("return {'a': a, 'right': rng.choice(['line', 'ray'])}"))
    assert "does not fit the options" in fault.text.en
