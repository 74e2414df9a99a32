# ko: 학습 모드로 바꾸지 않고 들어온 그대로 학습한다.
# en: Never switches to train mode: trains in whatever mode the model comes.
# trips: train.mode
# misconception: never-train-mode
def train(model, loader, epochs, lr, device):
    model.to(device)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total, n = 0.0, 0
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
            n += len(x)
        losses.append(total / n)
    return losses
