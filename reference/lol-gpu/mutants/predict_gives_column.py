# ko: (n, 1) 모양으로 돌려준다.
# en: Returns the shape (n, 1).
# trips: predict_proba.shape, public_predict.by_hand
# misconception: column-or-vector
def predict_proba(model, X, device, batch_size=4096):
    model.to(device)
    model.eval()
    rows = torch.tensor(X, dtype=torch.float32)
    with torch.no_grad():
        chances = [torch.sigmoid(model(part.to(device))).cpu() for part in rows.split(batch_size)]
    return torch.cat(chances).numpy()
