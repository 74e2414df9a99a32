# ko: 확률을 0과 1로 반올림한다.
# en: Rounds the probabilities to 0 and 1.
# trips: predict_proba.values, public_predict.by_hand
# misconception: classes-for-probabilities
def predict_proba(model, X, device, batch_size=4096):
    model.to(device)
    model.eval()
    rows = torch.tensor(X, dtype=torch.float32)
    with torch.no_grad():
        chances = [torch.sigmoid(model(part.to(device))).squeeze(1).round().cpu() for part in rows.split(batch_size)]
    return torch.cat(chances).numpy()
