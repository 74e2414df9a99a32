# ko: 클래스 번호가 아니라 로짓을 돌려준다.
# en: Returns logits, not class numbers.
# trips: predict.classes, public_fit.learns
# misconception: logits-for-classes
def predict(model, X):
    model.eval()
    with torch.no_grad():
        return model(scaled(model, X))
