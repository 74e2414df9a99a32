# ko: 결과를 CPU로 가져오지 않는다.
# en: Does not bring the answer to the CPU.
# trips: predict_proba.device
# misconception: result-left-on-gpu
def predict_proba(model, X, device, batch_size=4096):
    model.to(device)
    model.eval()
    rows = torch.tensor(X, dtype=torch.float32)
    with torch.no_grad():
        chances = [torch.sigmoid(model(part.to(device))).squeeze(1) for part in rows.split(batch_size)]
    return torch.cat(chances)
