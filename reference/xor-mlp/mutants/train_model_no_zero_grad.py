# ko: 기울기를 지우지 않아 에폭마다 쌓인다.
# en: Never clears the gradients: they pile up.
# trips: train_model.clears_gradients
# misconception: gradients-not-cleared
def train_model(model, X, y, epochs, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    criterion = nn.BCEWithLogitsLoss()
    losses = []
    for _ in range(epochs):
        value = criterion(model(X), y)
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses
