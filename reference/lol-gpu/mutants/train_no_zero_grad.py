# ko: 기울기를 지우지 않아 배치마다 쌓인다.
# en: Never clears the gradients: they pile up.
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
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
            n += len(x)
        losses.append(total / n)
    return losses
