"""`cv_results_` of a grid search with failing fits, and of a halving one."""

import warnings

import numpy as np
import pandas as pd
from sklearn.datasets import load_wine
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

warnings.simplefilter("ignore")
x, y = load_wine(return_X_y=True)
space = {
    "sgdclassifier__alpha": np.logspace(-5, 1, 4),
    "sgdclassifier__penalty": ["l1", "l2"],
    "sgdclassifier__eta0": [-1.0, 0.1],
    "sgdclassifier__learning_rate": ["constant"],
}
grid = GridSearchCV(
    make_pipeline(StandardScaler(), SGDClassifier(random_state=0)), space, return_train_score=True, cv=3
)
pd.DataFrame(grid.fit(x, y).cv_results_).to_csv("grid.csv")
trees = {"max_depth": [1, 2, 4, 8], "min_samples_leaf": [1, 4, 8]}
halving = HalvingGridSearchCV(DecisionTreeClassifier(random_state=0), trees, cv=3, random_state=0, factor=3)
pd.DataFrame(halving.fit(x, y).cv_results_).to_csv("halving.csv")
