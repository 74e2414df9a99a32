"""`make bench-web`: how fast the pages of a large course are, through the real server and on this machine alone.

A course is made by code (1,000 people, 20 assignments, a million rows of checks), `grader serve` is started on a free
loopback port, and asked: page by page, right after changes, by 200 readers at once, and with 1,000 uploads a minute.
A full run writes its tables into bench/RESULTS.md. `--quick` is a small course and writes nothing.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import random
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from sqlalchemy import func, select

from bench import webcourse
from bench.results import bullets, machine, rewrite, table
from bench.webcourse import COURSE, STAFF, Size, student
from bench.webserver import Answer, Browser, Server, serving
from grader.course import decisions
from grader.store.database import Database
from grader.store.models import Assignment, Blob, Person, Run, State, Submission

ROOT = Path(__file__).resolve().parent.parent / ".bench"
RESULTS = Path(__file__).parent / "RESULTS.md"
TITLE = "# Results of `make bench-web`"
GRADEBOOK_MS, PAGE_MS, UPLOAD_MS, ASSETS_KB = 100.0, 50.0, 1000.0, 300.0
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Load:
    """How much is asked."""

    turns: int = 60  # of each page
    changes: int = 20
    readers: int = 200
    pages_each: int = 15
    streams: int = 24
    uploads: int = 1000
    seconds: float = 55.0  # in which the uploads are begun
    sign_ins: int = 60


@dataclass(frozen=True)
class Line:
    """One page: milliseconds of the wall clock, and of the server's processor, of each request (of many at once their
    mean alone). `first` is the first time since the server's start."""

    what: str
    limit: float | None
    times: Sequence[float]
    cpu: Sequence[float]
    first: float | None = None

    @property
    def p95(self) -> float:
        return percentile(self.times, 95)

    @property
    def met(self) -> bool:
        return self.limit is None or self.p95 <= self.limit

    def cells(self) -> tuple[str, ...]:
        cpu = percentile(self.cpu, 95)
        limit = ratio = ratio_cpu = ""
        if self.limit is not None:
            limit, ratio, ratio_cpu = (
                f"{self.limit:.0f}",
                f"{self.p95 / self.limit:.2f}",
                f"{cpu / self.limit:.2f}",
            )
        first = "" if self.first is None else f"{self.first:.0f}"
        measured = (percentile(self.times, 50), self.p95, percentile(self.cpu, 50), cpu)
        return self.what, *(f"{one:.1f}" for one in measured), limit, ratio, ratio_cpu, first


HEAD = (
    *("page", "p50 ms", "p95 ms", "processor p50 ms", "processor p95 ms"),
    *("limit ms", "p95 / limit", "processor p95 / limit", "first ms"),
)


@dataclass
class Report:
    """What was measured."""

    size: Size
    lines: list[Line] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def must(self, holds: bool, what: str) -> None:
        if not holds:
            self.failures.append(what)

    def markdown(self) -> str:
        size = self.size
        about = f"{size.people:,} people, {size.assignments} assignments, {size.submissions} submissions each, "
        about += f"{size.quizzes} graded quizzes"
        rows = size.people * size.assignments * size.submissions * size.checks * 1.05  # one in 20 was graded twice
        slow = [line for line in self.lines if not line.met]
        busy = [line.what for line in slow if line.limit and percentile(line.cpu, 95) <= line.limit]
        missed = [f"{one} (by the wall clock alone, on a busy machine)" for one in busy]
        missed += [line.what for line in slow if line.what not in busy] + self.failures
        parts = [
            TITLE,
            "Written by the command; docs/performance.md explains it.",
            bullets({**machine(), "course": f"{about}, about {rows:,.0f} rows of checks, SQLite"}),
            table(HEAD, [line.cells() for line in self.lines]),
            bullets(self.facts),
            "Every limit is met." if not missed else "Not met: " + "; ".join(missed) + ".",
        ]
        return "\n\n".join(parts) + "\n"


def percentile(times: Sequence[float], at: float) -> float:
    """Of these times; the nearest that there is, never one between two."""
    ranked = sorted(times)
    return ranked[min(len(ranked) - 1, int(len(ranked) * at / 100))]


def main() -> int:
    arguments = _arguments()
    size = Size(30, 4, 2, 6) if arguments.quick else Size()
    load = Load(3, 2, 8, 3, 2, 10, 1.0, 2) if arguments.quick else Load()
    report = run(ROOT, size, load)
    text = report.markdown()
    print(text)
    if not arguments.quick:
        rewrite(RESULTS, TITLE, text)
    return 1 if report.failures else 0


