# ko: 모델을 만든 다음에야 시드를 정한다.
# en: Sets the seed only after the model is built.
# trips: fit.seeded
# misconception: seed-set-too-late
def fit(X_train, y_train, X_val, y_val, seed):
    model = build_model(X_train.shape[1], 10)
    torch.manual_seed(seed)
    model.lo, model.hi = min_max_fit(X_train.numpy())  # the scaler travels with the model
    A, V = scaled(model, X_train), scaled(model, X_val)
    weights = [param for param in model.parameters() if param.ndim == 2]
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    cooling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 80)  # smaller steps towards the end
    stopping, best = EarlyStopping(patience=30), None
    for epoch in range(80):
        model.train()
        for rows in torch.randperm(len(A)).split(50):
            loss = nn.functional.cross_entropy(model(A[rows]), y_train[rows]) + l2_penalty(weights, 3e-4)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        cooling.step()
        model.eval()
        with torch.no_grad():
            stop = stopping.step(nn.functional.cross_entropy(model(V), y_val).item())
        if stopping.best_epoch == epoch:
            best = copy.deepcopy(model.state_dict())
        if stop:
            break
    model.load_state_dict(best)
    return model
