"""Versions of Lightning's CSVLogger, as the trainer writes them; a learning rate beyond all reason makes NaN."""

import logging
import warnings

import lightning
import torch
from lightning.pytorch.loggers import CSVLogger
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

warnings.filterwarnings("ignore")
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)


class Net(lightning.LightningModule):
    def __init__(self, lr: float, width: int, optimizer: str) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(nn.Linear(4, width), nn.ReLU(), nn.Linear(width, 3))

    def step(self, batch: list[torch.Tensor], name: str) -> torch.Tensor:
        loss = nn.functional.cross_entropy(self.net(batch[0]), batch[1])
        self.log(f"{name}_loss", loss, on_step=False, on_epoch=True)
        return loss

    def training_step(self, batch: list[torch.Tensor], _: int) -> torch.Tensor:
        return self.step(batch, "train")

    def validation_step(self, batch: list[torch.Tensor], _: int) -> torch.Tensor:
        return self.step(batch, "val")

    def configure_optimizers(self) -> torch.optim.Optimizer:
        kind = torch.optim.SGD if self.hparams["optimizer"] == "sgd" else torch.optim.Adam
        return kind(self.parameters(), lr=self.hparams["lr"])


torch.manual_seed(0)
x = torch.randn(120, 4)
loader = DataLoader(TensorDataset(x, x.argmax(1) % 3), batch_size=40)
for number in range(8):
    lr = [1e-3, 1e-2, 1e-1, 1e30][number % 4]
    trainer = lightning.Trainer(
        max_epochs=3,
        accelerator="cpu",
        logger=CSVLogger(".", name="logs", flush_logs_every_n_steps=1),
        log_every_n_steps=1,
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
    )
    trainer.fit(Net(lr, 8 * (1 + number % 3), "sgd" if number % 2 else "adam"), loader, loader)
