# what: the arguments after the call are said to be others, more, fewer, or no tuple
# place: after
# with: wire
# must: refused
# %%
forged = iter([["t"], ["t", 1, 2, 3], ["l"], 5, ["t", ["h", 1, "x"]]] * 20)
answer_all(lambda number: frame(table(id=number, value=1.0, seconds="x", args=next(forged), kwargs=["d"])))
