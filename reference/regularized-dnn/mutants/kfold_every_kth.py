# ko: 번호를 k개씩 건너뛰며 나눌 뿐 섞지 않는다.
# en: Takes every k-th number, and does not shuffle.
# trips: kfold.shuffled
# misconception: folds-not-shuffled
def kfold_indices(n, k, seed):
    return [(np.array([j for j in range(n) if j % k != i]), np.arange(i, n, k)) for i in range(k)]
