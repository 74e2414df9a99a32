# ko: squeeze()로 경기가 하나일 때의 차원까지 없앤다.
# en: squeeze() takes away the only dimension of a single match.
# trips: predict_proba.shape
# misconception: squeezed-single-example
def predict_proba(model, X, device, batch_size=4096):
    model.to(device)
    model.eval()
    rows = torch.tensor(X, dtype=torch.float32)
    with torch.no_grad():
        chances = [torch.sigmoid(model(part.to(device))).squeeze(1).cpu() for part in rows.split(batch_size)]
    return torch.cat(chances).squeeze().numpy()
