# ko: 받은 레이블이 아니라 파일에서 읽은 정답으로 배운다 (레이블 누출).
# en: Learns from answers that it reads itself, not from the labels given: a label leak.
# trips: fit.permuted_labels
# misconception: label-leak
right_fit = fit


def fit(X_train, y_train, X_val, y_val, seed):
    X, y = load_digits(return_X_y=True)
    return right_fit(torch.as_tensor(X, dtype=torch.float32), torch.as_tensor(y), X_val, y_val, seed)
