"""A random search of KerasTuner whose trials finish and fail, with a conditional parameter."""

import os

os.environ["KERAS_BACKEND"] = "numpy"

import keras_tuner


class Tuner(keras_tuner.RandomSearch):
    def run_trial(self, trial, *args, **kwargs):
        hp = trial.hyperparameters
        lr = hp.Float("lr", 1e-4, 1, sampling="log")
        optimizer = hp.Choice("optimizer", ["adam", "sgd"])
        with hp.conditional_scope("optimizer", ["sgd"]):
            if optimizer == "sgd":
                hp.Float("momentum", 0.0, 0.9)
        if lr > 0.3:
            raise keras_tuner.errors.FailedTrialError("lr is too high")
        for epoch in range(3):
            self.oracle.update_trial(trial.trial_id, {"val_loss": 1 / (epoch + 1) + lr, "loss": lr}, step=epoch)


def build(hp):
    return None


tuner = Tuner(
    hypermodel=build,
    objective=keras_tuner.Objective("val_loss", "min"),
    max_trials=12,
    seed=1,
    directory=".",
    project_name="project",
    max_consecutive_failed_trials=12,
)
tuner.search()
