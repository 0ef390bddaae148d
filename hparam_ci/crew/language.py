"""The words of a checked sentence: what each one claims, and the neutral ones. What stands in no list is refused."""

from __future__ import annotations

import re

# --- what is wrong with a trial --------------------------------------------------------------------

ISSUES: dict[str, str] = {
    "HP101": r"nans?|not-a-number|non-numbers?",
    "HP102": r"infs?|infinity|infinite|infinities",
    "HP103": r"missing (?:results?|metrics?)",
    "HP104": r"fail(?:s|ed|ing|ures?)?|crash(?:es|ed|ing)?|killed|timed out",
    "HP201": r"diverg(?:e|es|ed|ing|ence|ent)|explod(?:e|es|ed|ing)|explosions?|blew up|blow up|blowing up",
    "HP301": r"over-?fit(?:s|ted|ting)?",
    "HP401": r"short[ -]runs?|(?:ended|ending|ends?|stopped) (?:far |much )?too early",
}
ALIASES: tuple[tuple[str, ...], ...] = (
    ("lr", "learning_rate", "learning rate", "learning rates", "learning-rate"),
    ("wd", "weight_decay", "weight decay"),
    ("bs", "batch_size", "batch size", "batch sizes"),
    ("grad_clip", "gradient clipping", "gradient clip", "grad clipping", "clipping"),
    ("optimizer", "optimiser", "optimizers", "optimisers"),
    ("momentum", "momenta"),
    ("dropout", "dropout rate"),
)

# --- sides and directions --------------------------------------------------------------------------

HIGH = frozenset(
    "high higher highest large larger largest big bigger biggest great greater greatest above over exceeding exceeds "
    "exceed exceeded beyond increased increasing growing grows grow rising rises larger-than upward aggressive "
    "> >= raising increase increases raise raises boost boosting enlarge enlarging".split()
)
LOW = frozenset(
    "low lower lowest small smaller smallest tiny below under reduced reducing decreasing decreased falling beneath "
    "< <= lowering reduce reduces decrease decreases cut cutting shrink shrinking halve halving downward less".split()
)
SWITCHING_OFF = frozenset("disable disabling remove removing drop dropping".split())
RAISING = frozenset("raise increase boost enlarge".split())
LOWERING = frozenset("lower reduce decrease cut shrink halve".split())
OTHER = frozenset("!= except different another than".split())  # `other than`, `rather than`
WITHOUT = frozenset("without otherwise elsewhere outside rest others remaining absence remainder".split())
WITHIN = frozenset("inside presence".split())

AVOID = frozenset(
    "ban prohibit forbid disallow prune pruning away avoid avoids avoiding avoided exclude excludes excluding excluded drop dropping skip skipping don't not never "
    "stop remove removing removed discard eliminate".split()
)
KEEP = frozenset(
    "consider considering keep keeps keeping kept stay stays staying restrict restricts restricting restricted limit limits limiting cap "
    "caps capping capped hold holding use uses using choose choosing set setting prefer preferring try trying focus "
    "focusing search searching narrow narrowing narrowed bound bounding confine move moving switch switching "
    "combine combining pair pairing clip sample sampling explore exploring tune tuning pick select stick retain start starting enable disable leave leaving".split()
)
WORSE = frozenset(
    "more worse likelier higher raises raise increases increase increased leads lead led triggers trigger drives drive "
    "driven causes cause caused produces produce sick unhealthy harmful risky dangerous unstable instability problems "
    "problem problematic explains explain explained accounts account accounted concentrate concentrates concentrated "
    "cluster clusters clustered dominate dominates linked associated tied responsible behind affected toxic bad poor "
    "suffer suffers suffered show shows showed occur occurs occurred happen happens happened".split()
)
BETTER = frozenset(
    "spared spare spares avoided avoids prevents prevent prevented healthy clean safe safer stable fewer less rarely "
    "rare rarer seldom hardly lower lowers reduces reduce reduced decreases decrease fine better good unaffected "
    "protects protect protected helps help helped saves save saved removes removed eliminates eliminated".split()
)

# --- how many ---------------------------------------------------------------------------------------

NUMBERS: dict[str, float] = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100}
ALL = frozenset("all every each always entirely exclusively any".split())
NONE = frozenset("no none never nothing zero neither".split())
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
    "half": (0.4, 0.6),
    "third": (0.28, 0.39),
    "thirds": (0.6, 0.73),
    "quarter": (0.2, 0.3),
    "quarters": (0.7, 0.8),
    "fifth": (0.17, 0.23),
    "tenth": (0.07, 0.13),
}
NEARLY = frozenset("nearly almost virtually practically".split())
ABOUT = frozenset("about roughly around approximately nearly almost some approx ~ circa".split())
TIMES: dict[str, float] = {"twice": 2, "double": 2, "triple": 3, "threefold": 3, "fourfold": 4, "tenfold": 10}
TOP = frozenset(
    "largest biggest leading dominant dominates main primary chief foremost top commonest worst strongest "
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
    r"https?:|www\.|ftp:|://|!\[|\]\(|<[a-z/!?]|@\w|```|`|\$|\\|#\d|\{|\}|&#|"
    r"\b(?:ignore|disregard|forget|override|bypass|pretend|approve|merge|instructions?|prompt|system|assistant|"
    r"password|token|secret|api key|click|visit|download|subscribe|please)\b",
    re.IGNORECASE,
)
UNDENIABLE = frozenset("unrelated independent irrelevant regardless negligible".split())

