# ko: 0과 1 사이로 맞추고, 큰 배치와 SGD로 몇 걸음만 걷는다.
# en: Scaled to 0..1, and too few steps of plain SGD with large batches.
def fit_scaler(X):
    return X.min(axis=0), X.max(axis=0)


def scale(X, scaler):
    low, high = scaler
    return (X - low) / np.where(high > low, high - low, 1.0)


def fit(folder, device, seed):
    torch.manual_seed(seed)
    X, y, _, _ = load_split(folder)
    scaler = fit_scaler(X)
    model = nn.Sequential(nn.Linear(48, 16), nn.ReLU(), nn.Linear(16, 1)).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(20):
        for x, target in make_loader(scale(X, scaler), y, 512, True, seed):
            optimizer.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(model(x.to(device)), target.to(device)).backward()
            optimizer.step()
    return model, scaler
