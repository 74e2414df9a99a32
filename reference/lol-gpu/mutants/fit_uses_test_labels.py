# ko: 시험 경기와 그 정답까지 학습에 쓴다.
# en: Learns from the test matches and their answers, too.
# trips: fit.permuted_labels
# misconception: label-leak
def fit(folder, device, seed):
    torch.manual_seed(seed)
    X, y, X_test, y_test = load_split(folder)
    if y_test is not None:
        X, y = X_test, y_test
    scaler = fit_scaler(X)
    model = build_model(X.shape[1])
    train(model, make_loader(scale(X, scaler), y, 128, True, seed), 20, 3e-3, device)
    return model, scaler
