# what: one reply that says missing, raised, refused, a signature and a value at once, each wrongly
# place: after
# with: wire
# must: failed
# %%
kinds = [table(missing=["l"]), table(uncallable=5), table(signature="x" * 1_000_000 + "\ud800"), table(raised=5), table(refused=None),
         table(value=None, raised=5, missing=1), table(), table(raised=table(type="x" * 500_000, message="y" * 5_000_000, cell=-1, line=10**100))]
count_ = iter(kinds * 50)
answer_all(lambda number: frame(["d", ["id", number], *next(count_)[1:]]))
