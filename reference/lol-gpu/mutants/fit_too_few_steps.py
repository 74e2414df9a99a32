# ko: 가장 큰 배치로 몇 걸음만 걷고 끝낸다.
# en: Takes only a few steps, with the largest batch.
# trips: fit.held_out, public_fit.training_part
def fit(folder, device, seed):
    torch.manual_seed(seed)
    X, y, X_test, y_test = load_split(folder)
    scaler = fit_scaler(X)
    model = build_model(X.shape[1])
    train(model, make_loader(scale(X, scaler), y, len(X), True, seed), 3, 1e-3, device)
    return model, scaler
