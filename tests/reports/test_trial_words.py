"""What trials of each kind are called."""

from pipelines.insight.evidence import CALL, KINDS, SUBMISSION
from pipelines.reports.trial_words import TRIALS, tried


def test_every_kind_has_its_words():
    assert tuple(TRIALS) == KINDS


def test_one_trial_is_not_many():
    assert [tried(n, CALL) for n in (0, 1, 1200)] == ["0 calls", "1 call", "1,200 calls"]
    assert [tried(n, SUBMISSION) for n in (1, 2)] == ["1 submission", "2 submissions"]
