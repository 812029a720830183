"""Reasons as sentences: literal terms in, and the words that they must become."""

from typing import Any

import polars as pl
import pytest

from pipelines.insight.advice.because import reasons

NOTHING = {f"{term}{end}": 0.0 for term in ("skill", "own", "tilt", "spot", "pair") for end in ("", "_sd")}
ROW = {
    "subject_type": "user", "agent_id": "python-pro", "category": "debugging", "difficulty": "complex", "slot": "1",
    "p_success": 0.71, "p_lo80": 0.58, "p_hi80": 0.82, "current_agent_id": "general",
    "lift_pp": 14.2, "lift_lo80": 3.1, "lift_hi80": 24.9, "n_own": 4, "n_category": 46, "n_difficulty": 19,
    "n_agent": 120, "n_kind": 8, "propensity": 1.0, "evidence": "direct", "hardness": 0.5, "raw_rate": 0.71,
    "simplest_share": 0.3, **NOTHING,
}  # fmt: skip
HEAD = "`python-pro` for complex debugging: 71 % (80 %: 58 to 82)"
OVER = HEAD + ", 14 percentage points over `general` (80 %: 3 to 25), which you use now."
SKILLED = " Because: skilled overall (30 calls)."
NONE = " No term stands out: its place comes from all together (120 calls)."


def reason(**changed: Any) -> str:
    frame = pl.DataFrame([{**ROW, **changed}], {name: _type(value) for name, value in ROW.items()})
    return str(reasons(frame, 0.3, 20).item())


def _type(value: Any) -> pl.DataType:
    return {str: pl.String(), float: pl.Float64(), int: pl.Int64()}[type(value)]


def test_the_sentence_of_the_analytics_page() -> None:
    told = reason(own=0.6, own_sd=0.3, tilt=0.4, tilt_sd=0.2, raw_rate=0.84, simplest_share=0.7)
    assert told == (
        OVER + " Because: strong in debugging (46 calls), holds up on hard work (19 complex calls)."
        " Its raw rate of 84 % (n = 120) flatters: 70 % of its calls were simple (30 % of all)."
    )


def test_where_no_term_stands_out_that_is_said() -> None:
    assert reason() == OVER + NONE
    assert reason(own=0.3, own_sd=0.3, tilt=0.09, tilt_sd=0.01) == OVER + NONE  # within one sd; smaller than a word


