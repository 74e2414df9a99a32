# ko: 남는 예제를 마지막 묶음에 몰아넣는다.
# en: Puts all examples left over into the last fold.
# trips: kfold.partition
# misconception: leftovers-in-one-fold
def kfold_indices(n, k, seed):
    order, size = np.random.default_rng(seed).permutation(n), n // k
    folds = [order[i * size : n if i == k - 1 else (i + 1) * size] for i in range(k)]
    return [(np.setdiff1d(order, fold), fold) for fold in folds]
