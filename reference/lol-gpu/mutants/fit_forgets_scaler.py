# ko: 크기를 맞추지 않은 X로 학습한다.
# en: Trains on X that is not scaled.
# trips: fit.held_out, public_fit.training_part
# misconception: scaling-left-out
def fit(folder, device, seed):
    torch.manual_seed(seed)
    X, y, X_test, y_test = load_split(folder)
    scaler = fit_scaler(X)
    model = build_model(X.shape[1])
    train(model, make_loader(X, y, 128, True, seed), 20, 3e-3, device)
    return model, scaler
