"""From markers to rows of the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.assignment import Catalog
from grader.errors import BadAssignment
from grader.report import CheckResult, Verdict, Visibility
from grader.suite import runner
from grader.suite.plugin import Check, in_order
from grader.text import Text

TOML = 'id = "demo"\nweek = 1\n[title]\nko = "데모"\nen = "Demo"\n[defines]\nf = "(x)"\n'
HEADER = "import pytest\nfrom grader.suite import Failed, Text\n"
Rows = Callable[..., dict[str, CheckResult]]


def check(name: str, body: str = "pass", points: float = 100, marks: str = "") -> str:
    """The source of one check."""
    title = f'@pytest.mark.title(ko="{name} 항목", en="{name} check")'
    return f"@pytest.mark.points({points})\n{title}\n{marks}\ndef test_{name}(student):\n    {body}\n"


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., runner.SuiteRun]:
    """`run(test_a=..., public_tests={"test_b": ...})` writes a suite and runs it; the student is a stand-in."""

    def ran(public_tests: dict[str, str] | None = None, **hidden: str) -> runner.SuiteRun:
        for kind, files in (
            ("assignments/demo/public_tests", public_tests or {}),
            ("reference/demo/hidden_tests", hidden),
        ):
            (tmp_path / kind).mkdir(parents=True)
            for name, source in files.items():
                (tmp_path / kind / f"{name}.py").write_text(HEADER + source, encoding="utf-8")
        (tmp_path / "assignments/demo/assignment.toml").write_text(TOML, encoding="utf-8")
        demo = Catalog(tmp_path / "assignments", tmp_path / "reference").load("demo")
        return runner.run(demo, object())  # type: ignore[arg-type]

    return ran


@pytest.fixture
def rows(run: Callable[..., runner.SuiteRun]) -> Rows:
    return lambda *args, **hidden: {row.id: row for row in run(*args, **hidden).checks}


@pytest.fixture
def refused(run: Callable[..., runner.SuiteRun]) -> Callable[..., str]:
    """The sentence about a suite that is written wrongly."""

    def sentence(*args: dict[str, str], **hidden: str) -> str:
        with pytest.raises(BadAssignment) as caught:
            run(*args, **hidden)
        assert "Traceback" not in caught.value.text.en
        return caught.value.text.en

    return sentence


# what a check is


def test_id_title_points_and_hints_come_from_file_name_and_markers(rows: Rows) -> None:
    hints = '@pytest.mark.hint(ko="하나", en="one")\n@pytest.mark.hint(ko="둘", en="two")'
    row = rows(test_backward=check("values", "raise Failed(Text('틀림', 'Wrong.'))", 100, hints))["backward.values"]
    assert row.title == Text("values 항목", "values check")
    assert (row.points, row.max_points) == (0.0, 100.0)
    assert row.hint == Text("하나\n둘", "one\ntwo")
    assert row.verdict is Verdict.FAILED


def test_a_passed_check_earns_its_points_and_shows_no_hint(rows: Rows) -> None:
    row = rows(test_a=check("x", marks='@pytest.mark.hint(ko="하나", en="one")'))["a.x"]
    assert (row.points, row.verdict, row.hint, row.message) == (100.0, Verdict.PASSED, None, None)


def test_public_checks_are_visible_and_others_hidden_unless_they_say(rows: Rows) -> None:
    found = rows(
        {"test_public_a": check("x", points=40)},
        test_a=check("x", points=30) + check("y", points=30, marks='@pytest.mark.visibility("secret")'),
    )
    kinds = {name: row.visibility for name, row in found.items()}
    assert kinds == {"public_a.x": Visibility.VISIBLE, "a.x": Visibility.HIDDEN, "a.y": Visibility.SECRET}


# what becomes of it

FAILED = "raise Failed(Text('값이 다릅니다.', 'Wrong value.'), Text('자세히', 'expected 1234'))"


def test_the_detail_is_said_only_where_the_check_is_visible(rows: Rows) -> None:
    marks = '@pytest.mark.visibility("after_due")'
    found = rows(
        {"test_public_a": check("x", FAILED, 40)},
        test_a=check("x", FAILED, 30) + check("y", FAILED, 30, marks),
    )
    assert found["public_a.x"].message == Text("값이 다릅니다. 자세히", "Wrong value. expected 1234")
    assert found["a.x"].message == found["a.y"].message == Text("값이 다릅니다.", "Wrong value.")


def test_a_failed_check_has_the_verdict_that_it_carries(rows: Rows) -> None:
    body = "from grader.report import Verdict; raise Failed(Text('늦음', 'Late.'), verdict=Verdict.TIMEOUT)"
    assert rows(test_a=check("x", body))["a.x"].verdict is Verdict.TIMEOUT


def test_a_plain_assertion_is_the_students_and_hides_its_text(rows: Rows) -> None:
    body = "assert 1 == 2, 'the answer is 1234'"
    found = rows({"test_public_a": check("x", body, 50)}, test_a=check("x", body, 50))
    assert {row.verdict for row in found.values()} == {Verdict.FAILED}
    shown, hidden = found["public_a.x"].message, found["a.x"].message
    assert shown is not None
    assert hidden is not None
    assert "1234" in shown.en
    assert "1234" not in hidden.en


def test_any_other_exception_is_ours_and_its_text_stays_out(run: Callable[..., runner.SuiteRun]) -> None:
    suite = run(test_a=check("x", "raise KeyError('hidden 1234')", 60) + check("y", points=40))
    [broken, fine] = suite.checks
    assert (broken.verdict, broken.points) == (Verdict.ERROR, 0.0)
    assert fine.verdict is Verdict.PASSED
    assert suite.fault == "a.x (KeyError)"
    assert "1234" not in f"{broken.message}{suite.fault}"


def test_an_exception_in_teardown_is_ours_too(run: Callable[..., runner.SuiteRun]) -> None:
    source = "@pytest.fixture\ndef after():\n    yield\n    raise ValueError('1234')\n"
    suite = run(test_a=source + check("x").replace("(student)", "(student, after)"))
    assert suite.checks[0].verdict is Verdict.ERROR
    assert suite.fault == "a.x (ValueError)"


def test_a_fixture_may_say_that_the_student_failed(run: Callable[..., runner.SuiteRun]) -> None:
    fixture = f"@pytest.fixture(scope='module')\ndef model(student):\n    {FAILED}\n"
    both = "".join(check(name, points=50).replace("(student)", "(model)") for name in "xy")
    suite = run(test_a=fixture + both)
    assert [row.verdict for row in suite.checks] == [Verdict.FAILED] * 2
    assert [row.message for row in suite.checks] == [Text("값이 다릅니다.", "Wrong value.")] * 2
    assert suite.fault is None


def test_metrics_that_a_test_records_reach_the_report(run: Callable[..., runner.SuiteRun]) -> None:
    body = "from grader.report import Metric; metrics.record('accuracy', Metric(0.9, 0.8, 0.95, 50))"
    suite = run(test_a=check("x", body).replace("(student)", "(metrics)"))
    assert suite.metrics["accuracy"].n == 50


# needs


def needing(name: str, points: float = 50) -> str:
    return f'@pytest.mark.needs("{name}")'


def test_pictures_that_a_test_draws_reach_the_report_whatever_becomes_of_it(
    run: Callable[..., runner.SuiteRun],
) -> None:
    source = """
