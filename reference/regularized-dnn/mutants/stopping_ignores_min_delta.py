# ko: min_delta를 쓰지 않는다.
# en: Does not use min_delta.
# trips: early_stopping.min_delta
# misconception: min-delta-ignored
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.best_loss, self.best_epoch = float("inf"), -1
        self.epoch, self.bad = -1, 0

    def step(self, val_loss):
        self.epoch += 1
        if val_loss >= self.best_loss:
            self.bad += 1
        else:
            self.best_loss, self.best_epoch, self.bad = val_loss, self.epoch, 0
        return self.bad >= self.patience
