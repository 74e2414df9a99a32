# what: whole numbers of hundreds and of thousands of digits
# place: after
# must: failed
# %%
def scale(X):
    return [[10**400, -(10**400)]] * 3


def mean_square(y):
    return 10**5000


def count(X):
    return 10**400


def fit(X, y):
    return {10**400: 10**4299}
