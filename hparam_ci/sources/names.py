"""What the name of a column says: the metric that it speaks of, whether it is a seed or an objective."""

from __future__ import annotations

import re
from dataclasses import replace

from .dialects import CONTAINERS, SEED_NAMES, SEED_TOKENS, SPLIT_TOKENS, tokens
from .sweep import Direction, Metric
from .vocabulary import (
    AMBIGUOUS_METRICS,
    METRIC_EXTRAS,
    METRIC_PHRASES,
    METRIC_TOKENS,
    NOT_METRICS,
    OBJECTIVE_NAMES,
    SETTING_WORDS,
    TAILS,
)

MEASURED_ON = frozenset("train training val valid validation test dev holdout eval".split())
_NAMED_SCORE = re.compile("_(?:score|index)$")
_MANY = (("losses", "loss"), ("accs", "acc"), ("accuracies", "accuracy"), ("scores", "score"), ("errors", "error"))
_NUMBERED = re.compile(r"([a-z]+)\d*(?:@\d+)?")


def metric_of(name: str) -> Metric | None:
    """The metric that a name speaks of, or None.

    The last word decides, as it does in English: `encoder_loss` is a loss and `loss_encoder_dim` a dimension. An arrow
    says which way is better, whatever the word.
    """
    metric, better = _in_words(name), arrow_of(name)
    return replace(metric, direction=better) if metric and better else metric


def singular(name: str) -> str:
    """The name of one value, as people name lists of them: `train_losses` as `train_loss`."""
    return next((name[: len(name) - len(many)] + one for many, one in _MANY if name.lower().endswith(many)), name)


def arrow_of(name: str) -> Direction | None:
    """Which way is better by the arrow with which tables of results mark their metrics: `FID ↓`, `IS (↑)`."""
    up, down = "↑" in name, "↓" in name
    return None if up == down else "maximize" if up else "minimize"


def is_split(name: str) -> bool:
    """Whether a name says no more than on what was measured: `Val`, `Best Test`."""
    words = set(tokens(name)) - {"best", "final", "last", "mean", "avg"}
    return len(words) == 1 and words <= MEASURED_ON


def _in_words(name: str) -> Metric | None:
    words = tokens(name)
    phrase = "_".join(word for word in words if word not in SPLIT_TOKENS)
    split = next((SPLIT_TOKENS[word] for word in words if word in SPLIT_TOKENS), None)
    for known, (kind, direction) in METRIC_PHRASES.items():
        if any(named == known or named.endswith("_" + known) for named in (phrase, _NAMED_SCORE.sub("", phrase))):
            return Metric(kind if kind in ("loss", "accuracy") else known, split, _as_direction(direction))
    if set(words) & NOT_METRICS:
        return None
    core = [word for word in words if word not in SPLIT_TOKENS and word not in METRIC_EXTRAS and word != "best"]
    core = core or [word for word in words if word == "score"]
    if not core or (core[-1] in SETTING_WORDS - TAILS and core[-1] not in METRIC_TOKENS):
        return None
    for word in reversed(core):
        bare = word if word in METRIC_TOKENS else _bare(word)
        if bare in METRIC_TOKENS:
            kind, direction = METRIC_TOKENS[bare]
            return Metric(kind if kind in ("loss", "accuracy", "reward") else bare, split, _as_direction(direction))
    return Metric("score", split, "maximize") if "score" in words else None


def core_of(name: str) -> frozenset[str]:
    """The words that tell a metric from another, whether it is the best or the last value: `best/val_acc`."""
    return frozenset(tokens(name)) - METRIC_EXTRAS - {"best"}


def is_plain_metric(name: str) -> bool:
    """Whether a name is that of a metric and no more, one that no setting has: `recall`, but not `cost`."""
    core = [word for word in tokens(name) if word not in SPLIT_TOKENS and word not in METRIC_EXTRAS]
    return len(core) == 1 and core[0] in METRIC_TOKENS and core[0] not in AMBIGUOUS_METRICS


def is_objective(name: str) -> bool:
    """Whether a name is one that tools give to whatever was optimised, such as `value`."""
    words = [word for word in tokens(name) if not word.isdigit()]
    core = [word for word in words if word not in METRIC_EXTRAS and word not in ("max", "min", "best")]
    return "_".join(words) in OBJECTIVE_NAMES or core in (["fitness"], ["objective"])


def is_seed(name: str) -> bool:
    """Whether a name is one of a seed, a fold or a replicate."""
    words = tokens(name)
    last = {"_".join(words[-1:]), "_".join(words[-2:])}
    return bool(words) and (bool(last & (SEED_TOKENS | SEED_NAMES)) or words[0] in SEED_TOKENS)


def container_of(name: str) -> tuple[str | None, str]:
    """The role that a name's prefix gives, and the rest of the name."""
    for pattern, role in CONTAINERS:
        if match := pattern.match(name):
            return role, name[match.end() :]
    return None, name


def _bare(word: str) -> str:
    """`bleu4` and `hits@10` without their numbers."""
    match = _NUMBERED.fullmatch(word)
    return match[1] if match else word


def _as_direction(text: str) -> Direction:
    return "minimize" if text == "minimize" else "maximize"
