# ko: 묶음마다 새로 뽑아, 검증이 서로 겹친다.
# en: Draws every fold anew, so that validations overlap.
# trips: kfold.partition
# misconception: overlapping-folds
def kfold_indices(n, k, seed):
    rng, pairs = np.random.default_rng(seed), []
    for i in range(k):
        order, size = rng.permutation(n), n // k + (i < n % k)
        pairs.append((order[size:], order[:size]))
    return pairs
