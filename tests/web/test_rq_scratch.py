from __future__ import annotations
from pathlib import Path
from datetime import timedelta
import re, threading
import pytest
from sqlalchemy import select, func
from web.conftest import Web
from web.quizlab import *
from grader.store.quizzes import QuizAttempt, QuizItem
from grader.store.models import Person

@pytest.fixture
def lab(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    found = opened(web, tmp_path / "shelf", monkeypatch, hints=True)
    found.publish(PLAIN, rules={"graded": False, "shuffle": False})
    return found

def go(br, m, place, **kw):
    try:
        a = getattr(br, m)(place, **kw)
        print(m, place[-50:], str(kw)[:60], a.status_code, a.headers.get("Location","")[:60], re.sub(r"\s+"," ",a.text)[:90] if m=="send" else "")
        return a
    except Exception as e:
        print("!!!", m, place[:110], str(kw)[:60], type(e), str(e)[:200])

def test_deactivated(lab: Lab) -> None:
    address, b = lab.begun(), lab.browser()
    go(b, "send", f"{address}/answers/4", r4="0", a4="은닉층")
    with lab.web.database.write() as s:
        person_of(s,"mina").active=False
    go(b, "send", f"{address}/answers/4", r4="1", a4="x")
    go(b, "get", address)
    print(lab.item(address,"text").answer)

def test_forget(lab: Lab) -> None:
    address, b = lab.begun(), lab.browser()
    lab.answered(address, submit=False)
    with lab.web.database.write() as s:
        for p in s.scalars(select(QuizItem)): 
            if p.kind=="cell": p.answer="def relu(z):\n    return z\n"
    with lab.web.database.write() as s:
        people.forget(s, person_of(s, "mina"), actor="t")
    a = lab.attempt(address); print("after forget", a.submitted_at, a.deadline)
    lab.ends(address, HOUR)
    with lab.web.database.write() as s:
        print("expired", quizzes.expire(s))
    with lab.web.database.read() as s:
        row = lab._attempt(s, address)
        print([ (i.kind,i.answer,i.share) for i in s.scalars(select(QuizItem).filter_by(attempt_id=row.id))], row.submitted_at)
        sh = quizzes.review(s,row,staff=True); print(sh.score, sh.pending)
    t=lab.browser("teacher")
    for p in (f"{COURSE}/quizbook/{KEY}", f"{COURSE}/quizreports", f"{address}/review"): go(t,"get",p)

def test_newversion(lab: Lab) -> None:
    address, b = lab.begun(), lab.browser()
    go(b, "send", f"{address}/answers/4", r4="0", a4="은닉층")
    lab.publish(KEY, {'id = "demo-text"':'id = "demo-text2"', "[demo-text]":"[demo-text2]"})
    go(b, "get", f"{address}?view=all")
    go(b, "send", f"{address}/submit")
    go(b, "get", f"{address}/review")
    lab.schedule(rules={"review":"at_once"})
    go(b, "get", f"{address}/review")
    go(lab.browser("teacher"), "get", f"{COURSE}/quizbook/{KEY}")
    go(lab.browser("teacher"), "get", f"{COURSE}/quizbook/{KEY}/questions/demo-text")
    with lab.web.database.write() as s:
        q=quizzes.the_quiz(s,people.the_course(s,"dl"),KEY)
        bt=quizzes.remark(s,q,actor="t"); print(quizzes.progress(s,bt))

def test_race(lab: Lab) -> None:
    out=[]
    def st(i):
        try:
            with lab.web.database.write() as s:
                row = quizzes.the_quiz(s, people.the_course(s, "dl"), KEY)
                out.append(quizzes.start(s,row,person_of(s,"mina"),QuizMode.GRADED,token=f"x{i}").receipt)
        except Exception as e: out.append(repr(e)[:80])
    ts=[threading.Thread(target=st,args=(i,)) for i in range(8)]
    [t.start() for t in ts]; [t.join() for t in ts]
    print("race", set(out), len(out))
    address=f"{COURSE}/sittings/{out[0]}"
    res=[]
    def sv(i):
        try:
            with lab.web.database.write() as s:
                res.append(("s",i,quizzes.save(s,lab._attempt(s,address),4,f"w{i}",revision=0).revision))
        except Exception as e: res.append(("e",i,type(e).__name__))
    def sb(i):
        with lab.web.database.write() as s:
            quizzes.submit(s,lab._attempt(s,address)); res.append("submit")
    ts=[threading.Thread(target=sv,args=(i,)) for i in range(6)]+[threading.Thread(target=sb,args=(0,))]
    [t.start() for t in ts]; [t.join() for t in ts]
    it=lab.item(address,"text"); print(res, it.answer, it.share, it.revision)
