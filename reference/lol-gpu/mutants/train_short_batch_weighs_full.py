# ko: 마지막 짧은 배치의 손실에도 batch_size를 곱한다.
# en: Multiplies the loss of the last short batch by batch_size, too.
# trips: train.mean
# misconception: short-batch-weighs-full
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
            total += loss.item() * loader.batch_size
            n += len(x)
        losses.append(total / n)
    return losses
