"""The policy: strict defaults, a file of the home over them key by key, and a sentence for each mistake."""

import pytest

from pipelines.arena.policy import PolicyFault, load_policy


def test_the_default_speaks_of_no_fewer_than_ten_people():
    limits = load_policy().aggregates
    assert (limits.k, limits.release_micro_rho, limits.budget_micro_rho) == (10, 50_000, 1_200_000)


def test_a_file_in_the_home_lies_over_it_key_by_key(tmp_path):
    (tmp_path / "arena.toml").write_text('[aggregates]\nk = 25\n[words]\nproblems = ["b", "a", "a"]\n')
    policy, default = load_policy(tmp_path), load_policy()
    assert policy.aggregates == default.aggregates.model_copy(update={"k": 25})
    assert policy.words.problems == ("a", "b")
    assert policy.words.agents == default.words.agents
    assert policy.fingerprint != default.fingerprint


def test_the_fingerprint_is_of_what_it_says_not_of_how(tmp_path):
    (tmp_path / "arena.toml").write_text("# ten, as it is\n[aggregates]\nk   =  10\n")
    assert load_policy(tmp_path).fingerprint == load_policy().fingerprint


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[aggregates]\nk = 1\n", "`aggregates.k`: input should be greater than or equal to 2"),
        ("[aggregates]\nk = '10'\n", "`aggregates.k`: input should be a valid integer"),
        ("[aggregate]\nk = 10\n", "`aggregate`: this key is not known"),
        ("[profiles]\nboards = ['team-xp']\n", "`profiles.boards`: `team-xp` is none of points"),
        ('[words]\nagents = ["a\\u202e"]\n', "must be printable"),
        ("[words]\nagents = ['other']\n", "`other` is what all words that are not listed are told as"),
        ("[aggregates]\nrelease_micro_rho = 2_000_000\n", "nothing could ever be released"),
        ("words = 3\n", "`words`"),
        ("k = = 3\n", "is not valid TOML"),
    ],
)
def test_a_mistake_is_told_with_its_file_and_key(tmp_path, text, told):
    (tmp_path / "arena.toml").write_text(text)
    with pytest.raises(PolicyFault) as fault:
        load_policy(tmp_path)
    assert told in str(fault.value)
    assert "arena.toml" in str(fault.value)