def run(folder: Path, size: Size, load: Load) -> Report:
    """All of it. What it starts has ended when it returns."""
    report = Report(size)
    with webcourse.course(folder, size) as home:
        database = Database(home.url)
        emails = [STAFF, *(student(n) for n in range(1, size.people + 1))]
        cookies: dict[str, str] = {}
        with serving(home) as server:
            webcourse.give_passwords(database, emails[1 : load.sign_ins + 1], PASSWORD)
            cookies |= webcourse.sign_in(database, emails)
            _say("page by page")
            _pages(report, server, cookies, size, load)
            _assets(report, server, cookies, size)
            _say("right after changes by another process")
            _after_changes(report, server, database, cookies, size, load)
            _say(f"{load.sign_ins} sign-ins from one address")
            _sign_ins(report, server, load)
            _say(f"{load.readers} readers at once")
            _readers(report, server, cookies, size, load)
            _say(f"{load.uploads} uploads")
            _uploads(report, server, database, cookies, size, load)
        database.close()
    return report


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.web", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small course; writes no RESULTS.md")
    return parser.parse_args()


def _say(what: str) -> None:
    print(f"... {what}", file=sys.stderr, flush=True)


# ------------------------------------------------------------------------------------------------ page by page


def _addresses(size: Size) -> tuple[dict[str, Callable[[int], str]], dict[str, Callable[[int], str]]]:
    """The pages of staff and those of students: the n-th address of each, seeded."""
    base = f"/courses/{COURSE}"
    last = size.assignments
    some = random.Random(3)
    people = [some.randrange(1, size.people + 1) for _ in range(1000)]

    def receipt(person: int, assignment: int) -> str:
        return f"/submissions/r{(assignment - 1) * size.submissions * size.people + person}"

    sorts = ("sort=name", "sort=total&down=1", f"sort=week-{last}&down=1", "sort=group", "group=group+3", "q=person+00")
    staff = {
        "gradebook": lambda n: f"{base}/gradebook",
        "gradebook, sorted, searched, other pages": lambda n: f"{base}/gradebook?{sorts[n % 6]}&page={n % 10 + 1}",
        "results of an assignment (charts)": lambda n: f"{base}/assignments/week-{n % 4 + 1}/results",
        "who is behind a bar": lambda n: f"{base}/assignments/week-{n % 4 + 1}/results/people?bin={n % 11}",
        "people": lambda n: f"{base}/people?page={n % 10 + 1}",
        "a person": lambda n: f"{base}/people/{people[n]}",
        "extensions": lambda n: f"{base}/extensions",
        "queue": lambda n: f"{base}/queue",
        "regrades": lambda n: f"{base}/assignments/week-{n % last + 1}/regrades",
        "requests to look again": lambda n: f"{base}/requests",
        "a submission, for staff": lambda n: f"{receipt(people[n], n % last + 1)}/staff",
        "assignments, for staff": lambda n: base,
    }
    own = 7  # who signs in below
    students = {
        "home": lambda n: base,
        "an assignment and its attempts": lambda n: f"{base}/assignments/week-{n % last + 1}",
        "submit form": lambda n: f"{base}/assignments/week-{last}/submit",
        "a report": lambda n: receipt(own, n % last + 1),
        "a receipt": lambda n: f"{receipt(own, n % last + 1)}/live",
        "account": lambda n: "/account",
    }
    return staff, students


def _pages(report: Report, server: Server, cookies: dict[str, str], size: Size, load: Load) -> None:
    staff, students = _addresses(size)
    for email, pages in ((STAFF, staff), (student(7), students)):
        with server.browser(cookies[email]) as browser:
            for what, address in pages.items():
                limit = GRADEBOOK_MS if what.startswith("gradebook") else PAGE_MS
                report.lines.append(_page(report, server, browser, what, address, limit, load.turns))
    with server.browser() as browser:
        report.lines.append(_page(report, server, browser, "sign-in form", lambda n: "/sign-in", PAGE_MS, load.turns))


def _page(
    report: Report,
    server: Server,
    browser: Browser,
    what: str,
    address: Callable[[int], str],
    limit: float,
    turns: int,
) -> Line:
    """Each address once before, as the first time computes what later ones are told."""
    first = max(_ask(report, browser, what, each).ms for each in dict.fromkeys(map(address, range(turns))))
    times, cpu = [], []
    for n in range(turns):
        before = server.cpu_ms()
        times.append(_ask(report, browser, what, address(n)).ms)
        cpu.append(server.cpu_ms() - before)
    return Line(what, limit, times, cpu, first)


def _ask(report: Report, browser: Browser, what: str, address: str) -> Answer:
    answer = browser.get(address)
    report.must(answer.status == 200, f"{what}: {address} answered {answer.status}")
    return answer


