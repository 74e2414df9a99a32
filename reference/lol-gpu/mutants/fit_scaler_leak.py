# ko: 훈련과 시험 데이터를 이어 붙여서 스케일러를 잰다.
# en: Fits the scaler on the training and the test part together.
# trips: fit.scaler
# misconception: scaler-of-both-parts
def fit(folder, device, seed):
    torch.manual_seed(seed)
    X, y, X_test, y_test = load_split(folder)
    scaler = fit_scaler(np.concatenate([X, X_test]))
    model = build_model(X.shape[1])
    train(model, make_loader(scale(X, scaler), y, 128, True, seed), 20, 3e-3, device)
    return model, scaler
