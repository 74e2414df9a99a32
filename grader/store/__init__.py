"""What the course remembers: typed tables, one transaction at a time, on SQLite or PostgreSQL.

Theory of operation. One database holds everything: people, published versions of assignments, submissions exactly as
they were received, grading runs with a row a check, decisions of people, and an audit log that cannot be changed
unseen. By default it is one SQLite file in one folder (`GRADER_HOME`); with `GRADER_DATABASE` it is PostgreSQL, and
workers on other machines share it.

Three rules keep it whole:

1. Facts are added, not changed. A submission, a run's rows, an override, an extension stay as they were written; a
   later one stands beside them. A grade is never stored: it is a pure function of these rows (`grader.course.grades`).
2. Whoever decides writes the audit log in the same transaction (`grader.store.audit`).
3. A submission and its job are written in one transaction (`grader.jobs`), so that none is ever lost between them.
"""
