# ko: 정규화도 조기 종료도 없이 훈련 데이터를 외운다.
# en: Memorizes the training part: no regularization, no early stopping.
# trips: fit.held_out, fit.gap
def fit(X_train, y_train, X_val, y_val, seed):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    model.lo, model.hi = min_max_fit(X_train.numpy())
    A = scaled(model, X_train)
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    for _ in range(100):
        for rows in torch.randperm(len(A)).split(50):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(A[rows]), y_train[rows]).backward()
            optimizer.step()
    return model
