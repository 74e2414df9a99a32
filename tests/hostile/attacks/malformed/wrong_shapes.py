# what: shapes that are negative, true, fractional, nested, too large for the bytes, or too many
# place: after
# with: wire
# must: refused
# %%
shapes = iter([[-1], [True], [1.0], [[2]], [10**9, 10**9], [2**39, 2**39, 0], [1] * 40, "22", [2**31], None, [2**63], [3]] * 20)
answer_all(lambda number: frame(table(id=number, value=["a", "float64", next(shapes)], seconds=0.0), b"\x01" * 16))
