# ko: 역전파와 걸음 사이에서 기울기를 지워 아무것도 배우지 않는다.
# en: Clears the gradients between backward and step, so nothing is learned.
# trips: train.learns, train.first_step, public_train.learns
# misconception: nothing-learned
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
            loss.backward()
            optimizer.zero_grad()
            optimizer.step()
            total += loss.item() * len(x)
            n += len(x)
        losses.append(total / n)
    return losses
