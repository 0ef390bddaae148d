"""A study with every state, a second one of two objectives, and the first one's data frame."""

import math
import warnings

import optuna

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)
STORAGE = "sqlite:///study.db"


def objective(trial: optuna.Trial) -> float:
    lr = trial.suggest_float("lr", 1e-5, 1, log=True)
    optimizer = trial.suggest_categorical("optimizer", ["adam", "sgd", None])
    trial.suggest_int("layers", 1, 4)
    if optimizer == "sgd":
        trial.suggest_float("momentum", 0, 1)
    if 0.05 < lr < 0.3:
        raise RuntimeError("out of memory")
    loss = 0.0
    for step in range(5):
        loss = (math.log10(lr) + 3) ** 2 + 1 / (step + 1) + trial.number / 1000
        if lr > 0.3:
            loss = math.nan if trial.number % 2 else math.inf
        trial.report(loss, step)
        if trial.should_prune():
            raise optuna.TrialPruned
    trial.set_user_attr("val_acc", 1 / (1 + loss))
    trial.set_user_attr("n_params", 1200 + trial.number)
    return loss


sampler, pruner = optuna.samplers.RandomSampler(seed=1), optuna.pruners.MedianPruner(n_startup_trials=3)
study = optuna.create_study(storage=STORAGE, study_name="digits", sampler=sampler, pruner=pruner)
study.optimize(objective, n_trials=40, catch=(RuntimeError,))
study.ask()
study.trials_dataframe().to_csv("frame.csv")
study.trials_dataframe(multi_index=True).to_csv("multi.csv")

two = optuna.create_study(storage=STORAGE, study_name="two", directions=["minimize", "maximize"], sampler=sampler)
two.set_metric_names(["val_loss", "val_acc"])
two.optimize(
    lambda trial: (trial.suggest_float("x", 0, 1) / 3, trial.suggest_int("k", 1, 64, log=True) / 70), n_trials=12
)
