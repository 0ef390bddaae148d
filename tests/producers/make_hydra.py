"""A job of a Hydra multirun, which writes its metrics beside its configuration."""

import json
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig


@hydra.main(version_base=None, config_path=None, config_name="conf")
def train(config) -> None:
    folder = Path(HydraConfig.get().runtime.output_dir)
    (folder / "metrics.json").write_text(json.dumps({"val_loss": config.lr * 3 + 0.123, "val": {"acc": 0.5}}))


if __name__ == "__main__":
    from hydra.core.config_store import ConfigStore

    ConfigStore.instance().store("conf", {"lr": 0.1, "model": {"depth": 2}})
    train()
