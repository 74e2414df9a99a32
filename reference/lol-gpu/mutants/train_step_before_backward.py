# ko: 역전파보다 먼저 걸음을 떼어 지난 배치의 기울기로 움직인다.
# en: Steps before backward, with the gradient of the batch before.
# trips: train.first_step
# misconception: step-before-backward
def train(model, loader, epochs, lr, device):
    model.to(device)
    model.train()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total, n = 0.0, 0
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            loss = criterion(model(x), y)
            optimizer.step()
            optimizer.zero_grad()
            loss.backward()
            total += loss.item() * len(x)
            n += len(x)
        losses.append(total / n)
    return losses
