"""What a conversation may give away is told by line and kind, and the warning itself gives nothing away."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.arena.redaction import NO_PROOF, NOT_TEXT, warnings_of

RANDOM = "Zq8vT2xLw9RbN4kYp7HsD1mFgC6eJ3aU"
BODY = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
FOUND = [  # text, kind, what of it is shown
    ("AKIAIOSFODNN7EXAMPLE", "AWS access key", "AKI"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "password or key by its name", "wJa"),
    ("export GITHUB_TOKEN=ghp_" + BODY, "GitHub token", "ghp"),
    ("github_pat_11ABCDEFG0_" + BODY, "GitHub token", "git"),
    ("sk-ant-api03-" + BODY, "OpenAI or Anthropic key", "sk-"),
    ("key: sk-proj-" + BODY, "OpenAI or Anthropic key", "sk-"),
    ("xoxb-123456789012-abcdefghij", "token of a service", "xox"),
    ("hf_" + "abcdefghijKLMNOPQRSTuvwxyzABCDEFGH", "token of a service", "hf_"),
    ("-----BEGIN OPENSSH PRIVATE KEY-----", "private key", "---"),
    ("-----BEGIN PRIVATE KEY-----", "private key", "---"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "JSON Web Token", "eyJ"),
    ("git clone https://ann:hunter2!!@git.example.org/x", "password in a URL", "hun"),
    ("postgres://:s3cr3tword@db/main", "password in a URL", "s3c"),
    ('password: "correct-horse-1"', "password or key by its name", "cor"),
    ("Authorization: Bearer abc123def456ghi789", "password or key by its name", "abc"),
    ("write to annie.lee@example.org.", "e-mail address", "ann"),
    ("jürgen.maier@bücher.example", "e-mail address", "jür"),
    ("12345+annlee@users.noreply.github.com", "e-mail address", "123"),
    ("cd /home/annabella/src", "path with a user's name", "ann"),
    ("file:///Users/annabella/x.txt", "path with a user's name", "ann"),
    (r"C:\Users\Annabella\Desktop", "path with a user's name", "Ann"),
    ("/mnt/c/Users/Annabella/x", "path with a user's name", "Ann"),
    ("~/.claude/projects/-home-annabella-src/1.jsonl", "path with a user's name", "ann"),
    ("ssh 10.11.12.13", "IP address", "10."),
    ("the host is 93.184.216.34.", "IP address", "93."),
    ("http://192.168.10.20:8080/", "IP address", "192"),
    ("ping 2001:db8:85a3::8a2e:370:7334", "IP address", "200"),
    ("call +49 30 1234567", "phone number", "+49"),
    ("(555) 123-4567", "phone number", "(55"),
    ("555-123-4567", "phone number", "555"),
    (RANDOM, "random-looking string", "Zq8"),
    (BODY * 6, "encoded data", "a1B"),
]
NOTHING = [
    "plain words, and 12,345 of them",
    "git@github.com:org/repo.git",
    "Co-Authored-By: Claude <noreply@anthropic.com>",
    "npm install react@18.2.0",
    "@pytest.mark.parametrize",
    "<div class='sk-estimator-doc-link-wrapper'>",
    '{"input_tokens":204800,"output_tokens":13708,"max_tokens": 4096}',
    "token = next_token(stream2)",
    'api_key = os.environ["KEY_2"]',
    "password: $DB_PASSWORD_2",
    "https://user:$TOKEN@host/x",
    "https://example.org:8080/a@b",
    "https://example.org/home/news",
    "/home/user/src and /Users/Shared/x",
    "/home/$USER/src",
    "127.0.0.1 and 0.0.0.0 and ::1",
    "Chrome/120.0.0.0",
    "python 3.11.7, v1.2.3.4, OID 1.3.6.1.4.1",
    "12:30:45 and std::vec::Vec and a::b",
    "2026-11-15T18:00:00+02:00",
    "@@ -120,7 +1234,9 @@",
    "d41d8cd98f00b204e9800998ecf8427e",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "123e4567-e89b-12d3-a456-426614174000",
    "toolu_01A09q90qw90lq917835lq9Zb and req_011CSHoEeqs5C35K2UUqR7Fy",
    "test_that_a_long_name_of_a_test_is_no_secret_at_all",
    "AbstractSingletonProxyFactoryBean",
    "src/pipelines/arena/Conversations2/TableOfThings",
    "=" * 80,
]


@pytest.mark.parametrize(("text", "kind", "shown"), FOUND)
def test_a_known_shape_is_told_with_its_first_characters(text: str, kind: str, shown: str) -> None:
    assert warnings_of(text.encode()) == [f"Line 1: {kind} ({shown}...)."]


@pytest.mark.parametrize("text", NOTHING)
def test_what_only_resembles_a_secret_earns_no_warning(text: str) -> None:
    assert warnings_of(text.encode()) == []


def test_what_no_pattern_can_tell_apart_is_warned_of_or_missed() -> None:
    assert warnings_of(b"release 1.2.3.4") == ["Line 1: IP address (1....)."]  # a version of four parts
    assert warnings_of(b"my password is swordfish, call me at 030 1234") == []
    assert "proves nothing" in NO_PROOF


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(("text", "kind", "shown"), FOUND)
def test_what_stands_in_json_is_found_behind_its_escapes(text: str, kind: str, shown: str, times: int) -> None:
    for _ in range(times):
        text = json.dumps({"content": f'"it"\n{text}\n'}).replace("@", "\\u0040")
    assert warnings_of(text.encode()) == [f"Line 1: {kind} ({shown}...)."]


def test_each_line_tells_each_kind_once_with_how_often() -> None:
    text = "fine\nannie.lee@example.org bobby.ray@example.org 10.11.12.13\n\nannie.lee@example.org\n"
    assert warnings_of(text.encode()) == [
        "Line 2: e-mail address, 2 times (ann...).",
        "Line 2: IP address (10....).",
        "Line 4: e-mail address (ann...).",
    ]


def test_lines_are_those_of_an_editor() -> None:
    assert warnings_of("a\u2028b\x0b\r\nannie.lee@example.org".encode()) == ["Line 2: e-mail address (ann...)."]


def test_names_of_known_owners_are_found_as_whole_words_in_either_case() -> None:
    names = ["u-indigo", "Ann O'Hara", "Jo", "Zoë", "robin.bell@example.org", "nobody"]
    lines = ["U-Indigo asked", "u-indigos", "ann o'hara", "Jo", json.dumps("Zoë"), "robin.bell@example.org", "robinXb"]
    assert warnings_of("\n".join(lines).encode(), names) == [
        "Line 1: name of a known owner (U-...).",
        "Line 3: name of a known owner (ann...).",
        "Line 5: name of a known owner (Z...).",
        "Line 6: e-mail address (rob...).",
        "Line 6: name of a known owner (rob...).",
    ]


def test_of_a_short_find_less_than_three_characters_are_shown() -> None:
    assert warnings_of(b"/home/ann/x") == ["Line 1: path with a user's name (a...)."]
    assert warnings_of(b"/home/jo/x") == ["Line 1: path with a user's name (...)."]


@pytest.mark.parametrize("data", [b"\x1f\x8b\x08\x00packed", "Grüße".encode("latin-1"), "words".encode("utf-16-le")])
def test_what_is_not_utf8_text_is_said_not_to_be_looked_through(data: bytes) -> None:
    assert warnings_of(data) == [NOT_TEXT]


def test_text_around_broken_bytes_is_still_looked_through() -> None:
    assert warnings_of(b"\xff\nannie.lee@example.org") == [NOT_TEXT, "Line 2: e-mail address (ann...)."]


def test_nothing_is_found_in_nothing() -> None:
    assert warnings_of(b"") == []


@given(st.lists(st.sampled_from(FOUND), min_size=1, max_size=4), st.integers(0, 5))
def test_no_warning_shows_more_of_a_secret_than_three_characters(finds: list[tuple[str, str, str]], n: int) -> None:
    lines = ["plain words"] * n + [text for text, _, _ in finds]
    told = warnings_of("\n".join(lines).encode())
    assert told == [f"Line {n + at}: {kind} ({shown}...)." for at, (_, kind, shown) in enumerate(finds, 1)]
    assert all(len(shown) == 3 for _, _, shown in finds)


@given(st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/", min_size=24, max_size=90))
def test_a_random_string_is_told_by_three_characters_or_not_at_all(secret: str) -> None:
    for warning in warnings_of(f"x = {secret};".encode()):
        assert not any(secret[at : at + 4] in warning.partition("(")[2] for at in range(len(secret) - 3))
