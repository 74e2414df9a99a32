# ko: n // k개씩만 잘라, 남는 예제를 버린다.
# en: Cuts folds of n // k and drops the examples left over.
# trips: kfold.partition, public_kfold.ten_in_three
# misconception: leftovers-dropped
def kfold_indices(n, k, seed):
    order, size = np.random.default_rng(seed).permutation(n), n // k
    folds = [order[i * size : (i + 1) * size] for i in range(k)]
    return [(np.setdiff1d(order, fold), fold) for fold in folds]
