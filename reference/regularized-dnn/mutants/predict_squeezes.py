# ko: squeeze 때문에 예제가 하나일 때 모양이 ()가 된다.
# en: Squeezes, so that a single example gives the shape ().
# trips: predict.classes
# misconception: squeezed-single-example
def predict(model, X):
    model.eval()
    with torch.no_grad():
        return model(scaled(model, X)).argmax(dim=1).squeeze()
