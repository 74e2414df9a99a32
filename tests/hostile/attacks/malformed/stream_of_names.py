# what: streams whose name and text are lists, numbers and arrays
# place: after
# with: wire
# must: refused
# %%
for name, text in [("stdout", 5), (["l", 1], "x"), (["a", "int64", [2]], "x"), (["a", "int64", [2]], "x"), ("stdout", ["l"])]:
    body = bytes(16) if isinstance(name, list) and name[0] == "a" else b""
    sock.sendall(frame(table(output=table(output_type="stream", name=name, text=text)), body))
