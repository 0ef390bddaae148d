"""A run history of SMAC with crashes."""

import warnings
from pathlib import Path

warnings.simplefilter("ignore")

from ConfigSpace import Categorical, ConfigurationSpace, Float
from smac import RandomFacade, Scenario


def train(config, seed: int = 0) -> float:
    if config["lr"] > 0.2:
        raise ValueError("exploded")
    return config["lr"] + (config["optimizer"] == "sgd")


space = ConfigurationSpace(seed=0)
space.add(Float("lr", (1e-4, 1), log=True, default=0.01), Categorical("optimizer", ["adam", "sgd"]))
scenario = Scenario(space, n_trials=20, deterministic=True, seed=0, output_directory=Path("smac"))
RandomFacade(scenario, train, overwrite=True, logging_level=40).optimize()
