"""How people write the names of hyperparameters: in words, in full, in the plural, or by the one part that tells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product

# What a part of a name stands for, each way round.
_SHORT: tuple[tuple[str, ...], ...] = (
    ("lr", "learning_rate"),
    ("wd", "weight_decay"),
    ("bs", "batch_size"),
    ("optimizer", "optimiser", "optim", "opt"),
    ("seq", "sequence"),
    ("len", "length"),
    ("n", "num", "number_of"),
    ("max", "maximum"),
    ("min", "minimum"),
    ("grad", "gradient"),
    ("clip", "clipping"),
    ("dim", "dimension"),
    ("emb", "embed", "embedding"),
    ("hid", "hidden"),
    ("reg", "regularization", "regularisation"),
    ("normalization", "normalisation"),
    ("coef", "coeff", "coefficient"),
    ("temp", "temperature"),
    ("prob", "probability"),
    ("init", "initial", "initialization", "initialisation"),
    ("act", "activation"),
    ("attn", "attention"),
    ("accum", "accumulation"),
    ("freq", "frequency"),
    ("sched", "scheduler", "schedule"),
    ("ctx", "context"),
    ("eps", "epsilon"),
    ("mom", "momentum", "momenta"),
    ("smooth", "smoothing"),
    ("est", "estimators"),
    ("env", "environment"),
)
# A part that says nothing alone.
_GENERIC = frozenset(
    "rate size steps step max maximum min minimum num number number_of n norm type name value factor ratio coef coeff "
    "coefficient per total init initial initialization initialisation mode scale weight rank peak base final start end "
    "use using is drop last first global local top bottom mean std target use of to in on off and or data train test "
    "val validation loss model prob probability freq frequency length len count id index level width".split()
)
_WHOLE = {name: group for group in _SHORT for name in group if "_" in name}


def spellings(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(spelling in lower case, name): what is written as it is comes first, a telling part alone last."""
    ordered = sorted(names)
    forms = {name: list(_forms(name.lower())) for name in ordered}
    for name in ordered:
        for form in (name.lower(), re.split(r"[./]", name.lower())[-1]):
            yield form, name
    for name in ordered:
        for form in forms[name]:
            for written in _joined(form):
                yield written, name
    yield from _of_the_trade(ordered)
    yield from _telling_parts(ordered, forms)


def _of_the_trade(ordered: list[str]) -> Iterator[tuple[str, str]]:
    """Products, and what people call a hyperparameter without its name."""
    for name in (name for name in ordered if " × " in name):
        yield from ((form, name) for form in _products(name.lower().split(" × ")))
    depths = [name for name in ordered if "depth" in re.split(r"[_\-\s.]+", name.lower())]
    if len(depths) == 1 and not any("tree" in name.lower() for name in ordered):
        yield from (("tree", depths[0]), ("trees", depths[0]))  # `deep trees`
    clips = [name for name in ordered if {"grad", "norm"} <= set(re.split(r"[_\-\s.]+", name.lower()))]
    if len(clips) == 1 and not any("clip" in name.lower() for name in ordered):
        yield from (("gradient clipping", clips[0]), ("clipping", clips[0]))


def _telling_parts(ordered: list[str], forms: dict[str, list[tuple[str, ...]]]) -> Iterator[tuple[str, str]]:
    owners = Counter(part for name in ordered for part in {part for form in forms[name] for part in form})
    for name in ordered:
        for part in {part for form in forms[name] for part in form}:
            if owners[part] == 1 and part not in _GENERIC and len(part) > 1 and not part.isdigit():
                for written in _joined((part,)):
                    yield written, name


def _products(factors: list[str]) -> Iterator[str]:
    """`epochs times lr`, `the product of epochs and lr`."""
    for first, second in (factors[:2], factors[1::-1]):
        yield from (f"{first} × {second}", f"{first} * {second}", f"product of {first} and {second}")


def _forms(name: str) -> Iterator[tuple[str, ...]]:
    """The parts of a name, each in every form that people give it."""
    last = re.split(r"[./]", name)[-1]
    bare = last
    for whole, group in _WHOLE.items():  # learning_rate is lr, wherever it stands
        bare = re.sub(rf"(?<![a-z]){whole}(?![a-z])", group[0], bare)
    parts = [part for part in re.split(r"[_\-\s.]+", bare) if part]
    if parts:
        yield from product(*(_same(part) for part in parts))


def _same(part: str) -> tuple[str, ...]:
    found = [group for group in _SHORT if part in group]
    return tuple(dict.fromkeys((part, *(found[0] if found else ()))))


def _joined(parts: tuple[str, ...]) -> Iterator[str]:
    plain = "_".join(parts)
    for form in dict.fromkeys((plain, plain.replace("_", " "), plain.replace("_", "-"))):
        yield form
        if form.endswith(("ch", "sh", "x")):
            yield form + "es"
        elif not form.endswith("s"):
            yield form + "s"
