# ko: 예측하면서 계산 그래프를 만든다.
# en: Builds a graph for gradients while predicting.
# trips: predict_proba.no_gradient
# misconception: gradient-kept-in-prediction
def predict_proba(model, X, device, batch_size=4096):
    model.to(device)
    model.eval()
    rows = torch.tensor(X, dtype=torch.float32)
    if True:
        chances = [torch.sigmoid(model(part.to(device))).squeeze(1).cpu() for part in rows.split(batch_size)]
    return torch.cat(chances).detach().numpy()
