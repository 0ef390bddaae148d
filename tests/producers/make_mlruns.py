"""An experiment in MLflow's file store, the folder `mlruns`."""

import math
import os

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
import mlflow

mlflow.set_tracking_uri("file:mlruns")
mlflow.set_experiment("wine")
for number in range(6):
    with mlflow.start_run(run_name=f"run-{number}"):
        mlflow.log_params({"lr": 0.1 * (number + 1), "optimizer": "adam" if number % 2 else "sgd"})
        for step in range(3):
            mlflow.log_metric("val_loss", math.nan if number == 5 else 1 / (step + 1), step=step)
