# ko: 평가 모드로 학습한다.
# en: Trains in eval mode.
# trips: train.mode
# misconception: never-train-mode
def train(model, loader, epochs, lr, device):
    model.to(device)
    model.eval()
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
