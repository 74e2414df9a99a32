# ko: 학습 모드로 예측해 드롭아웃이 켜져 있다.
# en: Predicts in train mode, with dropout at work.
# trips: predict.same_twice
# misconception: no-eval-mode
def predict(model, X):
    model.train()
    with torch.no_grad():
        return model(scaled(model, X.repeat(2, 1)))[: len(X)].argmax(dim=1)
