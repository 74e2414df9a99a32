# what: arrays of objects, strings, dates and records, by name and by dtype code
# place: after
# with: wire
# must: refused
# %%
kinds = iter(["object", "O", "U4", "S4", "datetime64[ns]", "V8", "f8,f8", "float128", "<f8", ["float64"], {"a": 1}, None, "float64 "] * 20)
answer_all(lambda number: frame(table(id=number, value=["a", next(kinds), [2]], seconds=0.0), b"\x01" * 16))
