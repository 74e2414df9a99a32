"""How the tables came to be, step by step; `grader.store.schema` walks the steps."""
