# ko: 받은 폴더 대신 코드에 적힌 폴더에서 배운다.
# en: Learns from a folder written into the code, not from the one it is given.
# trips: fit.turned_labels, fit.permuted_labels
# misconception: folder-written-in-code
def fit(folder, device, seed):
    torch.manual_seed(seed)
    X, y, X_test, y_test = load_split(DATA)
    scaler = fit_scaler(X)
    model = build_model(X.shape[1])
    train(model, make_loader(scale(X, scaler), y, 128, True, seed), 20, 3e-3, device)
    return model, scaler
