# ko: 나아져도 나쁜 에폭 수를 되돌리지 않는다.
# en: Does not start the count again after an improvement.
# trips: early_stopping.resets
# misconception: patience-never-reset
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.best_loss, self.best_epoch = float("inf"), -1
        self.epoch, self.bad = -1, 0

    def step(self, val_loss):
        self.epoch += 1
        if val_loss >= self.best_loss - self.min_delta:
            self.bad += 1
        else:
            self.best_loss, self.best_epoch = val_loss, self.epoch
        return self.bad >= self.patience
