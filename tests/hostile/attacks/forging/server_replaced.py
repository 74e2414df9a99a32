# what: the socket is taken over by a thread that answers all questions with handles and agreeing values
# place: after
# with: wire
# must: failed
# %%
def serve(self):
    while True:
        request = self.channel.receive()
        for _ in request.get("many", [None]):
            value = ["h", 1, "Line"] if "args" in request else 1.0
            sock.sendall(frame(table(id=request["id"], value=value, seconds=0.0, args=["t"], kwargs=["d"])))


worker._op_call = worker._op_each = lambda request: None
answer_all(lambda number: frame(table(id=number, value=["h", number, "Agreeable"], seconds=0.0)))
type(worker).serve = serve
