"""A leaderboard of AutoGluon, with the settings of each model."""

import logging
import warnings

from autogluon.tabular import TabularPredictor
from sklearn.datasets import load_wine

warnings.filterwarnings("ignore")
logging.disable(logging.ERROR)

data = load_wine(as_frame=True).frame
predictor = TabularPredictor(label="target", path="models", verbosity=0).fit(
    data,
    hyperparameters={
        "RF": [{"n_estimators": n, "max_depth": depth} for n in (5, 20) for depth in (2, 4)],
        "KNN": [{"n_neighbors": k} for k in (3, 9)],
    },
    fit_weighted_ensemble=False,
)
board = predictor.leaderboard(data, extra_info=True)
board.to_csv("leaderboard.csv", index=False)
