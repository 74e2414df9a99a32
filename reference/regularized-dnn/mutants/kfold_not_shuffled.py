# ko: 섞지 않고 앞에서부터 자른다.
# en: Cuts from front to back without shuffling.
# trips: kfold.shuffled, kfold.seeded
# misconception: folds-not-shuffled
def kfold_indices(n, k, seed):
    folds = np.array_split(np.arange(n), k)
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]