from grader.suite import Curves
@pytest.mark.points(100)
@pytest.mark.title(ko="가", en="a")
def test_x(student, pictures):
    for end in (0.5, 0.25):
        pictures.add(Curves.of("loss", Text("가", "a"), Text("나", "b"), Text("다", "c"), {Text("라", "d"): [1.0, end]}))
    raise Failed(Text("아니", "no"))
"""
    found = run(test_a=source)
    assert [list(one.series[0].values) for one in found.pictures] == [[1.0, 0.25]]  # type: ignore[union-attr]
    assert found.checks[0].verdict is Verdict.FAILED


TIP = """
@pytest.mark.points(50)
@pytest.mark.title(ko="가", en="a")
def test_a(student, tip):
    tip(ko="조언", en="advice")
    {end}

@pytest.mark.points(50)
@pytest.mark.title(ko="나", en="b")
def test_b(student, tip):
    pass
"""


def test_a_tip_is_said_to_a_right_answer_that_keeps_its_points(rows: Rows) -> None:
    found = rows(test_x=TIP.format(end="pass"))
    assert (found["x.a"].message, found["x.a"].points, found["x.a"].hint) == (Text("조언", "advice"), 50, None)
    assert found["x.b"].message is None


def test_a_tip_is_not_said_where_the_check_is_lost(rows: Rows) -> None:
    found = rows(test_x=TIP.format(end='raise Failed(Text("아니", "no"))'))
    assert found["x.a"].message == Text("아니", "no")
    assert found["x.b"].message is None


@pytest.mark.parametrize(
    "body",
    [
        'raise Failed(Text("가", "a"), misconception="{name}")',
        'checks.that(False, ko="가", en="a", misconception="{name}")',
        'with checks.misconception("{name}"): checks.that(False, ko="가", en="a")',
        'with checks.misconception("opposite-sign"): checks.that(False, ko="가", en="a", misconception="{name}")',
    ],
)
def test_a_check_names_the_misconception_that_it_recognises(run: Callable[..., runner.SuiteRun], body: str) -> None:
    head = "from grader.suite import checks\n"
    named = run(test_x=head + check("a", body.format(name="missing-one-over-n"))).checks[0].misconception
    assert named is not None
    assert named.id == "missing-one-over-n"


def test_a_misconception_that_nobody_explains_is_our_fault(run: Callable[..., runner.SuiteRun]) -> None:
    fault = run(test_x=check("a", 'raise Failed(Text("가", "a"), misconception="unheard-of")')).fault
    assert fault is not None
    assert "no misconception is called unheard-of" in fault


@pytest.mark.parametrize("verdict", ["TIMEOUT", "CRASHED", "REFUSED"])
def test_a_crash_is_a_sign_of_no_misconception(rows: Rows, verdict: str) -> None:
    head = "from grader.report import Verdict\nfrom grader.suite import checks\n"
    body = f'with checks.misconception("opposite-sign"): raise Failed(Text("가", "a"), verdict=Verdict.{verdict})'
    assert rows(test_x=head + check("a", body))["x.a"].misconception is None


def test_what_a_check_needs_runs_before_it(rows: Rows) -> None:
    found = rows(
        test_a=check("late", points=20, marks=needing("b")),
        test_b=check("one", points=40, marks=needing("c.x")) + check("two", points=20),
        test_c=check("x", points=20),
    )
    assert list(found) == ["c.x", "b.one", "b.two", "a.late"]
    assert all(row.verdict is Verdict.PASSED for row in found.values())


def test_a_check_whose_need_was_lost_is_skipped_and_says_what_comes_first(rows: Rows) -> None:
    found = rows(
        test_a=check("late", "raise RuntimeError('never run')", 20, needing("b")),
        test_b=check("one", points=40) + check("two", FAILED, 20),
        test_c=check("x", points=20, marks=needing("a")),
    )
    late = found["a.late"]
    assert (late.verdict, late.points, late.hint) == (Verdict.SKIPPED, 0.0, None)
    assert late.message == Text("먼저 'two 항목' 항목을 통과해야 합니다.", "'two check' has to pass first.")
    assert found["c.x"].verdict is Verdict.SKIPPED
    assert found["c.x"].message == Text("먼저 'late 항목' 항목을 통과해야 합니다.", "'late check' has to pass first.")


def test_what_comes_first_is_not_named_where_it_is_secret(rows: Rows) -> None:
    found = rows(
        test_a=check("late", points=50, marks=needing("b")),
        test_b=check("trap", FAILED, 50, '@pytest.mark.visibility("secret")'),
    )
    late = found["a.late"]
    assert late.verdict is Verdict.SKIPPED
    assert "trap" not in f"{late.message}"


def test_needs_of_a_module_hold_for_its_checks(rows: Rows) -> None:
    found = rows(test_a='pytestmark = pytest.mark.needs("b")\n' + check("x", points=50), test_b=check("x", FAILED, 50))
    assert found["a.x"].verdict is Verdict.SKIPPED


def test_checks_without_needs_keep_their_order() -> None:
    def made(name: str, *needs: str) -> Check:
        return Check(name, Text("가", "a"), 1, Visibility.HIDDEN, None, needs)

    checks = [made("a.1"), made("b.1", "c"), made("c.1"), made("a.2")]
    assert [each.id for each in in_order(checks)] == ["a.1", "c.1", "b.1", "a.2"]


# a suite that is written wrongly


def test_needs_in_a_circle_are_refused(refused: Callable[..., str]) -> None:
    said = refused(test_a=check("x", points=50, marks=needing("b")), test_b=check("x", points=50, marks=needing("a")))
    assert said == "needs go in a circle: a.x -> b.x -> a.x"


def test_needs_of_something_unknown_are_refused(refused: Callable[..., str]) -> None:
    assert refused(test_a=check("x", marks=needing("forwrad"))) == (
        "a.x: there is no check or group named by needs('forwrad')."
    )


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("@pytest.mark.points(100)\ndef test_x(): pass", "every test needs points(n) and title(ko=, en=)"),
        ('@pytest.mark.title(ko="가", en="a")\ndef test_x(): pass', "every test needs points(n)"),
        ('@pytest.mark.points(100)\n@pytest.mark.title(ko="가")\ndef test_x(): pass', "marker is written wrongly"),
        (check("x", marks='@pytest.mark.visibility("open")'), "'open' is not a valid Visibility"),
        (check("x", marks='@pytest.mark.hint("text")'), "marker is written wrongly"),
        (check("x", marks='@pytest.mark.parametrize("i", [1])').replace("(student)", "(i)"), "no parametrize"),
        (
            'class TestA:\n    @pytest.mark.points(100)\n    @pytest.mark.title(ko="가", en="a")\n    def test_x(self): pass',
            "no class",
        ),
        (check("x", marks="@pytest.mark.point(3)"), "'point' not found in `markers`"),
        ("import absent_module_1234", "cannot be read: ModuleNotFoundError"),
        ("def broken(:", "cannot be read: SyntaxError"),
        ("x = 1", "NO_TESTS_COLLECTED"),
        (check("x", points=99), "the points sum to 99, not 100"),
    ],
)
def test_wrong_suites_are_refused_in_a_sentence(refused: Callable[..., str], source: str, why: str) -> None:
    said = refused(test_a=source)
    assert why in said
    assert len(said) < 400


def test_one_name_for_two_groups_is_refused(refused: Callable[..., str]) -> None:
    assert "a.x exists twice" in refused({"test_a": check("x", points=50)}, test_a=check("x", points=50))


def test_a_fixture_that_does_not_exist_is_our_fault(run: Callable[..., runner.SuiteRun]) -> None:
    suite = run(test_a=check("x").replace("(student)", "(studnet)"))
    assert suite.checks[0].verdict is Verdict.ERROR
    assert suite.fault is not None


def test_an_oracle_that_is_asked_for_and_absent_is_our_fault(run: Callable[..., runner.SuiteRun]) -> None:
    suite = run(test_a=check("x").replace("(student)", "(oracle)"))
    assert suite.fault == "a.x (FileNotFoundError)"