def _assets(report: Report, server: Server, cookies: dict[str, str], size: Size) -> None:
    """What a page's scripts and styles weigh, compressed."""
    staff, students = _addresses(size)
    heaviest, page = 0.0, ""
    for email, pages in ((STAFF, staff), (student(7), students)):
        with server.browser(cookies[email]) as browser:
            for what, address in pages.items():
                found = re.findall(r'(?:src|href)="(/static/[^"]+\.(?:js|css)[^"]*)"', browser.get(address(0)).text)
                kilobytes = sum(len(gzip.compress(browser.get(one).body)) for one in set(found)) / 1000
                if kilobytes > heaviest:
                    heaviest, page = kilobytes, what
    report.facts["heaviest scripts and styles of a page, compressed"] = (
        f"{heaviest:.1f} kB ({page}); limit {ASSETS_KB:.0f} kB"
    )
    report.must(heaviest <= ASSETS_KB, "the weight of scripts and styles")


def _after_changes(
    report: Report, server: Server, database: Database, cookies: dict[str, str], size: Size, load: Load
) -> None:
    """Somebody's grade is changed here, in another process than the server: the very next page has to show it. Each
    change says the words by which one knows."""
    numbers = count(1)

    def decide() -> str:
        points = 10 + next(numbers) / 100
        _decide(database, points)
        return f">* {points:g}<"

    def hand_in() -> str:
        with database.write() as session:
            return f"<dd>{webcourse.hand_in(session, size, next(numbers) % size.people + 1)}</dd>"

    results = f"/courses/{COURSE}/assignments/week-1/results"
    pages: tuple[tuple[str, str, float | None, Callable[[], str], bool], ...] = (
        ("gradebook, right after a decision", f"/courses/{COURSE}/gradebook?q=p7%40", GRADEBOOK_MS, decide, True),
        ("results with new charts, right after a decision", results, None, decide, False),
        ("results with new charts, right after a grading", results, None, hand_in, True),
        ("who is behind a bar, right after a grading", f"{results}/people?bin=10", PAGE_MS, hand_in, False),
    )
    old = 0
    with server.browser(cookies[STAFF]) as browser:
        for what, address, limit, change, shown in pages:
            browser.get(address)
            times, cpu = [], []
            for _ in range(load.changes):
                words, before = change(), server.cpu_ms()
                answer = _ask(report, browser, what, address)
                cpu.append(server.cpu_ms() - before)
                times.append(answer.ms)
                old += shown and words not in answer.text
            report.lines.append(Line(what, limit, times, cpu))
    report.must(not old, f"what another process had changed was not on the very next page {old} times")
    report.facts["changes by another process that the very next page did not show"] = str(old)


def _decide(database: Database, points: float) -> None:
    with database.write() as session:
        assignment = session.scalars(select(Assignment).where(Assignment.key == "week-1")).one()
        person = session.scalars(select(Person).where(Person.email == student(7))).one()
        decisions.set_override(session, assignment, person, points, "bench", actor="bench")


# ------------------------------------------------------------------------------------------------ many at once


def _sign_ins(report: Report, server: Server, load: Load) -> None:
    """With passwords, through the form, all from one address."""
    emails = [student(n) for n in range(1, load.sign_ins + 1)]

    def one(email: str) -> Answer:
        with server.browser() as browser:
            browser.get("/sign-in")
            return browser.post("/sign-in", {"email": email, "password": PASSWORD})

    before = server.cpu_ms()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, emails))
    refused = sum(answer.status != 303 for answer in answers)
    report.must(not refused, f"{refused} sign-ins were refused")
    cpu = (server.cpu_ms() - before) / len(emails)
    report.lines.append(Line("signing in, 8 at once from one address", None, [one.ms for one in answers], [cpu]))


