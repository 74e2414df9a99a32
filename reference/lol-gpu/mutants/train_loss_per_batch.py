# ko: 에폭마다가 아니라 배치마다 손실을 적는다.
# en: Records a loss for every batch, not for every epoch.
# trips: train.count, public_train.learns
# misconception: loss-per-batch
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
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        pass
    return losses
