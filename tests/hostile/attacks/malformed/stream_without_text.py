# what: outputs without the fields that they must have, two after another
# place: after
# with: wire
# must: refused
# %%
for _ in range(2):
    sock.sendall(frame(table(output=table(output_type="stream", name="stdout"))))
