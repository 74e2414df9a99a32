# ko: 최고 기록이 아니라 바로 앞 에폭과 견준다.
# en: Compares with the epoch before, not with the best.
# trips: early_stopping.resets
# misconception: compares-with-last-loss
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.best_loss, self.best_epoch = float("inf"), -1
        self.epoch, self.bad = -1, 0

    def step(self, val_loss):
        self.epoch += 1
        last, self.last = getattr(self, 'last', float("inf")), val_loss
        self.bad = self.bad + 1 if val_loss >= last - self.min_delta else 0
        if val_loss < self.best_loss - self.min_delta:
            self.best_loss, self.best_epoch = val_loss, self.epoch
        return self.bad >= self.patience
