"""An experiment of Syne Tune with its simulated backend's real callbacks."""

import logging
import sys
from pathlib import Path

logging.disable(logging.ERROR)

from syne_tune import Reporter, StoppingCriterion, Tuner
from syne_tune.backend import LocalBackend
from syne_tune.config_space import choice, loguniform
from syne_tune.optimizer.baselines import RandomSearch

if len(sys.argv) > 1:
    from argparse import ArgumentParser

    parser = ArgumentParser()
    for name, kind in (("lr", float), ("width", int)):
        parser.add_argument(f"--{name}", type=kind)
    options, _ = parser.parse_known_args()
    report = Reporter()
    for epoch in range(1, 4):
        report(epoch=epoch, val_loss=1 / epoch + options.lr)
else:
    space = {"lr": loguniform(1e-4, 1), "width": choice([8, 16, 32])}
    tuner = Tuner(
        trial_backend=LocalBackend(entry_point=__file__),
        scheduler=RandomSearch(space, metrics=["val_loss"], do_minimize=True, random_seed=0),
        stop_criterion=StoppingCriterion(max_num_trials_finished=4),
        n_workers=2,
        sleep_time=0.1,
        save_tuner=False,
        tuner_name="exp",
        suffix_tuner_name=False,
    )
    tuner.run()
    Path("where").write_text(str(tuner.tuner_path))
