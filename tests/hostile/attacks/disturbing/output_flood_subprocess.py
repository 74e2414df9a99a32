# what: a child prints without end
# place: after
# must: crashed
# limit: output_mb
# %%
!yes 0123456789
