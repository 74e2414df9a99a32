"""The quizzes for those who teach: publishing, rules, what is asked, what came of it, mending a key."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from web.conftest import Web, person_of
from web.quizlab import COURSE, EXPLANATION, FEEDBACK, HINT, KEY, PLAIN, Lab, bank, opened

from grader.course import people, quizzes
from grader.store.models import Audit, Role
from grader.store.quizzes import QuizRemark, QuizReport, QuizVersion

BOOK = f"{COURSE}/quizbook"
MENDED = {'accepted = ["은닉층"': 'accepted = ["출력층", "은닉층"'}


@pytest.fixture
def lab(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    found = opened(web, tmp_path / "shelf", monkeypatch, review="at_once")
    return found


def shows(lab: Lab, address: str, who: str = "teacher", **query: str) -> str:
    answer = lab.browser(who).get(address, query_string={"lang": "en", **query})
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def typed(page: str) -> dict[str, str]:
    """The fields of the form of rules, as a browser would send them back."""
    found = {
        name: value for name, value in re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', page) if name != "csrf_token"
    }
    for name in re.findall(r'type="checkbox" name="(\w+)" value="1">', page):
        found.pop(name, None)
    for name, body in re.findall(r'<select name="(\w+)">(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]+)" selected', body)
        assert chosen, name
        found[name] = chosen[1]
    found.pop("verb", None)
    return found


def audited(lab: Lab) -> list[str]:
    with lab.web.database.read() as session:
        return list(session.scalars(select(Audit.action).order_by(Audit.number)))


def class_of(lab: Lab, count: int = 12) -> None:
    """Some students who answer, the first of them best."""
    with lab.web.database.write() as session:
        course = people.the_course(session, "dl")
        for n in range(count):
            people.add_person(session, course, f"s{n}@example.com", f"학생{n}", Role.STUDENT, None, actor="test")
    kinds = ("choice", "multiple", "number", "text", "order", "match", "formula", "output")
    for n in range(count):
        lab.answered(lab.begun(f"s{n}"), wrong=kinds[: n * len(kinds) // count])


# --------------------------------------------------------------------------------------- the list, the rules


def test_the_list_has_what_is_published_and_what_waits(lab: Lab) -> None:
    page = shows(lab, BOOK, "helper")
    assert "version 1" in page
    assert "not published" in page
    assert PLAIN in page
    lab.publish(PLAIN)
    assert "not published" not in shows(lab, BOOK)


def test_a_changed_bank_shows_and_is_published_as_a_new_version(lab: Lab) -> None:
    bank(lab.folder, MENDED)
    assert "changed since" in shows(lab, BOOK)
    form = typed(shows(lab, f"{BOOK}/{KEY}/rules"))
    answer = lab.browser("teacher").send(f"{BOOK}/{KEY}/rules", **form | {"publish": "1"}, verb="save")
    assert answer.status_code == 303, answer.text
    assert "version 2" in shows(lab, BOOK)
    assert "changed since" not in shows(lab, BOOK)


def test_a_waiting_quiz_is_proved_before_it_is_published(lab: Lab) -> None:
    keys = lab.folder / f"reference/quizzes/{PLAIN}.toml"
    keys.write_text(keys.read_text(encoding="utf-8").replace("feedback.rate", "feedback.none"), encoding="utf-8")
    form = typed(shows(lab, f"{BOOK}/{PLAIN}/rules"))
    refused = lab.browser("teacher").send(f"{BOOK}/{PLAIN}/rules", **form, verb="save")
    assert refused.status_code == 400
    assert 'role="alert"' in refused.text
    forced = lab.browser("teacher").send(f"{BOOK}/{PLAIN}/rules", **form | {"forced": "for a test"}, verb="save")
    assert forced.status_code == 303
    assert any(action.startswith("publish.quiz") for action in audited(lab))


def test_a_broken_file_of_the_bank_costs_nothing_but_itself(lab: Lab) -> None:
    (lab.folder / f"assignments/quizzes/{KEY}.toml").write_text("id = [", encoding="utf-8")
    for end in ("", "/questions", "/rules", "/corrections"):
        assert lab.browser("teacher").get(f"{BOOK}/{KEY}{end}").status_code == 200
    broken = lab.browser("teacher").get(f"{BOOK}/{KEY}/questions?from=bank")
    assert broken.status_code == 400
    assert f"{KEY}.toml" in broken.text


def test_rules_come_back_as_they_were_saved(lab: Lab) -> None:
    form = typed(shows(lab, f"{BOOK}/{KEY}/rules"))
    assert (form["minutes"], form["attempts"], form["review"], form["graded"]) == ("30", "2", "at_once", "1")
    form |= {"minutes": "45", "due": "2031-03-09T18:00", "closes": "2031-03-10T00:00", "questions": "3", "hints": "1"}
    form |= {"review": "after_due", "late": "percent", "percent_a_day": "12.5"}
    lab.browser("teacher").send(f"{BOOK}/{KEY}/rules", **form, verb="save")
    found = typed(shows(lab, f"{BOOK}/{KEY}/rules"))
    assert {name: found[name] for name in form if name != "publish"} == form
    row = lab.quiz()
    assert row.due is not None
    assert row.due.utcoffset() == timedelta(0)
    assert f"{row.due:%H:%M}" == "09:00"  # 18:00 in Seoul


def test_a_preview_says_whose_score_would_change_and_changes_nothing(lab: Lab) -> None:
    for name in ("mina", "juno"):
        lab.begun(name)
    with lab.web.database.write() as session:
        for row in session.query(quizzes.attempts.QuizAttempt):
            for item in session.query(quizzes.attempts.QuizItem).filter_by(attempt_id=row.id, kind="text"):
                quizzes.save(session, row, item.position, "은닉층", revision=0)
            quizzes.submit(session, row)
    before, form = lab.quiz().policy, typed(shows(lab, f"{BOOK}/{KEY}/rules"))
    late = {"opens": "2020-03-01T00:00", "due": "2020-03-09T18:00", "late": "percent", "closes": ""}
    answer = lab.browser("teacher").send(f"{BOOK}/{KEY}/rules?lang=en", **form | late, verb="preview")
    assert "Saving would change the score of 2" in answer.text
    assert 'value="2020-03-09T18:00"' in answer.text  # what was typed is still there
    assert lab.quiz().policy == before


def test_what_is_no_rule_is_told_beside_what_was_typed(lab: Lab) -> None:
    form = typed(shows(lab, f"{BOOK}/{KEY}/rules"))
    for wrong in ({"minutes": "soon"}, {"due": "tomorrow"}, {"minutes": "0"}, {"closes": "2001-01-01T00:00"}):
        answer = lab.browser("teacher").send(f"{BOOK}/{KEY}/rules", **form | wrong, verb="save")
        assert answer.status_code == 400, wrong
        assert 'role="alert"' in answer.text


# --------------------------------------------------------------------------------------- questions, results


def test_authors_see_every_variant_with_its_key_and_feedback(lab: Lab) -> None:
    page = shows(lab, f"{BOOK}/{KEY}/questions", "helper", seed="1")
    for words in (EXPLANATION, FEEDBACK, HINT, "s*(1 - s)", "demo-choice", "np.maximum"):
        assert words in page
    one, two = (shows(lab, f"{BOOK}/{KEY}/questions/demo-number", seed=seed) for seed in ("1", "2"))
    assert re.findall(r"answer = \d+", one)[0] != re.findall(r"answer = \d+", two)[0]
    assert one.count("<section") == 6
    assert shows(lab, f"{BOOK}/{PLAIN}/questions")  # of the bank, before it is published
    assert lab.browser("teacher").get(f"{BOOK}/{KEY}/questions/no-such").status_code == 404


def test_results_have_pictures_tables_advice_and_everybody(lab: Lab) -> None:
    assert "There are no answers yet" in shows(lab, f"{BOOK}/{KEY}")
    class_of(lab)
    page = shows(lab, f"{BOOK}/{KEY}")
    for words in ("Distribution of scores", "Difficulty and discrimination", "Reliability", "학생11", "demo-order"):
        assert words in page
    assert page.count("<svg") >= 2
    assert page.count('role="img"') + page.count('role="group"') >= 2
    assert "demo-cell" in page  # nobody answered it: too hard
    assert 'class="advice"' in page
    question = shows(lab, f"{BOOK}/{KEY}/questions/demo-choice")
    assert "Who chose what" in question
    assert "upper third" in question
    person = re.search(r"/sittings/(\w+)/review", page)
    assert person
    review = shows(lab, f"{COURSE}/sittings/{person[1]}/review", "helper")
    assert "For staff alone" in review


# --------------------------------------------------------------------------------------------- corrections


def correction(lab: Lab) -> str:
    """Where a key correction waits to be decided: two words are right from now on."""
    lab.publish(change=MENDED)
    answer = lab.browser("teacher").send(f"{BOOK}/{KEY}/corrections")
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def word(page: str) -> str:
    """What a page gives back of what it shows."""
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found
    return found[1]


def test_a_key_correction_shows_who_changes_before_it_counts_and_is_explained_after(lab: Lab) -> None:
    wrong = lab.begun("mina")
    lab.answered(wrong, wrong=("text",))
    lab.answered(lab.begun("juno"))
    late = lab.begun("sora")
    place = correction(lab)
    page = shows(lab, place)
    assert "김미나" in page
    assert lab.item(wrong, "text").share == 0
    lab.answered(late, wrong=("text",))
    again = lab.browser("teacher").send(place, verb="commit", seen=word(page))
    assert again.status_code == 409
    assert "New, having handed in since: 박소라" in again.text  # and she is in the table, to look at
    assert (lab.item(wrong, "text").share, lab.item(late, "text").share) == (0, 0)
    for hostile in ("", "x:1,2,3", ":", ",".join(map(str, range(9999)))):
        assert lab.browser("teacher").send(place, verb="commit", seen=hostile).status_code == 409
    done = lab.browser("teacher").send(place, verb="commit", seen=word(again.text))
    assert done.status_code == 303, done.text
    assert (lab.item(wrong, "text").share, lab.item(late, "text").share) == (1, 1)
    review = shows(lab, f"{wrong}/review", "mina")
    assert "A key was corrected" in review
    assert "0 → 1" in review
    assert "commit.quiz_remark" in audited(lab)
    assert "counts" in shows(lab, f"{BOOK}/{KEY}/corrections")


def test_a_correction_can_be_dropped(lab: Lab) -> None:
    wrong = lab.begun("mina")
    lab.answered(wrong, wrong=("text",))
    place = correction(lab)
    assert lab.browser("teacher").send(place, verb="discard").status_code == 303
    assert lab.item(wrong, "text").share == 0
    with lab.web.database.read() as session:
        assert session.scalars(select(QuizRemark.discarded_at)).one() is not None
    assert lab.browser("teacher").send(place, verb="commit", seen="").status_code == 409


def test_a_correction_publishes_the_mended_bank_itself_and_says_where_nothing_is_to_mend(lab: Lab) -> None:
    lab.answered(lab.begun("mina"), wrong=("text",))
    nothing = lab.browser("teacher").send(f"{BOOK}/{KEY}/corrections", lang="en")
    assert nothing.status_code == 400
    assert 'role="alert"' in nothing.text
    with lab.web.database.read() as session:
        assert len(session.scalars(select(QuizVersion)).all()) == 1


def test_a_forgotten_person_leaves_no_words_in_reports(lab: Lab) -> None:
    address = lab.begun("mina")
    lab.answered(address)
    lab.browser("mina").send(f"{address}/report/1", reason="MY-OWN-WORDS")
    with lab.web.database.write() as session:
        people.forget(session, person_of(session, "mina"), actor="test")
    with lab.web.database.read() as session:
        assert session.scalars(select(QuizReport.reason)).one() == ""


# ------------------------------------------------------------------------------------------ points by hand


def test_points_are_set_on_the_page_of_an_attempt_and_taken_back(lab: Lab) -> None:
    address = lab.begun("mina")
    lab.answered(address, wrong=("choice",))
    position = lab.item(address, "choice").position
    teacher = lab.browser("teacher")
    page = shows(lab, f"{address}/review")
    assert page.count('value="undo"') == 0
    words = {"points": "0.5", "reason": "half of it is right", "verb": "set"}
    assert teacher.send(f"{address}/override", position=str(position), **words).status_code == 303
    page = shows(lab, f"{address}/review")
    assert "<strong>8.5</strong> / 10" in page
    assert "half of it is right" in page
    assert str(lab.person("teacher").name) in page
    teacher.send(f"{address}/override", points="7", reason="an oral exam", verb="set")
    page = shows(lab, f"{address}/review")
    assert "<strong>7</strong> / 10" in page
    assert "changed by hand" in page
    mine = shows(lab, f"{address}/review", "mina")
    assert "Staff set your points of this quiz to 7." in mine
    assert "an oral exam" not in mine
    assert 'value="undo"' not in mine
    book = lab.browser("teacher").get(f"{COURSE}/gradebook").text
    assert f'href="{address}/review"' in book
    assert "* 7" in book
    teacher.send(f"{address}/override", reason="a mistake", verb="undo")
    assert "<strong>8.5</strong> / 10" in shows(lab, f"{address}/review")


def test_points_are_set_by_instructors_alone_and_within_bounds(lab: Lab) -> None:
    address = lab.begun("mina")
    lab.answered(address)
    words = {"points": "1", "reason": "x", "verb": "set"}
    for who in ("mina", "juno", "helper"):
        assert lab.browser(who).send(f"{address}/override", **words).status_code == 404
    assert "override" not in shows(lab, f"{address}/review", "helper")
    teacher = lab.browser("teacher")
    for bad in (
        {"points": "11"},
        {"points": "x"},
        {"points": ""},
        {"reason": " "},
        {"position": "99"},
        {"points": "nan"},
    ):
        assert teacher.send(f"{address}/override", **{**words, **bad}).status_code == 303
    with lab.web.database.read() as session:
        row = quizzes.the_quiz(session, people.the_course(session, "dl"), KEY)
        assert not quizzes.overrides(session, row, person_of(session, "mina"))
