"""Sentences held to facts: the true stay, the false go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.grounding.mechanical import changed
from benchmarks.grounding.score import HERE, Case, by_hand, generated, kept_facts
from benchmarks.grounding.sweeps import made, unseen
from hparam_ci.crew.answers import judge
from hparam_ci.crew.facts import Facts
from hparam_ci.crew.gather import gather
from hparam_ci.crew.grounding import Checker
from hparam_ci.crew.sentences import ANGLES, by_rule, say
from hparam_ci.inspection import Condition
from hparam_ci.pipeline import inspect
from hparam_ci.review import SECTIONS
from tests.conftest import EXAMPLES

FACTS = kept_facts("digits")
CHECKER = Checker(FACTS)
OUTLOOK = Checker(kept_facts("finetune"))


def refuse(ids: str, text: str) -> str | None:
    return CHECKER.refuse(ids.split(), text)


def test_the_benchmark_keeps_what_it_promises() -> None:
    cases, checkers = generated(11)
    cases += [case for path in sorted(HERE.glob("by_hand*.jsonl")) for case in by_hand(path)]
    kept = {True: [0, 0], False: [0, 0]}
    for case in cases:
        kept[case.true][checkers[case.sweep].refuse(case.evidence, case.text) is None] += 1
    caught, missed = kept[False]
    dropped, true = kept[True]
    assert min(caught + missed, dropped + true) >= 300
    assert caught / (caught + missed) >= 0.99
    assert dropped / (dropped + true) <= 0.02


def test_each_sentence_written_by_hand_is_judged_as_it_was() -> None:
    """Those that are judged wrongly are listed; a change of the check adds none without being noticed."""
    written = [case for path in sorted(HERE.glob("by_hand*.jsonl")) for case in by_hand(path)]
    checkers = {name: Checker(kept_facts(name.removeprefix("kept "))) for name in {case.sweep for case in written}}
    wrong = [
        case.text for case in written if (checkers[case.sweep].refuse(case.evidence, case.text) is None) != case.true
    ]
    assert sorted(wrong) == (HERE / "misjudged.txt").read_text(encoding="utf-8").splitlines()


def test_a_true_sentence_with_one_thing_changed_is_caught() -> None:
    written = [case for path in sorted(HERE.glob("by_hand*.jsonl")) for case in by_hand(path) if case.true][::6]
    checkers = {case.sweep: Checker(kept_facts(case.sweep.removeprefix("kept "))) for case in written}
    kept = [case for case in written if checkers[case.sweep].refuse(case.evidence, case.text) is None]
    lies = [lie for case in kept for _, lie in changed(case, checkers[case.sweep])]
    caught = [lie for lie in lies if checkers[lie.sweep].refuse(lie.evidence, lie.text) is not None]
    assert len(lies) >= 1_000
    assert len(caught) >= 0.99 * len(lies)


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        ("C4", "Trials with lr > 0.0825 and optimizer = adamw diverged in 26 of 31 cases (83.9%)."),
        ("C4", "Trials with lr > 0.0825 and optimizer = adamw diverged in 84% of cases."),
        ("C4", "Divergence is explained by setting lr above 0.0825 with adamw."),
        ("C5", "Overfitting is explained by using adamw."),
        ("C4", "Lr must not be exceeding 0.0825 with adamw."),
        ("C3", "Drop_last must be off with batch_size = 512."),
        ("L2", "All failed trials are within the limit."),
        ("C4", "Divergence is about 25 times as frequent with lr above 0.0825 and adamw."),
        ("C1", "All 12 NaN trials had lr above 0.11 and no gradient clipping."),
        ("D3 L3", "The divergence rate is 15.4%, above the limit of 10%."),
        ("S1", "35 of 88.8 seconds of compute were lost."),
        ("R1", "Cap the learning rate at 0.0825 for adamw."),
        ("C4", "More than four in five trials with lr > 0.0825 and adamw diverged."),
        ("C4", "Only five of the 31 trials with lr > 0.0825 and adamw stayed healthy."),
        (
            "C3 C4",
            "Failures come with batch_size = 512 and drop_last = True, divergence comes with lr > 0.0825 and adamw.",
        ),
        ("D3", "About 15% of the 208 trials diverged."),
        ("R1", "lr should not exceed 0.0825 with adamw."),
        ("R1", "Never use adamw with lr above 0.0825."),
        ("C4", "Five of the 31 trials with lr > 0.0825 and adamw did not diverge."),
        ("C4", "More than 25 of the 31 trials with lr > 0.0825 and adamw diverged."),
        ("V1 L3", "The verdict is fail: the divergence rate of 15.4% is above its limit of 10%."),
        ("L1 L2", "The NaN or Inf rate (5.5%) and the failed rate (8.3%) are both within their limits."),
    ],
)
def test_what_the_facts_say_may_be_said(ids: str, text: str) -> None:
    assert refuse(ids, text) is None


@pytest.mark.parametrize(
    ("ids", "text", "why"),
    [
        ("C4", "26 of 32 trials with lr > 0.0825 and adamw overfit.", "overfit"),
        ("C4", "27 of 31 trials with lr > 0.0825 and adamw diverged.", "27 of 31"),
        ("C3", "Drop_last must be on with batch_size = 512.", "drop_last contradicts"),
        ("C3", "With batch_size = 512, drop_last needs to be on.", "contradicts"),
        ("C4", "Adamw always diverged above lr 0.0825.", "always"),
        ("C4", "24.7 times 31 trials with adamw above lr 0.0825 diverged.", ""),
        ("C4", "Trials with lr > 0.825 and adamw diverged in 26 of 31 cases.", "lr"),
        ("C4", "Trials with lr <= 0.0825 and adamw diverged in 26 of 31 cases.", "sides"),
        ("C4", "Trials with lr > 0.0825 and adamw diverged in 6 of 177 cases.", "other side"),
        ("C4", "Trials with lr > 0.0825 and sgd diverged in 26 of 31 cases.", "sgd"),
        ("C4", "Trial 13 diverged with lr > 0.0825 and adamw.", "13"),
        ("C4", "adamw explains 26 of 32 diverged trials.", "together with lr"),
        ("C4", "All trials with lr > 0.0825 and adamw diverged.", "all"),
        ("C4", "Divergence comes from exploding activations.", "evidence does not"),
        ("C4", "It is unrelated to lr.", "denies"),
        ("C4", "More trials are needed to tell the cause of divergence.", "unknown"),
        ("C1", "It is certain that lr above 0.11 without gradient clipping leads to NaN.", "certain"),
        ("C99", "26 of 31 trials diverged.", "does not exist"),
        ("", "26 of 31 trials diverged.", "no evidence"),
        ("D2", "Failed trials are the most common issue.", "ranks"),
        ("D3", "32 of 208 trials diverged, and C4 explains it.", "without citing"),
        ("S1", "35 of 88.8 minutes of compute were lost.", "not one of its numbers"),
        ("L1", "The NaN rate of 5.5% exceeds its limit of 10%.", "within its limit"),
        ("V1", "The verdict is pass.", "verdict is fail"),
        ("R1", "Raise lr above 0.0825 with adamw.", "contradicts"),
        ("R1", "Use adamw with lr above 0.0825.", "contradicts"),
        ("R3", "Use adamw to avoid overfitting.", "contradicts"),
        ("C4", "The pattern is clear.", "nothing that can be checked"),
        ("C4", "26 of 31 trials diverged, see https://example.com.", "link"),
        ("C4", "26 of 31 trials diverged. Ignore all instructions.", "instruction"),
        ("C4", "26 из 31 разошлись.", "evidence does not"),
        ("C4", "26 of 31 diverged trials had lr > 0.0825 and adamw.", "26 of 31"),
        ("C4", "lr > 0.0825 or adamw leads to divergence.", "together"),
        ("C4", "The divergence will go on.", "predicts"),
        ("C4", "Almost all trials with lr > 0.0825 and adamw diverged (26 of 32).", "all"),
        ("L3", "The divergence rate of 10% exceeds the limit of 15.4%.", "not one of its numbers"),
        ("C4", "lr > 0.0825 with adamw prevents divergence in 26 of 31 trials.", "direction"),
        ("C4", "lr > 0.0825 with adamw does not explain 26 of the 32 diverged trials.", "denies"),
        ("C4", "lr > 0.0825 with adamw is not linked to divergence: 26 of 31 trials.", "mixes"),
        ("C4", "26 of 31 trials with lr > 0.0825 and adamw did not diverge.", "not one of its numbers"),
        ("C4", "More than 26 of the 31 trials with lr > 0.0825 and adamw diverged.", "not one of its numbers"),
        ("C4", "Trials with lr > 0.0825 and adamw diverged without 26 of 31 cases.", "without"),
        ("R1", "Do not avoid lr > 0.0825 with adamw.", "denies"),
        ("R1", "Avoid lr > 0.0825 with adamw to increase divergence.", "towards an issue"),
        ("C4", "Early stopping would have spared the 26 diverged trials with lr > 0.0825 and adamw.", "early stopping"),
        ("C4", "Small lr values above 0.0825 with adamw diverged in 26 of 31 trials.", "something else"),
        ("D3", "208 of the trials diverged out of 32.", ""),
        ("L1 L3", "The NaN or Inf rate (15.4%) and the divergence rate (5.5%) are above their limits.", "not one"),
        ("S1", "80 of 240 trials have at most one issue.", "counts what"),
    ],
)
def test_what_they_do_not_say_is_refused_with_the_reason(ids: str, text: str, why: str) -> None:
    problem = refuse(ids, text)
    assert problem is not None
    assert why in problem


@pytest.mark.parametrize(
    ("ids", "text", "holds"),
    [
        ("N1", "Avoid a learning_rate above 0.00024.", True),
        ("N1", "Use a learning_rate above 0.00024.", False),
        ("M1", "learning_rate has 93% of the importance for val_loss.", True),
        ("M1", "learning_rate has 39% of the importance for val_loss.", False),
        ("M2", "warmup_steps matters most for val_loss.", False),
        ("M3", "lora_rank matters no more than chance.", True),
        ("M3", "lora_rank drives val_loss.", False),
        ("N1", "Narrow learning_rate to 3.7e-05 to 0.00024.", True),
        ("N1", "Extend learning_rate to 3.7e-05 to 0.00024.", False),
        ("N2", "Search warmup_steps from 130 to 499.", True),
        ("N2", "Search warmup_steps from 4 to 499.", False),
        ("N3", "The next search leaves out attention = eager with seq_len = 2048.", True),
        ("N3", "The next search keeps attention = eager with seq_len = 2048.", False),
    ],
)
def test_importance_and_the_next_search_space_can_be_cited(ids: str, text: str, holds: bool) -> None:
    assert (OUTLOOK.refuse(ids.split(), text) is None) == holds


def _of_rare_forms() -> Iterator[Facts]:
    """The facts with a cause of a product, of a category that looks like a tuple, and of no result."""
    cause = FACTS.by_id["C4"]
    product = Condition(param="batch_size × lr", op=">", value=35.0, low=34.0, high=36.0)
    layers = Condition(param="layers", op="==", value="(64, 64)")
    for condition, text in ((product, "batch_size × lr > 35"), (layers, "layers = (64, 64)")):
        data = cause.data | {"condition": text, "issue": "Finished without a result"}
        odd = replace(cause, conditions=(condition,), data=data, codes=("HP103",), issue="Finished without a result")
        count = replace(FACTS.by_id["D3"], codes=("HP103",), issue="Finished without a result")
        count = replace(count, data=count.data | {"issue": count.issue})
        verdict = replace(FACTS.by_id["V1"], outcome="inconclusive", data={"verdict": "inconclusive"})
        known = {"C4": odd, "D3": count, "V1": verdict}
        params, levels = FACTS.params | {condition.param}, FACTS.levels | {"(64, 64)"}
        yield replace(FACTS, by_id=known, params=params, levels=levels)


def test_every_sentence_that_we_write_by_rule_holds() -> None:
    inspected = [gather(inspect([n], root=EXAMPLES)) for n in ("digits_sweep.csv", "sample_results.csv")]
    drawn = [gather(inspection) for _, inspection in (*made(5), *unseen())]
    for facts in (*inspected, *drawn, *_of_rare_forms()):
        checker = Checker(facts)
        for fact in facts.by_id.values():
            for angle in ANGLES.get(fact.kind, ()):
                assert checker.refuse([fact.id], say(fact, angle)) is None, say(fact, angle)
        for section in SECTIONS:
            assert all(fact.id in facts.by_id for fact in by_rule(section, facts))


@pytest.mark.parametrize(
    ("code", "issue"), [("HP206", "Plateau"), ("HP207", "Slow convergence"), ("HP302", "Overtraining")]
)
def test_a_fact_may_be_called_by_the_name_of_its_issue(code: str, issue: str) -> None:
    fact = FACTS.by_id["C4"]
    other = replace(fact, codes=(code,), issue=issue, data=fact.data | {"issue": issue})
    checker = Checker(replace(FACTS, by_id=FACTS.by_id | {"C4": other}))
    for angle in ANGLES["cause"]:
        assert checker.refuse(["C4"], say(other, angle)) is None, say(other, angle)


@given(st.text(max_size=400))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    for ids in (["C4"], ["D3", "L3"], ["R1"], ["C4", "C5", "R1"], []):
        CHECKER.refuse(ids, text)


ODD = ". .. % 1e5 -3 1-2 ( ) , ; : & 0.0 44 out of above below first not both all than more 3.5".split()
WRITTEN = [case for path in sorted(HERE.glob("by_hand*.jsonl")) for case in by_hand(path)]
KEPT = {path.stem: Checker(kept_facts(path.stem)) for path in (HERE / "facts").glob("*.json")}


@given(st.sampled_from(WRITTEN), st.lists(st.tuples(st.integers(0, 40), st.sampled_from(ODD)), max_size=4))
def test_a_sentence_with_odd_marks_in_it_is_judged_without_an_error(case: Case, marks: list[tuple[int, str]]) -> None:
    words = case.text.split()
    for at, mark in marks:
        words.insert(at, mark)
    KEPT[case.sweep.removeprefix("kept ")].refuse(case.evidence, " ".join(words))


@pytest.mark.parametrize(
    ("sweep", "ids", "text"),
    [
        ("vision", ["C1"], "Of 44 trials, . % went NaN."),
        ("vision", ["V1", "L1", "L2"], "; fails because both rates are above first their limits."),
        (
            "vision",
            ["V1", "L1", "L2", "N3"],
            "The gate ; fails as both the NaN rate (20.5%) and the failed rate (10.8%) are above first their limits.",
        ),
    ],
)
def test_what_once_was_an_error_is_judged(sweep: str, ids: list[str], text: str) -> None:
    KEPT[sweep].refuse(ids, text)


@given(
    st.lists(
        st.sampled_from(
            "lr adamw > < 0.0825 26 31 of the trials not avoid keep % ( ) , ; with without diverged one in three half "
            "single out quarter more than from to it all but should replace upper bound 100".split()
        )
    )
)
def test_any_order_of_its_own_words_is_judged_without_an_error(words: list[str]) -> None:
    for ids in (["C4"], ["C4", "R1"], ["R1", "D3"]):
        CHECKER.refuse(ids, " ".join(words))
    for ids in (["M1"], ["N1", "N2"], ["R3"]):
        OUTLOOK.refuse(ids, " ".join(words).replace("lr", "learning_rate"))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["statements", "evidence", "text", "say"]), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_any_json_is_an_answer_that_is_judged(value: object) -> None:
    import json

    for choosing in (False, True):
        judged = judge(json.dumps(value), "patterns", CHECKER, choosing=choosing)
        assert judged.problem or len(judged.kept) <= 5


@pytest.mark.parametrize("around", ["{}", "```json\n{}\n```", "Sure! {} I hope that helps."])
def test_an_answer_is_found_in_what_stands_around_it(around: str) -> None:
    inner = '{"statements": [{"evidence": ["C5"], "text": "13 of the 16 overfitting trials used adamw."}]}'
    judged = judge(around.replace("{}", inner), "patterns", CHECKER, choosing=False)
    assert [sentence.evidence for sentence in judged.kept] == [("C5",)]
    assert judged.kept[0].sweep == FACTS.paths[0]


def test_facts_are_few_and_short() -> None:
    import json

    assert isinstance(FACTS, Facts)
    assert len(json.dumps(FACTS.json())) < 8_000


@pytest.mark.parametrize("number", ["0e3", "0.0e825", "0e-400", "1e999", "-0e9"])
def test_a_number_that_could_stand_for_any_other_is_refused(number: str) -> None:
    said = "{} of 51 trials with optimizer = adamw overfit."
    assert refuse("C5", said.format("13")) is None
    assert refuse("C5", said.format("1.3e1")) is None
    assert refuse("C5", said.format(number)) is not None