# --- neutral words ------------------------------------------------------------------------------------

NEUTRAL = frozenset(
    (
        # grammar
        "a an the this that these those it its they them their there here which who whose what when where while "
        "whereas if then than as at by for from in into of off on onto out per so such to too toward towards up upon "
        "via with within without about above across after against among amid around before below beside besides "
        "between beyond both but during either else even however i.e e.g etc instead like near nor or and only "
        "otherwise over rather same since still through throughout thus together under unless until versus vs very "
        "well yet also again alone already always just more most much many less least fewer few further furthermore "
        "moreover therefore hence once twice now next last first second third finally later earlier other others "
        "another each every all any some no none not never one ones we you your our us "
        "is are was were be been being am has have had having do does did doing done can could may might must shall "
        "should will would let lets "
        # saying and seeing
        "show shows shown showed showing see sees seen say says said tell tells told suggest suggests suggested "
        "indicate indicates indicated point points pointed mean means meant find finds found note notes noted observe "
        "observed appear appears appeared seem seems seemed look looks looked stand stands stood remain remains "
        "remained become becomes became make makes made give gives given get gets got take takes took taken put come "
        "comes came go goes went gone hold holds held lie lies lay fall falls fell read reads count counts counted "
        "list listed report reports reported measure measured measures record recorded records name named describe "
        "describes described compare compares compared comparison contrast contrasts contrasting relative relation "
        "respectively namely example examples instance instances illustrate illustrates illustrated including include "
        "includes included contain contains confirm confirms confirmed support supports supported underline highlight "
        "highlights emerge emerges emerged apply applies applied concern concerns concerned "
        # science of sweeps
        "trial trials run runs experiment experiments configuration configurations case cases sweep sweeps search "
        "space range ranges region regions value values setting settings hyperparameter hyperparameters parameter "
        "parameters condition conditions combination combinations combine combined combining pair paired interaction "
        "interact interacts joint jointly cause causes caused causal pattern patterns pathology pathologies issue "
        "issues problem problems finding findings evidence rate rates share shares percent percentage point points "
        "proportion fraction number numbers count total totals level levels threshold thresholds limit limits cutoff "
        "boundary bound bounds result results outcome outcomes metric metrics train training trained loss losses "
        "detected detect detects flag flags flagged sick healthy affected unaffected interval intervals confidence "
        "difference differences statistics statistical statistically significant significance p p-value chance gate "
        "verdict review summary section inspection data sample samples size group groups subset side sides half "
        "majority minority "
        # degree and manner
        "far clearly clear strong strongly weak weakly high higher highest low lower lowest large larger largest small "
        "smaller smallest big great greater greatest often frequent frequently frequency common commonly commonest "
        "rare rarely seldom hardly usual usually typical typically mainly mostly largely partly entirely exactly "
        "precisely roughly approximately nearly almost virtually about just quite fairly markedly substantially "
        "considerably dramatically notably particularly especially specifically sharply steeply heavily directly "
        "consistently concentrated concentrate concentrates cluster clusters clustered dominate dominates dominant "
        "main primary chief leading lead leads led key major minor important single sole separate distinct specific "
        "particular certain certainty possible possibly perhaps likely unlikely likelier tentative hint hints proven "
        "unproven open overall whole full complete simple plain short brief few several various different similar "
        "own new current present wide narrow narrower wider broad extreme extremely respective additional available "
        "remaining rest worst worse best better good bad poor "
        # connection
        "due because behind drive drives driven driver drivers link links linked associate associated association "
        "accompany accompanies accompanied occur occurs occurred happen happens happened arise arises arose explain "
        "explains explained explaining explanation account accounts accounted cover covers covered covering "
        "contribute contributes contributed responsible trigger triggers triggered lead produce produces produced "
        "result coincide coincides coincided tied stem stems stemmed follow follows followed effect effects risk "
        "risks risky exposure meet meets met match matches matched share fit fits fitting holding using used use uses "
        "without-it occurrence occurrences prone suffer suffers suffered hit hits experience experienced "
        # advice
        "ban prohibit forbid disallow prune pruning away avoid avoids avoiding avoided keep keeps keeping kept stay stays staying restrict restricts restricting "
        "restricted cap caps capping capped use choose choosing chosen set sets setting prefer preferable try tried "
        "tries trying focus focusing explore exploring narrow narrowing narrowed bound confine confined confining "
        "move moving switch switching exclude excludes excluding excluded drop dropping dropped remove removes "
        "removing removed skip skipping raise raises raising increase increases increasing reduce reduces reducing "
        "reduced decrease decreases decreasing lower lowers lowering lowered cut cutting limit limiting limited "
        "recommend recommends recommended recommendation recommendations advise advised advice priority prioritise "
        "prioritize change changes changing vary varying apart spare spared spares sparing save saves saved saving "
        "prevent prevents prevented preventing eliminate eliminates eliminated protect fix fixing help helps helped "
        "worth plan planned need needs needed require requires required start starting begin continue rerun repeat "
        "repeating test testing tested check checking investigate investigating follow-up time times hour hours "
        "minute minutes second seconds compute lost lose losing wasted waste spent spend cost costs hundredths "
        "tell determine determined undetermined unknown unclear unexplained establish established identify identified "
        "identifies attribute attributed attributable gather collect add adding more enough too little far early "
        "exceed exceeds exceeded exceeding pass passes passed passing fail fails failing violate violates violated "
        "stop stopping safe safer stable unstable instability sweep-wide file files table row rows column columns "
        "matter matters step steps turn turns turned sit sits part parts piece way ways place places "
        "old original initial previous prior ran running ended end ends finished finish reach reaches reached "
        "tend tends tended whenever wherever despite although though nonetheless nevertheless "
        "sole solely purely individually simultaneously simultaneous co-occur co-occurs "
        "target targets targeting upper high-end low-end end top bottom area areas zone zones above-limit "
        "first-order immediately right away currently here there reliably reliable robust robustly "
        "concern concerning attention action actions effective effectively effort "
        "observed observation observations fold percentage-point "
        "among between that's doesn't didn't isn't aren't don't it's wasn't weren't "
        "worthwhile focus focused singled sum summary brief conclusion conclude concluded "
        "affect affects affecting push pushes pushed leave leaves leaving left play plays role impact impacts "
        "reason reasons fatal signal signals predictor predict predicts predicted involve involves involved involving consume "
        "consumed consumes allow allowed allows consider considered considering cannot can't exclusively strongest weakest "
        "harmful critical severe severely notable noteworthy remarkable striking evident evidently apparent apparently "
        "obvious obviously correspond corresponds corresponding represent represents representing constitute comprise "
        "comprises totalling totaling amount amounts amounting equal equals equivalent close closer closely tightly "
        "correlate correlates correlated correlation relationship depend depends dependent dependence sensitive "
        "sensitivity vulnerable susceptible tendency likelihood probability frequency incidence prevalence prevalent "
        "factor factors contributor culprit source origin root predominantly predominant overwhelmingly overwhelming "
        "vast bulk portion remainder counterparts peers alternative alternatives choice choices option options "
        "candidate candidates budget resources efficient useful beneficial advisable sensible reasonable suggestion "
        "strategy approach goal aim aims ensure ensures guard guards mitigate mitigates address addresses experienced "
        "undergo undergoes encounter encountered encounters exhibit exhibits exhibited display displays displayed "
        "demonstrate demonstrates reveal reveals revealed establish establishes imply implies reflect reflects stem "
        "originate originates attribute belong belongs belonging feature features featuring characterise characterize "
        "ratio rise rises risen rising grow grows climb climbs jump jumps drop drops decline declines versus total "
        "collectively combined altogether besides additionally similarly likewise conversely meanwhile instead "
        "consequently accordingly thereby therefore despite except excepting apart beyond meaningful magnitude "
        "key crucial essential necessary required optional desirable worthwhile promising immediate urgent "
        "regime setup setups choice group cohort population presence scenario scenarios situation portion context "
        "carry carries carried bear bears entail mark marks marked constrain constrains constrained constraint rule "
        "ruled ruling adjust adjusts adjusting adjustment refine refining revisit reconsider replace replaces "
        "replacing replaced pick picks picking select selecting selected assign assigned apply applying maintain "
        "maintaining ensure ensuring ban prohibit forbid disallow prune pruning trim trimming shift shifting steer "
        "steering away enforce enforcing reserve free freed reclaim recover recovered wide widely tested untested "
        "roughly circa score scores experiments noticeably visibly highly overly excessively excessive moderate "
        "moderately slightly somewhat mild modest stark starkly pronounced elevated inflated disproportionate "
        "disproportionately repeatedly consistently uniformly invariably "
        "everywhere outside inside fully treat treated kind kinds type types separate separately whole away separate "
        "happening distinctly primarily majority region zone subset slice group threshold itself alone common "
        "elsewhere concern such clearly fall there each alongside whichever "
        "unset missing blank disabled enabled enable disable"
    ).split()
)


def known(word: str) -> bool:
    """Whether the word, or what is left without its ending, is neutral."""
    if word in NEUTRAL:
        return True
    return any(
        word.endswith(ending)
        and len(word) >= len(ending) + 4
        and (word[: -len(ending)] in NEUTRAL or word[: -len(ending)] + "e" in NEUTRAL)
        for ending in ("s", "es", "ed", "ing", "ly")
    )