def _readers(report: Report, server: Server, cookies: dict[str, str], size: Size, load: Load) -> None:
    """Each has a browser, and asks for one page after the other without a pause; others watch live pages."""
    base, last = f"/courses/{COURSE}", size.assignments
    ready = threading.Barrier(load.readers)
    emails = [student(n % size.people + 1) for n in range(load.readers - load.readers // 20)]
    emails += [STAFF] * (load.readers - len(emails))

    def pages(email: str, n: int) -> str:
        if email == STAFF:
            return (f"{base}/gradebook?page={n % 10 + 1}", f"{base}/people", f"{base}/queue")[n % 3]
        person = int(email.partition("@")[0][1:])
        own = f"/submissions/r{person + size.people * size.submissions * (n % last)}"
        return (base, f"{base}/assignments/week-{n % last + 1}", own, f"{base}/assignments/week-{last}/submit")[n % 4]

    def one(email: str) -> list[Answer]:
        with server.browser(cookies[email]) as browser:
            ready.wait()
            return [browser.get(pages(email, n)) for n in range(load.pages_each)]

    with _streams(server, cookies, size, load) as watched:
        before, start = server.cpu_ms(), time.perf_counter()
        with ThreadPoolExecutor(load.readers) as pool:
            answers = [answer for each in pool.map(one, emails) for answer in each]
        seconds, spent = time.perf_counter() - start, server.cpu_ms() - before
    errors = sum(answer.status != 200 for answer in answers)
    report.must(not errors, f"{errors} of {len(answers)} answers to readers at once were errors")
    report.lines.append(
        Line(f"{load.readers} readers at once, without a pause", None, [a.ms for a in answers], [spent / len(answers)])
    )
    report.facts[f"{load.readers} readers at once"] = (
        f"{len(answers):,} pages in {seconds:.1f} s ({len(answers) / seconds:.0f} a second), {errors} errors, "
        f"{watched} live streams open beside them"
    )


class _streams:
    """Live pages of submissions that wait, open while others read."""

    def __init__(self, server: Server, cookies: dict[str, str], size: Size, load: Load) -> None:
        self.server, self.cookies, self.size, self.load = server, cookies, size, load
        self.open: list[http.client.HTTPConnection] = []

    def __enter__(self) -> int:
        for n in range(1, self.load.streams + 1):
            with self.server.browser(self.cookies[student(n)]) as browser:
                receipt = browser.hand_in(COURSE, f"week-{self.size.assignments}", webcourse.notebook(10_000 + n))[-1]
            connection = http.client.HTTPConnection(self.server.place, timeout=60)
            headers = {"Cookie": f"grader_session={self.cookies[student(n)]}"}
            connection.request("GET", f"/submissions/{receipt.receipt}/events", headers=headers)
            if connection.getresponse().status == 200:
                self.open.append(connection)
        return len(self.open)

    def __exit__(self, *_: object) -> None:
        for one in self.open:
            one.close()


def _uploads(
    report: Report, server: Server, database: Database, cookies: dict[str, str], size: Size, load: Load
) -> None:
    """A whole class hands in: each opens the form, uploads a notebook of its own and confirms."""
    with database.read() as session:
        known = set(session.scalars(select(Submission.receipt)))
    begin = time.perf_counter()
    left = iter(range(load.uploads))
    lock = threading.Lock()
    found: list[list[Answer]] = []

    def work() -> None:
        while True:
            with lock:
                n = next(left, None)
            if n is None:
                return
            time.sleep(max(0.0, begin + n * load.seconds / load.uploads - time.perf_counter()))
            with server.browser(cookies[student(n % size.people + 1)]) as browser:
                found.append(browser.hand_in(COURSE, f"week-{size.assignments}", webcourse.notebook(20_000 + n)))

    before = server.cpu_ms()
    with ThreadPoolExecutor(min(64, load.uploads)) as pool:
        for one in [pool.submit(work) for _ in range(min(64, load.uploads))]:
            one.result()
    seconds, spent = time.perf_counter() - begin, server.cpu_ms() - before
    receipts = {steps[-1].receipt for steps in found} - {""}
    lost = _lost(database, receipts, known, load.uploads)
    accepted = len(receipts)
    times = [step.ms for steps in found for step in steps[1:]]
    slowest = percentile(times, 99)
    report.lines.append(
        Line("an upload (the file, and its confirmation)", None, times, [spent / (3 * load.uploads)])  # and the form
    )
    report.facts[f"{load.uploads:,} uploads"] = (
        f"{accepted:,} accepted in {seconds:.1f} s, {lost} lost, p99 of a request {slowest:.0f} ms (limit 1,000 ms)"
    )
    report.must(accepted == load.uploads, f"{load.uploads - accepted} uploads were not accepted")
    report.must(not lost, f"{lost} uploads were lost")
    report.must(slowest < UPLOAD_MS, f"p99 of uploads is {slowest:.0f} ms")
    report.must(seconds <= 60 or load.uploads < 1000, f"the uploads took {seconds:.0f} s")


def _lost(database: Database, receipts: Iterable[str], known: set[str], uploads: int) -> int:
    """How many receipts have no submission with its own notebook and a run that waits."""
    with database.read() as session:
        query = (
            select(Submission.receipt)
            .join(Blob, Blob.sha256 == Submission.notebook)
            .join(Run, Run.submission_id == Submission.id)
            .where(Run.state == State.QUEUED, func.length(Blob.data) == Blob.size)
        )
        there = set(session.scalars(query)) - known
    return len(set(receipts) - there)


if __name__ == "__main__":
    sys.exit(main())
