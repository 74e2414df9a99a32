# ko: X의 조각을 device로 옮기지 않는다.
# en: The pieces of X are not moved to the device.
# trips: predict_proba.device
# misconception: batch-not-moved
def predict_proba(model, X, device, batch_size=4096):
    model.to(device)
    model.eval()
    rows = torch.tensor(X, dtype=torch.float32)
    with torch.no_grad():
        chances = [torch.sigmoid(model(part)).squeeze(1).cpu() for part in rows.split(batch_size)]
    return torch.cat(chances).numpy()
