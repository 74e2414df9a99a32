# ko: 받은 std 배열의 0을 1로 바꾸어 놓는다.
# en: Turns the zeros of the std that it was given into ones.
# trips: standardize.pure
# misconception: in-place-arguments
def standardize_apply(X, mean, std):
    constant = std == 0
    std[constant] = 1.0
    return np.where(constant, 0.0, (X - mean) / std)
