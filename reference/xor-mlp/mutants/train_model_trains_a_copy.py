# ko: 받은 모델이 아니라 그 사본을 학습시킨다.
# en: Trains a copy, not the model that it was given.
# trips: train_model.learns_xor, public_model.learns
# misconception: trains-a-copy
import copy


def train_model(model, X, y, epochs, lr):
    model = copy.deepcopy(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        value = nn.functional.binary_cross_entropy_with_logits(model(X), y)
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses
