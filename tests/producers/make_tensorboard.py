"""Runs that log hyperparameters and scalars in the form of TensorBoard's hparams plugin."""

from tensorboardX import SummaryWriter

for number in range(10):
    lr = 10.0 ** -(number % 5)
    with SummaryWriter(f"logs/run{number}") as writer:
        settings = {"lr": lr, "optimizer": ["adam", "sgd"][number % 2], "use_bn": number % 3 == 0}
        writer.add_hparams(settings, {"val/loss": 1 / 3 + lr})
        for step in range(3):
            writer.add_scalar("val/loss", 1 / (step + 1) + lr, step)
