# what: hidden numbers as the shape of an array without elements
# place: after
# with: wire
# must: failed
# %%
def shaped(request):
    shape = [0]
    if "scale" in request["target"]:
        number = int(request["args"][0].max())
        shape = [0, number, number, 1]
    sock.sendall(frame(table(id=request["id"], value=["a", "float64", shape], seconds=0.0)))


worker._op_call = shaped
