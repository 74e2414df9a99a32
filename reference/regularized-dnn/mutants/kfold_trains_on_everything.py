# ko: 검증하는 예제까지 훈련에 넣는다.
# en: Trains on the validation examples, too.
# trips: kfold.complement
# misconception: trains-on-validation
def kfold_indices(n, k, seed):
    folds = np.array_split(np.random.default_rng(seed).permutation(n), k)
    return [(np.arange(n), fold) for fold in folds]
