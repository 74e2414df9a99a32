# what: millions of empty lists in one header
# place: after
# with: wire
# must: refused
# %%
wide = frame(b'["l"' + b",[]" * 2_700_000 + b"]")
worker._op_call = lambda request: sock.sendall(
    wide if "scale" in request["target"] else frame(table(id=request["id"], value=1.0, seconds=0.0))
)
