"""The words of a checked sentence: what each one claims, and the neutral ones. What stands in no list is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files

# --- what is wrong with a trial --------------------------------------------------------------------

ISSUES: dict[str, str] = {
    "HP101": r"nans?|not-a-number|non-numbers?|non-finite",
    "HP102": r"infs?|infinity|infinite|infinities",
    "HP103": r"missing (?:results?|metrics?)",
    "HP104": r"fail(?:s|ed|ing|ures?)?|crash(?:es|ed|ing)?|broke down|breaks? down",
    "HP105": r"killed",
    "HP106": r"timed[ -]out|time-?outs?",
    "HP201": r"diverg(?:e|es|ed|ing|ences?|ent)|explod(?:e|es|ed|ing)|explosions?|blew up|blow up|blowing up",
    "HP202": r"no learning|did not learn|learn(?:t|ed) nothing|not learning",
    "HP203": r"under-?fit(?:s|ted|ting)?",
    "HP301": r"over-?fit(?:s|ted|ting)?",
    "HP401": r"short[ -]runs?|(?:ended|ending|ends?|stopped) (?:far |much )?too early",
}

# --- sides and directions --------------------------------------------------------------------------

HIGH = frozenset(
    "high higher highest passes past large larger largest big bigger biggest great greater greatest above over "
    "exceeding exceeds exceed exceeded beyond increased increasing growing grows grow rising rises larger-than "
    "upward aggressive crosses crossed deep deeper longer long over > >= raising increase increases raise "
    "raises boost boosting enlarge enlarging".split()
)
LOW = frozenset(
    "low lower lowest small smaller smallest tiny below under reduced reducing decreasing decreased falling beneath "
    "< <= lowering reduce reduces decrease decreases cut cutting shrink shrinking halve halving downward less "
    "fewer short shorter shallow shallower falls".split()
)
SWITCHING_OFF = frozenset("disable disabling remove removing drop dropping".split())
LYING = frozenset("be been being go goes going went get rise climb move come reach lie sit stay fall set kept".split())
ACTS = frozenset("turn go exceed run train mix schedule launch repeat let allow".split())
BOUNDS = frozenset("the a an its threshold cutoff limit bound boundary line value mark of".split())
RAISING = frozenset("raise increase boost enlarge extend lift relax expand widen".split())
RAISED = frozenset("raised increased".split())
LOWERED = frozenset("lowered decreased reduced cut shrunk halved".split())
LOWERING = frozenset("lower reduce decrease cut shrink halve tighten".split())
OTHER = frozenset("!= except different another than".split())  # `other than`, `rather than`
WITHOUT = frozenset("without otherwise elsewhere outside rest others remaining absence remainder".split())

AVOID = frozenset(
    "replace replaces replacing ban prohibit forbid disallow prune pruning away avoid avoids avoiding avoided "
    "exclude excludes excluding excluded drop dropping skip skips skipping "
    "omit omits omitting omitted don't not never stop remove removing removed "
    "discard eliminate".split()
)
KEEP = frozenset(
    "consider considering aim aiming keep keeps keeping kept stay stays staying restrict restricts restricting "
    "restricted limit limits limiting cap caps capping capped hold holding use uses using choose choosing set setting "
    "prefer preferring try trying focus focusing search searching narrow narrowing narrowed bound bounding confine "
    "move moving switch switching combine combining pair pairing clip sample sampling explore exploring tune tuning "
    "test testing push let pick select stick retain start starting enable disable leave leaving".split()
)
WORSE = frozenset(
    "more worse likelier higher raises raise increases increase increased leads lead led triggers trigger "
    "drives drive "
    "driven causes cause caused produces produce sick unhealthy harmful risky dangerous unstable instability "
    "problems "
    "problem problematic explains explain explained accounts account accounted concentrate concentrates concentrated "
    "cluster clusters clustered dominate dominates linked associated tied responsible behind affected toxic bad poor "
    "detrimental unusable unsuitable exacerbated "
    "suffer suffers suffered show shows showed occur occurs occurred happen happens happened".split()
)
BETTER = frozenset(
    "finite finished survive survives survived surviving immune harmless tolerable tolerated permitted ideal "
    "ideally win "
    "wins winner winners winning valuable wise wisely suits suitable deserves merits favourable favorable "
    "comfortable "
    "promising beneficial desirable preferable sensible useful best robust reliable reliably advisable "
    "worthwhile worth safely "
    "down absent vanish vanishes vanished disappear disappears efficient effective effectively free protect "
    "optimal excellent acceptable healthier escaped escape "
    "escapes stability "
    "spared spare spares avoided avoids prevents prevent prevented healthy clean safe safer stable fewer less rarely "
    "rare rarer seldom hardly lower lowers reduces reduce reduced decreases decrease fine better good unaffected "
    "protects protect protected helps help helped saves save saved removes removed eliminates eliminated".split()
)

# --- how many ---------------------------------------------------------------------------------------

NUMBERS: Mapping[str, float] = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100}
ALL = frozenset(
    "all every each always entirely exclusively any everything everyone entirety exception invariably".split()
)
NONE = frozenset("no none never nothing zero neither nobody".split())
# Share that a word claims, as (lowest, highest).
SHARES: dict[str, tuple[float, float]] = {
    "most": (0.5, 1.0),
    "majority": (0.5, 1.0),
    "mostly": (0.5, 1.0),
    "mainly": (0.5, 1.0),
    "largely": (0.5, 1.0),
    "minority": (0.0, 0.5),
    "few": (0.0, 0.35),
    "rarely": (0.0, 0.2),
    "rare": (0.0, 0.2),
    "seldom": (0.0, 0.2),
    "hardly": (0.0, 0.1),
    "barely": (0.0, 0.1),
    "scarcely": (0.0, 0.1),
    "occasionally": (0.0, 0.35),
    "overwhelmingly": (0.75, 1.0),
    "predominantly": (0.55, 1.0),
    "primarily": (0.5, 1.0),
    "chiefly": (0.5, 1.0),
    "usually": (0.5, 1.0),
    "typically": (0.5, 1.0),
}
# Share in percent that a fraction's denominator stands for.
FRACTIONS: Mapping[str, float] = {
    "half": 50, "halves": 50, "third": 100 / 3, "thirds": 100 / 3, "quarter": 25, "quarters": 25, "fourth": 25,
    "fourths": 25, "fifth": 20, "fifths": 20, "sixth": 100 / 6, "sixths": 100 / 6, "seventh": 100 / 7,
    "sevenths": 100 / 7, "eighth": 12.5, "eighths": 12.5, "ninth": 100 / 9, "ninths": 100 / 9, "tenth": 10,
    "tenths": 10,
}  # fmt: skip
ABOVE = frozenset("over above exceeding beyond upwards least".split())  # `at least`, `more than` and their like
BELOW = frozenset("under below most beneath".split())
NEARLY = frozenset("nearly almost virtually practically".split())
ABOUT = frozenset("about roughly around approximately nearly almost some approx ~ circa close".split())
TIMES: dict[str, float] = {
    "twice": 2,
    "double": 2,
    "triple": 3,
    "doubles": 2,
    "doubled": 2,
    "triples": 3,
    "tripled": 3,
    "twofold": 2,
    "threefold": 3,
    "thrice": 3,
    "quadruple": 4,
    "quadruples": 4,
    "fourfold": 4,
    "fivefold": 5,
    "tenfold": 10,
}
TOP = frozenset(
    "largest biggest leading heaviest deadliest costliest likeliest foremost biggest dominant dominates main "
    "primary chief foremost top commonest worst strongest "
    "highest greatest principal".split()
)
BOTTOM = frozenset("smallest rarest least fewest weakest lowest".split())
HEDGES = frozenset("may might could possibly perhaps hint hints unproven suggestive tentative weak weakly".split())
STRENGTHS: dict[str, frozenset[str]] = {
    "certain": frozenset({"certain"}),
    "certainly": frozenset({"certain"}),
    "certainty": frozenset({"certain"}),
    "definite": frozenset({"certain"}),
    "definitive": frozenset({"certain"}),
    "proven": frozenset({"certain", "strong"}),
    "strong": frozenset({"certain", "strong"}),
    "strongly": frozenset({"certain", "strong"}),
    "clear": frozenset({"certain", "strong"}),
    "clearly": frozenset({"certain", "strong"}),
    "suggestive": frozenset({"suggestive"}),
    "weak": frozenset({"suggestive"}),
    "weakly": frozenset({"suggestive"}),
    "hint": frozenset({"suggestive"}),
    "unproven": frozenset({"suggestive"}),
}

# --- units ------------------------------------------------------------------------------------------

TRIAL_NOUNS = frozenset("trial trials run runs experiment experiments case cases configuration configurations".split())
HOURS: dict[str, float] = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1 / 3600),
    **dict.fromkeys(("min", "minute", "minutes"), 1 / 60),
    **dict.fromkeys(("h", "hour", "hours"), 1.0),
}
NOUNS: dict[str, str] = {
    **dict.fromkeys(("issue", "issues", "problem", "problems", "finding", "findings"), "issues"),
    **dict.fromkeys(("sweep", "sweeps"), "sweeps"),
    **dict.fromkeys(("kind", "kinds", "type", "types"), "kinds"),
    **dict.fromkeys(("cause", "causes", "pattern", "patterns"), "causes"),
    **dict.fromkeys(("condition", "conditions", "setting", "settings", "hyperparameters", "factors"), "conditions"),
}

# --- never ------------------------------------------------------------------------------------------

UNSAFE = re.compile(
    r"https?:|www\.|ftp:|://|!\[|\]\(|<[a-z/!?]|@\w|```|`|\$|\\|\{|\}|&#|"
    r"\b(?:ignore|disregard|forget|override|bypass|pretend|approve|merge|instructions?|prompt|system|assistant|"
    r"password|token|secret|api key|click|visit|download|subscribe|please)\b",
    re.IGNORECASE,
)
UNDENIABLE = frozenset("whatever whichever irrespective unrelated independent irrelevant regardless negligible".split())

# --- words that are known because something checks them ------------------------------------------------

CLAIMING = (
    HIGH | LOW | AVOID | KEEP | WORSE | BETTER | HEDGES | TOP | BOTTOM | ALL | NONE | UNDENIABLE | STRENGTHS.keys()
    | SHARES.keys() | TIMES.keys() | FRACTIONS.keys() | ABOUT | ABOVE | BELOW | {"non-zero", "nonzero", "i", "e", "x"}
)  # fmt: skip

# --- neutral words ------------------------------------------------------------------------------------

NEUTRAL = frozenset(files("hparam_ci.crew").joinpath("neutral_words.txt").read_text(encoding="utf-8").split())


def known(word: str) -> bool:
    """Whether the word, or what is left without its ending, is neutral."""
    if word in NEUTRAL:
        return True
    if word.endswith("ly") and len(word) > 5:
        return word not in _CLAIMING_ADVERBS  # how something is, but nothing new about it
    return any(
        word.endswith(ending) and len(word) >= len(ending) + 3 and bool(NEUTRAL & _stems(word[: -len(ending)]))
        for ending in ("s", "es", "ed", "ing")
    )


_CLAIMING_ADVERBS = frozenset(
    "independently randomly individually equally previously initially finally consecutively early only daily".split()
)


def _stems(stem: str) -> set[str]:
    """What a word may have been before its ending: cut-ting, us-ing, tr-ied."""
    short = stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] else stem
    return {stem, stem + "e", short, stem[:-1] + "y" if stem.endswith("i") else stem}
