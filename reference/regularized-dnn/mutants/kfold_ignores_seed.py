# ko: 전역 난수로 섞어 seed가 소용없다.
# en: Shuffles with global random numbers, whatever the seed.
# trips: kfold.seeded
# misconception: seed-ignored
def kfold_indices(n, k, seed):
    folds = np.array_split(np.random.permutation(n), k)
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]
