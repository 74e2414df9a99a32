# ko: batch_size로 나누어떨어지지 않는 나머지 경기를 빠뜨린다.
# en: Leaves out the matches that do not fill a batch.
# trips: predict_proba.shape
# misconception: last-batch-dropped
def predict_proba(model, X, device, batch_size=4096):
    model.to(device)
    model.eval()
    rows = torch.tensor(X, dtype=torch.float32)
    with torch.no_grad():
        chances = [torch.sigmoid(model(part.to(device))).squeeze(1).cpu() for part in rows[: max(len(rows) // batch_size, 1) * batch_size].split(batch_size)]
    return torch.cat(chances).numpy()
