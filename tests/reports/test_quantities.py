"""How quantities read."""

import pytest

from pipelines.reports import quantities


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 s"), (0.84, "0.8 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min"),
        (200.0, "3 min 20 s"), (3600.0, "1 h"), (7500.0, "2 h 5 min"), (86_400.0, "1 d"), (367_200.0, "4 d 6 h"),
    ],
)  # fmt: skip
def test_a_duration_reads_in_its_two_largest_units(seconds: float, text: str) -> None:
    assert quantities.duration(seconds) == text


@pytest.mark.parametrize(
    ("n", "text"),
    [(0, "0"), (999, "999"), (1000, "1.0 k"), (12_340, "12.3 k"), (999_999, "1.0 M"), (3.2e12, "3,200.0 G")],
)
def test_large_numbers_are_short(n: float, text: str) -> None:
    assert quantities.large(n) == text


@pytest.mark.parametrize(("value", "text"), [(1e-6, "0.000001"), (2.5e-7, "0.00000025"), (0.5, "0.5"), (3.0, "3")])
def test_a_small_number_is_written_out(value: float, text: str) -> None:
    assert quantities.decimal(value) == text


@pytest.mark.parametrize(("usd", "text"), [(0, "$0.00"), (0.0042, "$0.0042"), (0.01, "$0.01"), (1234.5, "$1,234.50")])
def test_money_has_cents_and_less_than_one_is_not_nothing(usd: float, text: str) -> None:
    assert quantities.money(usd) == text


def test_a_share_is_told_with_its_interval_and_number() -> None:
    assert quantities.sure(0.5, 0.25, 0.75, 1200) == "50.0 % (95 % interval 25.0 % to 75.0 %, n = 1,200)"


def test_one_thing_is_one_thing() -> None:
    assert quantities.counted(1, "call") == "1 call"
    assert quantities.counted(2, "award of XP", "awards of XP") == "2 awards of XP"


@pytest.mark.parametrize(
    ("value", "text"), [(7, "7"), (0.95, "0.95"), (12.345, "12.3"), (999.6, "1,000"), (65_534.4, "65,534")]
)
def test_a_number_is_short_and_never_a_power_of_ten(value: float, text: str) -> None:
    assert quantities.number(value) == text


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, "<1"), (0.004, "<1"), (0.006, "1"), (0.5, "50"), (0.994, "99"), (0.996, ">99"), (1.0, ">99")],
)
def test_nothing_is_sure_and_nothing_impossible(value: float, said: str) -> None:
    assert quantities.chance(value) == said


@pytest.mark.parametrize(("value", "said"), [(-0.4, "0"), (0.0, "0"), (4.6, "+5"), (-12.4, "-12")])
def test_a_difference_has_a_sign_but_for_nought(value, said):
    assert quantities.signed(value) == said
