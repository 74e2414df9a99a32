# ko: 마지막에 softmax를 붙여 로짓이 아니라 확률을 낸다.
# en: Ends in a softmax, and so gives probabilities.
# trips: build_model.logits
# misconception: softmax-before-cross-entropy
def build_model(n_in, n_classes):
    return nn.Sequential(nn.Linear(n_in, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, n_classes), nn.Softmax(dim=1))
