# ko: 학습이 끝난 뒤 CPU에 있는 X를 GPU의 모델에 넣어 본다.
# en: After training, X on the CPU is fed to the model on the GPU.
# trips: fit.device
# misconception: batch-not-moved
def fit(folder, device, seed):
    torch.manual_seed(seed)
    X, y, X_test, y_test = load_split(folder)
    scaler = fit_scaler(X)
    model = build_model(X.shape[1])
    train(model, make_loader(scale(X, scaler), y, 128, True, seed), 20, 3e-3, device)
    print(model(torch.tensor(scale(X[:9], scaler)).float()).detach())
    return model, scaler
