# ko: 마지막 배치의 손실만 적는다.
# en: Records the loss of the last batch alone.
# trips: train.mean
# misconception: loss-of-last-batch
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
            total = loss.item()
        losses.append(total)
    return losses
