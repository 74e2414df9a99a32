# ko: seed를 쓰지 않는다.
# en: Does not use seed.
# trips: fit.seeded
# misconception: seed-ignored
def fit(folder, device, seed):
    rounds = int(torch.randint(1000, ()))
    X, y, X_test, y_test = load_split(folder)
    scaler = fit_scaler(X)
    model = build_model(X.shape[1])
    train(model, make_loader(scale(X, scaler), y, 128, True, rounds), 20, 3e-3, device)
    return model, scaler