def test_at_most_three_terms_are_named_the_largest_for_and_against() -> None:
    terms = {"skill": 0.5, "own": 0.2, "tilt": -0.3, "spot": 0.15, "pair": 0.4}
    told = reason(**terms, **{f"{name}_sd": 0.1 for name in terms})
    assert told == (
        OVER + " Because: skilled overall (120 calls), fares well with you (4 calls)."
        " Against it: falls off on hard work (19 complex calls)."
    )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"skill": -0.5, "skill_sd": 0.2}, " Against it: weak overall (120 calls)."),
        ({"own": -0.5, "own_sd": 0.2}, " Against it: weak in debugging (46 calls)."),
        ({"spot": 0.5, "spot_sd": 0.2}, " Because: better still at complex debugging (8 calls)."),
        ({"spot": -0.5, "spot_sd": 0.2}, " Against it: worse than that at complex debugging (8 calls)."),
        ({"tilt": 0.5, "tilt_sd": 0.2, "hardness": -1.5, "difficulty": "simple", "n_difficulty": 1},
         " Because: at its best on easy work (1 simple call)."),
        ({"pair": -0.5, "pair_sd": 0.2}, " Against it: fares badly with you (4 calls)."),
    ],
)  # fmt: skip
def test_each_term_has_its_words(changed: dict[str, Any], told: str) -> None:
    assert reason(**changed).endswith(told)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"current_agent_id": None, "lift_pp": None, "lift_lo80": None, "lift_hi80": None}, HEAD + "." + NONE),
        ({"current_agent_id": "python-pro", "lift_pp": None}, HEAD + ". You use it now." + NONE),
        ({"current_agent_id": "python-pro", "subject_type": "team"}, HEAD + ". The team uses it now." + NONE),
        ({"lift_pp": 1.2, "lift_lo80": -4.4, "lift_hi80": 7.0},
         HEAD + ", 1 percentage point over `general`, which you use now: the difference is within what chance makes "
         "(80 %: -4 to 7)." + NONE),
        ({"lift_pp": -0.4, "lift_lo80": -9.0, "lift_hi80": 7.0, "subject_type": "team"},
         HEAD + ", level with `general`, which the team uses now: the difference is within what chance makes "
         "(80 %: -9 to 7)." + NONE),
        ({"lift_pp": -12.0, "lift_lo80": -20.0, "lift_hi80": -3.0},
         HEAD + ", 12 percentage points below `general` (80 %: -20 to -3), which you use now." + NONE),
    ],
)  # fmt: skip
def test_the_agent_in_use_is_named_and_chance_is_called_chance(changed: dict[str, Any], told: str) -> None:
    assert reason(**changed) == told


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"evidence": "borrowed", "n_category": 0, "n_agent": 30},
         " No call of its own in debugging: judged by its other work (30 calls)."),
        ({"evidence": "borrowed", "n_category": 1, "n_agent": 30, "skill": 0.5, "skill_sd": 0.2},
         " Only 1 call of its own in debugging: judged mostly by its other work (29 calls)."
         + SKILLED),
        ({"evidence": "borrowed", "n_category": 4, "n_agent": 4},
         " No term stands out: its place comes from all together (4 calls)."),
        ({"evidence": "prior", "n_category": 0, "n_agent": 1, "skill": 0.5, "skill_sd": 0.2},
         " Only 1 call of it is known: this is nearly what the average agent does."),
        ({"evidence": "prior", "n_category": 2, "n_agent": 2},
         " Only 2 calls of it are known: this is nearly what the average agent does."),
    ],
)  # fmt: skip
def test_what_an_agent_is_judged_by_is_said(changed: dict[str, Any], told: str) -> None:
    assert reason(**changed) == OVER + told


@pytest.mark.parametrize(
    ("category", "difficulty", "told"),
    [
        ("debugging", None, "debugging of no told difficulty"),
        (None, "expert", "expert work without a category"),
        (None, None, "work of which neither category nor difficulty is told"),
    ],
)
def test_work_of_which_less_is_told_has_its_words(category: str | None, difficulty: str | None, told: str) -> None:
    assert reason(category=category, difficulty=difficulty).startswith(f"`python-pro` for {told}: 71 %")
    assert "null" not in reason(category=category, difficulty=difficulty, own=1.0, own_sd=0.1, tilt=1.0, tilt_sd=0.1)


def test_a_raw_rate_that_undersells_is_told_only_of_enough_calls() -> None:
    told = reason(raw_rate=0.6, simplest_share=0.05)
    assert told == OVER + NONE + (
        " Its raw rate of 60 % (n = 120) undersells it: 5 % of its calls were simple (30 % of all)."
    )
    assert "raw rate" not in reason(raw_rate=0.6, simplest_share=0.05, n_agent=19)
    assert "raw rate" not in reason(raw_rate=0.6, simplest_share=float("nan"))
    assert "raw rate" not in reason(raw_rate=0.68, simplest_share=0.05)


def test_the_one_that_is_drawn_has_its_chance_told() -> None:
    assert reason(slot="explore", propensity=0.12).endswith(
        " Drawn as worth a try, with a chance of 12 %: what nobody tries stays unknown."
    )
    assert "with a chance of less than 1 %" in reason(slot="explore", propensity=0.004)
    assert "with a chance of more than 99 %" in reason(slot="explore", propensity=0.998)


def test_the_only_one_left_is_not_said_to_be_drawn_nor_the_one_in_use_to_be_untried() -> None:
    assert reason(slot="explore", propensity=1.0).endswith(
        " Worth a try as the only one left: what nobody tries stays unknown."
    )
    in_use = reason(slot="explore", propensity=0.12, current_agent_id="python-pro", lift_pp=None)
    assert in_use.endswith(" Drawn as worth a try, with a chance of 12 %.")
    last = reason(slot="explore", propensity=1.0, current_agent_id="python-pro", lift_pp=None)
    assert last.endswith(" No other is left to try.")
