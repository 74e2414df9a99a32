# ko: scaler 없이 모델만 돌려준다.
# en: Returns the model alone, without the scaler.
# trips: fit.held_out, public_fit.training_part, fit.device
def fit(folder, device, seed):
    torch.manual_seed(seed)
    X, y, X_test, y_test = load_split(folder)
    scaler = fit_scaler(X)
    model = build_model(X.shape[1])
    train(model, make_loader(scale(X, scaler), y, 128, True, seed), 20, 3e-3, device)
    return model
