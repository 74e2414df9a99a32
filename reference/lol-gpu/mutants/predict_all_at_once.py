# ko: batch_size를 무시하고 한 번에 모두 넣는다.
# en: Ignores batch_size: everything goes in at once.
# trips: predict_proba.batches
# misconception: batch-size-ignored
def predict_proba(model, X, device, batch_size=4096):
    model.to(device)
    model.eval()
    rows = torch.tensor(X, dtype=torch.float32)
    with torch.no_grad():
        chances = [torch.sigmoid(model(part.to(device))).squeeze(1).cpu() for part in [rows]]
    return torch.cat(chances).numpy()
