# ko: 백 에폭에 한 번만 손실을 적는다.
# en: Records the loss only once in a hundred epochs.
# trips: train_model.losses
def train_model(model, X, y, epochs, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    criterion = nn.BCEWithLogitsLoss()
    losses = []
    for epoch in range(epochs):
        optimizer.zero_grad()
        value = criterion(model(X), y)
        value.backward()
        optimizer.step()
        if epoch % 100 == 0:
            losses.append(value.item())
    return losses
