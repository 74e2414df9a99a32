"""What staff look at, as plain data: read from the store in few queries, without a request and without a page.

The blueprints beside this package turn it into pages; what stands here knows no roles and makes no addresses.
"""
