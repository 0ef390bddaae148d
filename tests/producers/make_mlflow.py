"""An experiment of runs that finished, failed, were left running, and one that only holds another."""

import math
import random
import sys

import mlflow

kind = sys.argv[1]
mlflow.set_tracking_uri("sqlite:///mlflow.db")
mlflow.set_experiment("wine")
client = mlflow.MlflowClient()
rng = random.Random(0)
for number in range(14):
    lr = 10 ** rng.uniform(-4, 0)
    run = mlflow.start_run(run_name=f"run-{number}")
    mlflow.log_params(
        {"lr": lr, "optimizer": rng.choice(["adam", "sgd"]), "hidden": [8 * (1 + number % 3)], "wd": None}
    )
    for step in range(4):
        loss = 1 / (step + 1) + lr + number / 1000
        if lr > 0.3:
            loss = math.nan if number % 2 else math.inf
        mlflow.log_metrics({"val_loss": loss, "train_loss": 0.9 * loss}, step=step)
    mlflow.log_metric("n_params", 1200 + number)
    if number == 3:
        mlflow.set_tag("error", "ValueError: exploded")
    mlflow.end_run("FAILED" if number == 3 else "FINISHED")
    if number == 5:
        client.update_run(run.info.run_id, status="RUNNING")
with mlflow.start_run(run_name="parent"), mlflow.start_run(run_name="child", nested=True):
    mlflow.log_params({"lr": 0.1, "optimizer": "adam", "hidden": [8], "wd": 0.1})
    mlflow.log_metric("val_loss", 0.2)
deleted = mlflow.start_run(run_name="gone")
mlflow.end_run()
client.delete_run(deleted.info.run_id)
if kind == "table":
    mlflow.search_runs().to_csv("runs.csv", index=False)
