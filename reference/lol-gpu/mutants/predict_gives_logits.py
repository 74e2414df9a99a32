# ko: 확률이 아니라 로짓을 돌려준다.
# en: Returns logits, not probabilities.
# trips: predict_proba.values, predict_proba.shape, public_predict.by_hand
# misconception: logits-for-probabilities
def predict_proba(model, X, device, batch_size=4096):
    model.to(device)
    model.eval()
    rows = torch.tensor(X, dtype=torch.float32)
    with torch.no_grad():
        chances = [model(part.to(device)).squeeze(1).cpu() for part in rows.split(batch_size)]
    return torch.cat(chances).numpy()
