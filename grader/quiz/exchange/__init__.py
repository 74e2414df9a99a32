"""Quizzes to and from other systems: Moodle XML, GIFT and QTI.

Theory of operation. A writer takes a `Paper`, questions posed with their values, and gives the bytes of a file; a
reader takes bytes from a stranger and gives a `Part` for each quiz in them, which `several` reads into a `Quiz` with
its keys. Neither touches a disk. What a format cannot hold, or what there is no kind of question for, comes back as a
`Loss`, so that a person can look at it: nothing is dropped in silence. A text that came in one language gets `TODO` in
the other, which `grader quiz lint` reports.
"""
