# what: the fault of a cell is told with fields of every wrong kind
# place: after
# with: wire
# must: graded
# %%
fault = table(type=["l", "\ud800"] * 1000, message="\ud800" * 2_000, cell=10**3000, line=10**4000)


def cell(request):
    sock.sendall(frame(table(id=request["id"], done=table(seconds="x", fault=fault))))


worker._op_cell = cell
# %%
1
# %%
2
