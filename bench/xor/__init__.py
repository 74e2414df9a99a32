"""The assignment that every grader gets: a student's notebook and the checks of it."""
