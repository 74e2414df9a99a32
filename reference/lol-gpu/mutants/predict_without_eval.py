# ko: 평가 모드로 바꾸지 않는다.
# en: Does not switch to eval mode.
# trips: predict_proba.eval_mode
# misconception: no-eval-mode
def predict_proba(model, X, device, batch_size=4096):
    model.to(device)
    rows = torch.tensor(X, dtype=torch.float32)
    with torch.no_grad():
        chances = [torch.sigmoid(model(part.to(device))).squeeze(1).cpu() for part in rows.split(batch_size)]
    return torch.cat(chances).numpy()
