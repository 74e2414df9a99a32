# ko: device를 무시하고 CPU에서 계산한다.
# en: Ignores the device and computes on the CPU.
# trips: predict_proba.device
# misconception: device-ignored
def predict_proba(model, X, device, batch_size=4096):
    model.to("cpu")
    model.eval()
    rows = torch.tensor(X, dtype=torch.float32)
    with torch.no_grad():
        chances = [torch.sigmoid(model(part)).squeeze(1) for part in rows.split(batch_size)]
    return torch.cat(chances).numpy()
