# ko: 기울기를 에폭마다 한 번만 지운다.
# en: Clears the gradients only once an epoch.
# trips: train.clears
# misconception: gradients-not-cleared
def train(model, loader, epochs, lr, device):
    model.to(device)
    model.train()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total, n = 0.0, 0
        optimizer.zero_grad()
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
            n += len(x)
        losses.append(total / n)
    return losses
