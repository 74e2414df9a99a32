"""What happens in a course: people, published assignments, submissions, decisions, and the grades that follow.

Every operation takes an open session of `grader.store.database.Database` first, never commits, and writes the audit log
in the same transaction where somebody decides something.
"""
