"""An experiment of trials that finish, raise late, and raise before their first report; and its results table."""

import math
import os
import random
from pathlib import Path

os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
os.environ["RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS"] = "0"

import ray
from ray import tune
from ray.tune.search.basic_variant import BasicVariantGenerator

ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)


def train(config: dict) -> None:
    lr = config["optim"]["lr"]
    if config["number"] < 2:
        raise ValueError("cannot reshape\nthe array")
    for step in range(4):
        tune.report({"loss": math.nan if lr > 0.2 else 1 / (step + 1) + lr, "train_loss": 0.9 / (step + 1) + lr})
        if config["number"] == 4 and step == 2:
            raise RuntimeError("lost the worker")


random.seed(0)
space = {
    "optim": {"lr": tune.sample_from(lambda _: 10 ** random.uniform(-4, 0)), "name": tune.choice(["adam", "sgd"])},
    "batch_size": tune.choice([8, 16, 32]),
    "number": tune.grid_search(list(range(8))),
}
run = tune.RunConfig(name="exp", storage_path=str(Path("ray").resolve()), verbose=0)
searched = tune.TuneConfig(search_alg=BasicVariantGenerator(random_state=0))
results = tune.Tuner(train, param_space=space, tune_config=searched, run_config=run).fit()
results.get_dataframe().to_csv("frame.csv", index=False)
