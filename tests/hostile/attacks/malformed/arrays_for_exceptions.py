# what: an exception whose type, message and place are arrays and lists
# place: after
# with: wire
# must: failed
# %%
array = ["a", "int64", [2]]
raised = table(type=array, message=array, cell=array, line=array)
answer_all(lambda number: frame(table(id=number, raised=raised), bytes(64)))
