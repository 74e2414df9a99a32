# what: pictures and tables are displayed without end
# place: after
# must: crashed
# limit: output_mb
# %%
from IPython.display import HTML, display

while True:
    display(HTML("<table>" + "<tr><td>x" * 50_000))
