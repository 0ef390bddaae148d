"""How tools and people spell things: containers, name tokens, status words, aliases."""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum


class State(IntEnum):
    """How a trial ended, whatever its tool calls that."""

    UNKNOWN = 0
    OK = 1
    STOPPED = 2
    FAILED = 3
    TIMEOUT = 4
    KILLED = 5
    RUNNING = 6
    QUEUED = 7


STATUS_WORDS: dict[str, State] = {
    **dict.fromkeys(
        (
            "ok",
            "finished",
            "complete",
            "completed",
            "success",
            "successful",
            "succeeded",
            "done",
            "terminated",
            "published",
            "inactive",
        ),
        State.OK,
    ),
    **dict.fromkeys(("pruned", "stopped", "early_stopped", "earlystopped", "abandoned", "paused"), State.STOPPED),
    **dict.fromkeys(
        (
            "failed",
            "fail",
            "failure",
            "error",
            "errored",
            "crashed",
            "crash",
            "invalid",
            "oom",
            "memoryout",
            "memout",
            "diverged",
        ),
        State.FAILED,
    ),
    **dict.fromkeys(("timeout", "timed_out", "time_limit", "timedout"), State.TIMEOUT),
    **dict.fromkeys(("killed", "aborted", "cancelled", "canceled", "preempted", "user_canceled"), State.KILLED),
    **dict.fromkeys(
        ("running", "inprogress", "in_progress", "active", "pending", "stopping", "preempting"), State.RUNNING
    ),
    **dict.fromkeys(("queued", "waiting", "scheduled", "candidate", "draft"), State.QUEUED),
}

# Name prefix to the role of everything below it, in the order in which they are tried.
_BELOW = r"(?:params?|config|conf|cfg|hparams?|hps?|hyper_?param(?:eter)?s?|parameters?|args|flags|search_space)"
CONTAINERS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?:child_)?(?:hyperparameters_fit|ag_args_fit)[./:](?=.)"), "metadata"),
    (re.compile(r"(?:.*[./])?misc[./]vals[./](?=.)"), "hyperparameter"),
    (re.compile(r"(?:.*[./])?misc[./](?:idxs[./](?=.)|(?=(?:tid|cmd|workdir)$))"), "metadata"),
    (re.compile(_BELOW + r"[_./:]+(?=.)", re.I), "hyperparameter"),
    (re.compile(r"(?:split\d+_(?:test|train)|(?:mean|std|rank)_(?:test|train))_", re.I), "metric"),
    (re.compile(r"(?:metrics?[./]|values?_\d|values_)", re.I), "metric"),
    (
        re.compile(
            r"(?:(?:user_attrs|system_attrs|st)[_./:]|(?:tags|sys|summary|tuner|info|perf|timers)[./:])(?=.)", re.I
        ),
        "metadata",
    ),
)

ALIASES: dict[str, str] = {
    "lr": "learning_rate",
    "learning_rate_init": "learning_rate",
    "init_lr": "learning_rate",
    "initial_lr": "learning_rate",
    "initial_learning_rate": "learning_rate",
    "peak_lr": "learning_rate",
    "lrate": "learning_rate",
    "learn_rate": "learning_rate",
    "learningrate": "learning_rate",
    "alpha_lr": "learning_rate",
    "step_lr": "learning_rate",
    "base_lr": "learning_rate",
    "eta": "learning_rate",
    "wd": "weight_decay",
    "wdecay": "weight_decay",
    "l2": "weight_decay",
    "bs": "batch_size",
    "batch": "batch_size",
    "batchsize": "batch_size",
    "n_batch": "batch_size",
    "log2_batch_size": "batch_size",
    "train_batch": "batch_size",
    "weightdecay": "weight_decay",
    "decay_weight": "weight_decay",
    "opt": "optimizer",
    "optimiser": "optimizer",
    "drop": "dropout",
    "dropout_p": "dropout",
    "per_device_train_batch_size": "batch_size",
}

