"""Run each export of a search space through its tool: `run_exports.py FOLDER`; the drawn configurations as JSON.

FOLDER holds optuna.py, ray.py, keras-tuner.py and wandb.yaml.
"""

import json
import os
import sys
import warnings
from pathlib import Path

os.environ["KERAS_BACKEND"] = "numpy"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
warnings.simplefilter("ignore")

folder = Path(sys.argv[1])


def load(name: str) -> dict:
    """What a generated module defines."""
    scope: dict = {}
    exec(compile((folder / name).read_text(encoding="utf-8"), name, "exec"), scope)
    return scope


def with_optuna() -> dict:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    module = load("optuna.py")
    drawn = []

    def objective(trial: optuna.Trial) -> float:
        drawn.append(module["suggest"](trial))
        return 0.0

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0, n_startup_trials=150))
    study.optimize(objective, n_trials=200)
    states = [trial.state.name for trial in study.trials]
    return {"drawn": drawn, "pruned": states.count("PRUNED"), "failed": states.count("FAIL")}


def with_ray() -> dict:
    import ray
    from ray import tune

    module = load("ray.py")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    tuner = tune.Tuner(
        lambda config: {"loss": 0.0},
        param_space=module["param_space"],
        tune_config=tune.TuneConfig(num_samples=40, reuse_actors=True),
        run_config=tune.RunConfig(storage_path=str(folder / "ray_results"), verbose=0),
    )
    drawn = [result.config for result in tuner.fit()]
    ray.shutdown()
    excluded = [module["excluded"](config) for config in drawn] if "excluded" in module else []
    return {"drawn": drawn, "excluded": excluded}


def with_keras_tuner() -> dict:
    import keras_tuner

    module = load("keras-tuner.py")
    drawn = []

    class Tuner(keras_tuner.RandomSearch):
        def run_trial(self, trial, *args, **kwargs):
            drawn.append(module["search"](trial.hyperparameters))
            return 0.0

    tuner = Tuner(
        hypermodel=module["search"],
        objective=keras_tuner.Objective("loss", "min"),
        max_trials=60,
        seed=1,
        directory=str(folder),
        project_name="keras",
    )
    tuner.search()
    excluded = [module["excluded"](config) for config in drawn] if "excluded" in module else []
    return {"drawn": drawn, "excluded": excluded}


def with_wandb() -> dict:
    import sweeps
    import yaml
    from sweeps.config import schema_violations_from_proposed_config

    config = yaml.safe_load((folder / "wandb.yaml").read_text(encoding="utf-8"))
    violations = schema_violations_from_proposed_config(config)
    asked = sweeps.SweepConfig({**config, "method": "random"})
    runs = [sweeps.next_run(asked, []).config for _ in range(60)]
    return {"violations": violations, "drawn": [{k: v["value"] for k, v in run.items()} for run in runs]}


def plain(value: object) -> object:
    """numpy's numbers as Python's."""
    return value.item() if hasattr(value, "item") else str(value)


found = {
    "optuna": with_optuna(),
    "ray": with_ray(),
    "keras-tuner": with_keras_tuner(),
    "wandb": with_wandb(),
}
(folder / "drawn.json").write_text(json.dumps(found, default=plain), encoding="utf-8")
