# ko: 받은 학습률을 쓰지 않는다.
# en: Does not use the learning rate that it is given.
# trips: train.lr
# misconception: learning-rate-ignored
def train(model, loader, epochs, lr, device):
    model.to(device)
    model.train()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
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
