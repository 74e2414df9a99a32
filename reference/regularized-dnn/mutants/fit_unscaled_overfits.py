# ko: 크기를 맞추지 않은 픽셀을 선형 모델로 외운다.
# en: Memorizes raw pixels with a linear model.
# trips: fit.held_out, fit.gap
# misconception: overfitted
def fit(X_train, y_train, X_val, y_val, seed):
    torch.manual_seed(seed)
    model = nn.Linear(64, 10)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(60):
        for rows in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(X_train[rows]), y_train[rows]).backward()
            optimizer.step()
    return model


def predict(model, X):
    with torch.no_grad():
        return model(X).argmax(dim=1)