SPLIT_TOKENS: dict[str, str] = {
    **dict.fromkeys(
        "train training trn tr fit learn running insample apprentissage entrainement entrenamiento".split(), "train"
    ),
    **dict.fromkeys(
        "val valid validation eval evaluation dev holdout heldout oof validierung validacion".split(), "val"
    ),
    **dict.fromkeys("test tst oos outsample prueba".split(), "test"),
}

PLANNED_TOKENS = frozenset(["max", "num", "n", "total", "planned"])
BUDGET_TOKENS = frozenset(
    "epoch epochs step steps iteration iterations iter iters tokens resource resources timesteps budget".split()
)
DURATION_TOKENS = frozenset(
    (
        "runtime time times elapsed duration walltime seconds secs sec hrs dauer zeit duree temps tiempo wallclock wall"
    ).split()
)
TIMESTAMP_TOKENS = frozenset(
    "timestamp date datetime created updated started ended finished completed start end starttime endtime".split()
)
SEED_TOKENS = frozenset(["seed", "fold", "replicate", "repeat"])
SEED_NAMES = frozenset(("random_state", "rng"))
ID_NAMES = frozenset(
    "id trial trial_id trial_name number trial_number trial_index run run_id run_name run_number name experiment "
    "experiment_id exp exp_id index version uuid job job_id config_id trainingjobname training_job_name "
    "trialjobid trial_job_id arm_name column_1".split()
)
HISTORY_IDS = frozenset("id run trial version name uuid experiment".split())
CONTEXT_NAMES = frozenset("split level dataset task backend benchmark dataset_name task_name".split())

UNIT_SECONDS: dict[str, float] = {
    "ms": 0.001, "s": 1.0, "sec": 1.0, "secs": 1.0, "seconds": 1.0, "second": 1.0,
    "min": 60.0, "mins": 60.0, "minutes": 60.0, "m": 60.0, "h": 3600.0, "hour": 3600.0, "hours": 3600.0,
}  # fmt: skip

# Not in an acronym behind one small letter: mAP, nDCG.
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[a-z0-9]{2})(?=[A-Z])")
_IN_SAMPLE, _OUT_OF_SAMPLE = re.compile(r"(?<![a-z])in_sample(?!s)"), re.compile(r"out_?of_?sample(?!s)")
_SEPARATORS = re.compile(r"[\W_]+")


# Words of languages that put no space between two of them, longer ones first.
_IN_ENGLISH = tuple(
    pair.split(":")
    for pair in (
        "学习率:learning_rate 批次大小:batch_size 批量大小:batch_size 批大小:batch_size 参数量:n_params "
        "准确率:accuracy 正确率:accuracy 精确率:precision 召回率:recall 隐藏层:hidden_layers "
        "优化器:optimizer 轮数:epochs 损失:loss 误差:error 训练:train 验证:val 测试:test 最终:final "
        "最优:best 最佳:best 耗时:time 时间:time 备注:notes 编号:id 状态:status 学習率:learning_rate "
        "バッチサイズ:batch_size エポック:epochs 精度:accuracy 損失:loss 訓練:train 検証:val テスト:test "
        "학습률:learning_rate 정확도:accuracy 손실:loss 학습:train 검증:val 테스트:test 배치:batch "
        "точность:accuracy потери:loss ошибка:error"
    ).split()
)


def tokens(name: str) -> tuple[str, ...]:
    """A column name in lower-case words without accents: `Train/Loss_epoch` gives train, loss, epoch."""
    if not name.isascii():
        name = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
        for word, english in _IN_ENGLISH:
            name = name.replace(word, f" {english} ")
    words = _CAMEL.sub(" ", name).lower()
    if "sample" in words:
        joined = "_".join(_SEPARATORS.split(words))
        words = _IN_SAMPLE.sub("insample", _OUT_OF_SAMPLE.sub("oos", joined))
    return tuple(token for token in _SEPARATORS.split(words) if token)


def canonical(name: str) -> str:
    """A hyperparameter's usual name, so that `lr` and `learning_rate_init` are one."""
    joined = "_".join(tokens(name))
    return ALIASES.get(joined, joined)
