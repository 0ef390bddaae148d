"""A real tracking server, and what is behind its address as this project reads it."""

import json
import math
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import mlflow
import requests

from hparam_ci.sources.stores import open_url

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
address = f"http://127.0.0.1:{port}"
command = [sys.executable, "-m", "mlflow", "server", "--port", str(port), "--backend-store-uri", "sqlite:///runs.db"]
with Path("server.log").open("w") as log:
    server = subprocess.Popen([*command, "--workers", "1"], stdout=log, stderr=log, start_new_session=True)
try:
    for _ in range(600):
        try:
            if requests.get(f"{address}/health", timeout=10).ok:
                break
        except requests.RequestException:
            time.sleep(0.1)
    mlflow.set_tracking_uri(address)
    mlflow.set_experiment("wine")
    for number in range(6):
        with mlflow.start_run(run_name=f"run-{number}"):
            mlflow.log_params({"lr": 0.1 * (number + 1), "optimizer": "adam" if number % 2 else "sgd"})
            for step in range(3):
                mlflow.log_metric("val_loss", math.nan if number == 5 else 1 / (step + 1), step=step)
    [table] = open_url(f"mlflow:{address}#wine")
    cells = {column.name: [column.show(row) for row in range(table.n_rows)] for column in table.columns}
    Path("read.json").write_text(json.dumps({"path": table.path.replace(str(port), "PORT"), "cells": cells}))
finally:
    os.killpg(server.pid, signal.SIGKILL)  # its workers too
    server.wait()
