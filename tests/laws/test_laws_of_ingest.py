"""SPEC section 11, laws 1 to 3 and 5: over real files, a real warehouse and real generations.

The oracle is asked here too: what is published is what the specification says, whatever way the log came in.
"""

import datetime as dt
import json
import random
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engines.recompute import recompute
from pipelines.game.rulebook import parse_rulebook
from tests.end_to_end.seasons import ingest, same, tables
from tests.game.league import EPOCH, rows
from tests.laws.logs import Log, Row, logs
from tests.laws.oracle import season
from tests.laws.oracle_rules import rulebook_content
from tests.laws.test_laws import differences

INSTANTS = ("at", "submitted_at", "judged_at", "claimed_at")
files_of_a_log = settings(max_examples=max(3, settings.default.max_examples // 4))


def line(record: Row) -> str:
    fields = {k: v for k, v in record.items() if v is not None}
    for name in INSTANTS:
        if name in fields:
            fields[name] = (EPOCH + dt.timedelta(microseconds=fields[name])).isoformat() + "Z"
    return json.dumps(fields) + "\n"


def land(home: Path, *pieces: list[Row]) -> None:
    """Each piece is a file of its own, read by an ingest of its own."""
    for n, piece in enumerate(pieces):
        path = home.parent / f"{home.name}-{n}.jsonl"
        path.write_text("".join(map(line, piece)))
        ingest(home, [path])


def published(home: Path, log: Log):
    rules = parse_rulebook(rulebook_content(log.rules), "the law's rules")
    return tables(recompute(home, rules, EPOCH + dt.timedelta(microseconds=log.as_of))[0])


def cut_up(records: list[Row], dice: random.Random) -> list[list[Row]]:
    shuffled = dice.sample(records, len(records))
    ends = sorted(dice.randrange(len(records) + 1) for _ in range(2))
    return [shuffled[: ends[0]], shuffled[ends[0] : ends[1]], shuffled[ends[1] :]]


@files_of_a_log
@given(logs(max_submissions=15), st.randoms(use_true_random=False))
def test_laws_1_2_and_3_pieces_in_any_order_and_again_publish_what_one_file_does(log, dice):
    with tempfile.TemporaryDirectory() as folder:
        whole, parts = Path(folder) / "whole", Path(folder) / "parts"
        land(whole, log.records)
        expected = published(whole, log)
        pieces, watched = cut_up(log.records, dice), dice.randrange(3)
        for n, piece in enumerate(pieces):
            land(parts, piece)
            if n == watched:
                published(parts, log)  # a recompute between two ingests leaves no trace
        land(parts, pieces[0], [*pieces[1], *pieces[0]])
        assert same(published(parts, log), expected) == []


@files_of_a_log
@given(logs(max_submissions=15))
def test_what_is_published_is_what_the_specification_says(log):
    with tempfile.TemporaryDirectory() as folder:
        land(Path(folder) / "home", log.records)
        found = {name: rows(frame) for name, frame in published(Path(folder) / "home", log).items()}
    assert differences(season(log.records, log.rules, log.as_of), found) == []
