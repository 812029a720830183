"""Checking bundles: rows and tables that are not as the format says are refused, though their publisher signed them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.arena.keys import Keyring
from pipelines.arena.verify import verify
from tests.arena.bundles import ADA, ADAS_AGENT, ADAS_BADGES, BOB, TALK_SHA256, refusal_of, signed_anew

Change = Callable[[Path, Keyring], None]


def replaced(name: str, old: str, new: str) -> Change:
    """The file with other words in it, described and signed by its publisher all the same."""

    def change(bundle: Path, keys: Keyring) -> None:
        text = (bundle / name).read_text()
        assert old in text
        (bundle / name).write_text(text.replace(old, new, 1))
        signed_anew(bundle, keys)

    return change


def another_conversation(bundle: Path, keys: Keyring) -> None:
    path = bundle / "conversations" / TALK_SHA256
    path.write_bytes(path.read_bytes()[::-1])
    signed_anew(bundle, keys)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (replaced("profiles.jsonl", '"level":5', '"level":0'), "line 1, `level` is 0; it must be at least 1."),
        (replaced("profiles.jsonl", '"level":5', '"level":5.0'), "line 1, `level` is 5.0; it must be a whole number"),
        (replaced("profiles.jsonl", '"level":5', '"level":true'), "line 1, `level` is true; it must be a whole number"),
        (replaced("profiles.jsonl", '"level":5', '"level":"5"'), 'line 1, `level` is "5"; it must be a whole number'),
        (replaced("profiles.jsonl", '"level":5', '"level":null'), "line 1, `level` is null; it must not be null."),
        (replaced("profiles.jsonl", '"level":5', f'"level":{2**53}'), "it must lie within -1000000000000 and"),
        (replaced("profiles.jsonl", '"level":5', f'"level":1{"0" * 400}'), "it must be a whole number."),
        (replaced("profiles.jsonl", '"level":5,', ""), "line 1, `level`: it is missing."),
        (replaced("profiles.jsonl", '"level":5', '"level":5,"level":6'), "line 1: it is no row (The key "),
        (replaced("profiles.jsonl", '"level":5', '"level":5,"name":"Ada"'), 'line 1, the key "name": it is not one of'),
        (replaced("profiles.jsonl", "0.79", "1.01"), "line 1, `success_share` is 1.01; it must be at most 1."),
        (replaced("profiles.jsonl", "0.79", "NaN"), "line 1: it is no row (The line is not JSON: NaN is no number"),
        (replaced("profiles.jsonl", "0.79", "1e999"), "`success_share` is 1e999; it must be a number."),
        (replaced("profiles.jsonl", ADA, ADA.upper()), "line 1, `pseudonym` is"),
        (replaced("profiles.jsonl", ADA, BOB), "line 1: it is not the only row with its pseudonym"),
        (replaced("profiles.jsonl", ADA, "f" * 32), "does not stand in the order of pseudonym."),
        (replaced("profiles.jsonl", "\n", "\n\n"), "line 2: it is no row"),
        (replaced("profiles.jsonl", "\n", " " * 65_536 + "\n"), "line 1: it has 65760 bytes, and at most 65536 are"),
        (replaced("usage.jsonl", "812", f"{10**12 + 1}"), "`successes` is 1000000000001; it must lie within"),
        (replaced("usage.jsonl", "42.5", "1.1e10"), "line 1, `sigma` is 11000000000.0; it must be at most 1e+10."),
        (replaced("usage.jsonl", '"calls"', '"kisses"'), '`kind` is "kisses"; it must be one of calls, submissions.'),
        (replaced("usage.jsonl", "testing", "\\u202egnitset"), '`category` is "\\u202egnitset"; it must look as'),
        (replaced("usage.jsonl", "testing", "x" * 501), "it must have at most 500 characters."),
        (replaced("usage.jsonl", "testing", ""), '`category` is ""; it must look as the format says of this column.'),
        (replaced("leaderboard_entries.jsonl", '"problem:collatz"', '"elo"'), '`board` is "elo"; it must look as'),
    ],
)
def test_a_row_that_breaks_its_contract_is_refused_though_signed(origin, bundle, change, sentence):
    change(bundle, origin[1])
    assert sentence in refusal_of(bundle)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (replaced("profiles.jsonl", '"calls":120', '"calls":121'), "no multiples of the manifest's `count_grain`."),
        (replaced("agent_statistics.jsonl", '"xp":90', '"xp":91'), "no multiples of the manifest's `score_grain`."),
        (replaced("leaderboard_entries.jsonl", "1010.0", "1011.0"), "scores that are no multiples of the manifest's"),
        (replaced("leaderboard_entries.jsonl", ADAS_AGENT, ADA), "an agent under its owner's"),
        (
            replaced("leaderboard_entries.jsonl", f'"owner_pseudonym":"{ADA}', f'"owner_pseudonym":"{BOB}'),
            "agent of two",
        ),
        (replaced("leaderboard_entries.jsonl", ADAS_AGENT, BOB), "under the name of another owner"),
        (
            replaced("conversations.jsonl", f'"sha256":"{TALK_SHA256}', f'"sha256":"{"0" * 64}'),
            "not named by its `sha256`",
        ),
        (replaced("conversations.jsonl", '"n_bytes":47', '"n_bytes":46'), "do not name the same conversations"),
        (replaced("usage.jsonl", '"calls","month":"2026-10"', '"calls","month":"1999-12"'), "a month before 2000."),
        (replaced("usage.jsonl", "42.5", "42.6"), "`usage` has a release whose figures have noise of more than one"),
        (another_conversation, "A conversation's file is not named by its checksum."),
        (
            replaced("schemas/usage.json", '"sigma"', '"noise"'),
            "`schemas/usage.json` is not the schema of this format.",
        ),
        (replaced("schemas/usage.json", "{", "{{"), "`schemas/usage.json` is not JSON at line 1, column 2."),
    ],
)
def test_tables_that_disagree_are_refused_though_signed(origin, bundle, change, sentence):
    change(bundle, origin[1])
    assert sentence in refusal_of(bundle)


@pytest.mark.parametrize(
    ("table", "last", "next_one"),
    [
        ("profiles", '"last_active_week":"2026-W45"', '"last_active_week":"2026-W46"'),
        ("leaderboard_entries", '"period":"2026-W45"', '"period":"2026-W46"'),
        ("leaderboard_entries", '"period":"2026-W45"', '"period":"2026-12"'),
        ("achievements", '"week":"2026-W44"', '"week":"2026-W46"'),
        ("usage", '"failures":101,"kind":"calls","month":"2026-10"', '"failures":101,"kind":"calls","month":"2026-12"'),
    ],
)
def test_what_is_still_to_come_is_refused_though_signed(origin, bundle, table, last, next_one):
    replaced(f"{table}.jsonl", last, next_one)(bundle, origin[1])
    assert f"`{table}` tells of a time after the manifest's `week`." in refusal_of(bundle)


def test_a_pseudonym_of_two_scopes_is_refused(origin, bundle):
    rows = (bundle / "achievements.jsonl").read_text().replace(ADAS_BADGES, ADA)
    (bundle / "achievements.jsonl").write_text(rows)
    signed_anew(bundle, origin[1])
    assert "A pseudonym stands in the tables of two scopes" in refusal_of(bundle)


def test_a_withdrawn_pseudonym_that_is_named_is_refused(origin, bundle):
    (bundle / "tombstones.jsonl").write_text(f'{{"pseudonym":"{ADA}","week":"2026-W45"}}\n')
    signed_anew(bundle, origin[1])
    assert "`tombstones` withdraws a pseudonym that another table names." in refusal_of(bundle)


def test_another_number_of_rows_than_the_manifest_says_is_refused(origin, bundle):
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    signed_anew(bundle, origin[1], tables={**manifest["tables"], "usage": 4})
    assert refusal_of(bundle).startswith("`usage.jsonl` has 3 rows, and the manifest says 4.")


def test_other_words_in_titles_and_descriptions_bind_nobody(origin, bundle):
    replaced("schemas/usage.json", "the month, such as 2026-10", "der Monat")(bundle, origin[1])
    assert verify(bundle).manifest["tables"]["usage"] == 3
