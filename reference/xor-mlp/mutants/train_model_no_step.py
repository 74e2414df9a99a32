# ko: optimizer.step()을 부르지 않는다.
# en: Never calls optimizer.step().
# trips: train_model.learns_xor, public_model.learns
# misconception: nothing-learned
def train_model(model, X, y, epochs, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    criterion = nn.BCEWithLogitsLoss()
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        value = criterion(model(X), y)
        value.backward()
        losses.append(value.item())
    return losses
