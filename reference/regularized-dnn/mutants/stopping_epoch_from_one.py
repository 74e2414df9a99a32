# ko: best_epoch을 1부터 센다.
# en: Counts best_epoch from 1.
# trips: early_stopping.best, public_early_stopping.patience_three
# misconception: epochs-from-one
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.best_loss, self.best_epoch = float("inf"), -1
        self.epoch, self.bad = 0, 0

    def step(self, val_loss):
        self.epoch += 1
        if val_loss >= self.best_loss - self.min_delta:
            self.bad += 1
        else:
            self.best_loss, self.best_epoch, self.bad = val_loss, self.epoch, 0
        return self.bad >= self.patience
