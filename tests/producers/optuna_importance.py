"""PED-ANOVA importances of a study with parameters of every kind, by Optuna, beside the trials; JSON on stdout."""

import json
import warnings

import numpy as np
import optuna

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)
rng = np.random.default_rng(3)
D = optuna.distributions
SPACE = {
    "lr": D.FloatDistribution(1e-5, 1.0, log=True),
    "dropout": D.FloatDistribution(0.0, 0.7),
    "layers": D.IntDistribution(1, 6),
    "width": D.IntDistribution(8, 512, log=True),
    "optimizer": D.CategoricalDistribution(("adam", "sgd", "lamb")),
    "momentum": D.FloatDistribution(0.0, 0.99),
    "nothing": D.FloatDistribution(-1.0, 1.0),
}


def draw() -> dict:
    params = {
        "lr": float(10 ** rng.uniform(-5, 0)),
        "dropout": float(rng.uniform(0, 0.7)),
        "layers": int(rng.integers(1, 7)),
        "width": int(np.exp(rng.uniform(np.log(8), np.log(512)))),
        "optimizer": str(rng.choice(["adam", "sgd", "lamb"])),
        "nothing": float(rng.uniform(-1, 1)),
    }
    if params["optimizer"] == "sgd":
        params["momentum"] = float(rng.uniform(0, 0.99))
    return params


def loss(p: dict) -> float:
    sgd = 0.3 * (p["momentum"] - 0.9) ** 2 if "momentum" in p else 0.2
    return float((np.log10(p["lr"]) + 3) ** 2 + 0.3 * p["dropout"] + 0.1 * p["layers"] + sgd + rng.normal(0, 0.3))


study = optuna.create_study()
trials = [(p := draw(), loss(p)) for _ in range(300)]
for params, value in trials:
    space = {name: SPACE[name] for name in params}
    study.add_trial(optuna.trial.create_trial(params=params, distributions=space, value=value))
answers = {}
for share in (0.1, 0.25):
    evaluator = optuna.importance.PedAnovaImportanceEvaluator(target_quantile=share)
    answers[share] = evaluator.evaluate(study)
print(json.dumps({"trials": [{**params, "value": value} for params, value in trials], "importance": answers}))
