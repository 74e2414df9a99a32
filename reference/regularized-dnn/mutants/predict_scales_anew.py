# ko: 예측할 때 받은 X로 스케일러를 다시 맞춘다 (데이터 누출).
# en: Fits the scaler again on the X at hand: leakage.
# trips: predict.alone
# misconception: scaler-leak
def predict(model, X):
    model.eval()
    X = torch.as_tensor(min_max_apply(X.numpy(), *min_max_fit(X.numpy())), dtype=torch.float32)
    with torch.no_grad():
        return model(X).argmax(dim=1)
