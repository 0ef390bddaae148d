"""A study of Ax: completed, failed and abandoned trials, and the table that its client gives."""

import logging
import warnings

from ax.api.client import Client
from ax.api.configs import ChoiceParameterConfig, RangeParameterConfig

warnings.filterwarnings("ignore")
logging.disable(logging.ERROR)

client = Client(random_seed=0)
client.configure_experiment(
    name="digits",
    parameters=[
        RangeParameterConfig(name="lr", parameter_type="float", bounds=(1e-5, 1.0), scaling="log"),
        RangeParameterConfig(name="layers", parameter_type="int", bounds=(1, 4)),
        ChoiceParameterConfig(name="optimizer", parameter_type="str", values=["adam", "sgd"], is_ordered=False),
    ],
)
client.configure_optimization(objective="-val_loss")
for _ in range(4):
    for number, settings in client.get_next_trials(max_trials=3).items():
        if number == 2:
            client.mark_trial_failed(trial_index=number, failed_reason="CUDA out of memory")
        elif number == 4:
            client.mark_trial_abandoned(trial_index=number)
        else:
            loss = 0.3 + float(settings["lr"]) + 0.05 * int(settings["layers"])
            client.complete_trial(trial_index=number, raw_data={"val_loss": (loss, 0.01)})
client.summarize().to_csv("summary.csv", index=False)
client.save_to_json_file("experiment.json")
