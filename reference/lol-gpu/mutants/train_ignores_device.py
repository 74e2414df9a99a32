# ko: device를 무시하고 모두 CPU에서 계산한다.
# en: Ignores the device: everything is computed on the CPU.
# trips: train.device
# misconception: device-ignored
def train(model, loader, epochs, lr, device):
    model.to("cpu")
    model.train()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total, n = 0.0, 0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
            n += len(x)
        losses.append(total / n)
    return losses
