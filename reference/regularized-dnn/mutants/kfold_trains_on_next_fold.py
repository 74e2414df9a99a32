# ko: 다음 묶음 하나만 훈련에 쓴다.
# en: Trains on the next fold alone.
# trips: kfold.complement
# misconception: trains-on-one-fold
def kfold_indices(n, k, seed):
    folds = np.array_split(np.random.default_rng(seed).permutation(n), k)
    return [(folds[(i + 1) % k], folds[i]) for i in range(k)]
