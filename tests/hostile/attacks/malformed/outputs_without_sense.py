# what: rich outputs with data of every wrong kind
# place: after
# with: wire
# must: refused
# %%
deep = ["l"]
for _ in range(30):
    deep = ["l", deep]
for kind in ("display_data", "execute_result", "error", "update_display_data", "", "x" * 100_000, None, 5):
    for data in (None, 5, "text", ["l", 1], ["d", [5, 6]], ["d", ["text/plain", deep]], ["d", ["text/plain", float("nan")]], ["h", 1, "x"],
                 ["d", ["image/png", "\ud800"]], ["d", ["text/html", "<script>alert(1)</script>"]], ["d", ["application/json", ["d", ["", ["l"]]]]]):
        output = table(data=data, metadata=data, traceback=data, ename=data, evalue=data, execution_count=data)
        if kind is not None:
            output.append(["output_type", kind])
        sock.sendall(frame(table(output=output)))
