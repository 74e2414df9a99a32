# ko: 예측하면서 학습 모드로 바꾼다.
# en: Switches to train mode to predict.
# trips: predict_proba.eval_mode
# misconception: no-eval-mode
def predict_proba(model, X, device, batch_size=4096):
    model.to(device)
    model.train()
    rows = torch.tensor(X, dtype=torch.float32)
    with torch.no_grad():
        chances = [torch.sigmoid(model(part.to(device))).squeeze(1).cpu() for part in rows.split(batch_size)]
    return torch.cat(chances).numpy()
