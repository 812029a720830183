"""The rulebook: how a user's file lies over the defaults, what is refused, and when two are equal."""

import datetime as dt

import pytest

from pipelines.game.rule_differences import overlaid
from pipelines.game.rulebook import RulebookError, load_rulebook
from pipelines.game.rules import Rulebook
from tests.game.league import play, task, tried

BADGE = '[[badge]]\nslug = "mine"\nname = "Mine"\n'
BOARD = '[[board]]\nslug = "mine"\nname = "Mine"\n'
WINDOW = '[[window]]\nslug = "mine"\nname = "Mine"\n'
NAMED_ACHIEVEMENT = '[[achievement]]\nslug = "mine"\nname = "Mine"\n'
ACHIEVEMENT_OF = f"{NAMED_ACHIEVEMENT}threshold = 1\n"
ACHIEVEMENT = f'{ACHIEVEMENT_OF}metric = "successes"\nxp = 5\n'
A_CUP = f"{WINDOW}start = 2026-03-02\nend = 2026-03-08\n"


@pytest.fixture
def load(tmp_path):
    def of(text: str, name: str = "rulebook.toml") -> Rulebook:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return load_rulebook(path)

    return of


def badge(book: Rulebook, key: str):
    return {badge.key: badge for badge in book.badge}.get(key)


def test_without_a_file_the_numbers_are_those_of_the_specification():
    book = load_rulebook()
    assert (book.timezone, book.clock, book.streaks.grace_days, book.streaks.excused_days) == (
        "UTC",
        "submitted_at",
        0,
        (),
    )
    assert (book.points.first_solver, book.points.counterexample, book.points.pattern_insight) == (5, 100, (25, 50))
    assert dict(book.points.difficulty) == {"easy": (5, 5), "medium": (10, 15), "hard": (20, 30), "extreme": (40, 50)}
    assert (book.points.perfect_day.points, book.points.perfect_day.min_tasks) == (10, 5)
    assert [badge.slug for badge in book.badge] == [
        "first-blood", "on-fire", "sharpshooter", "erdos-straus-master", "collatz-crawler", "counterexample-hunter",
        "speed-demon", "scholar", "champion", "rising-star",
    ]  # fmt: skip


# --- a file lies over the defaults -------------------------------------------------------------------------------


def test_an_empty_file_changes_nothing(load):
    assert load("") == load_rulebook()


def test_a_key_of_a_table_is_replaced_and_the_others_stay(load):
    points = load("[points.difficulty]\nhard = [20, 99]\n").points
    assert (points.difficulty.hard, points.difficulty.easy, points.first_solver) == ((20, 99), (5, 5), 5)


def test_an_entry_is_replaced_key_by_key_by_its_slug(load):
    changed = badge(load('[[badge]]\nslug = "on-fire"\nthreshold = 3\n'), "on-fire")
    assert (changed.name, changed.threshold, changed.within_s) == ("On Fire", 3, 86_400)


def test_an_entry_may_be_replaced_as_a_whole(load):
    text = '[[board]]\nslug = "points"\nname = "P"\norder = ["tasks_completed desc"]\nwindows = ["month"]\n'
    (board,) = (board for board in load(f'{text}problem = "collatz"\n').board if board.slug == "points")
    assert (board.name, board.windows, board.problem) == ("P", ("month",), ("collatz",))
    assert [(by.measure, by.descending) for by in board.order] == [("tasks_completed", True)]


def test_an_entry_with_a_new_slug_or_tier_is_added(load):
    book = load(f'{BADGE}metric = "points"\nthreshold = 10\n{BADGE}tier = "gold"\nmetric = "points"\nthreshold = 99\n')
    assert (badge(book, "mine").threshold, badge(book, "mine:gold").threshold) == (10, 99)
    assert len(book.badge) == 12


def test_a_list_of_values_is_replaced_whole(load):
    book = load('[[board]]\nslug = "points"\nwindows = ["day"]\n[points]\npattern_insight = [1, 2]\n')
    assert (book.board[0].windows, book.points.pattern_insight) == (("day",), (1, 2))


@pytest.mark.parametrize(("kind", "slug"), [("badge", "on-fire"), ("board", "accuracy")])
def test_enabled_false_switches_an_entry_off(load, kind, slug):
    entries = getattr(load(f'[[{kind}]]\nslug = "{slug}"\nenabled = false\n'), kind)
    assert slug not in [entry.slug for entry in entries]
    assert len(entries) == len(getattr(load_rulebook(), kind)) - 1


def test_one_filter_may_be_written_without_a_list(load):
    book = load(f'{BADGE}metric = "attempts"\nthreshold = 1\nproblem = "a"\ntask_type = ["search", "pattern"]\n')
    assert (badge(book, "mine").problem, badge(book, "mine").task_type) == (("a",), ("search", "pattern"))


# --- a wrong rulebook earns a sentence that names the key and what is allowed ------------------------------------

WRONG = {
    "version = 2": ("`version`", "1"),
    'timezone = "Mars/Olympus"': ("`timezone`", "IANA time zone"),
    "timezone = 1": ("`timezone`", "string"),
    'clock = "now"': ("`clock`", "'submitted_at' or 'judged_at'"),
    "points = 3": ("`points`",),
    "colour = 3": ("`colour`", "not known"),
    "[points]\nfirst_solvr = 3": ("`points.first_solvr`", "not known"),
    '[points]\nfirst_solver = "5"': ("`points.first_solver`", "integer"),
    "[points]\nfirst_solver = 1.5": ("`points.first_solver`", "integer"),
    "[points]\nfirst_solver = 5.0": ("`points.first_solver`", "integer"),
    "[points]\nfirst_solver = true": ("`points.first_solver`", "integer"),
    "[points]\nfirst_solver = -1": ("`points.first_solver`", "greater than or equal to 0"),
    "[points]\nfirst_solver = 1_000_001": ("`points.first_solver`", "1000000"),
    "[points]\npattern_insight = [50, 25]": ("`points.pattern_insight`", "[lowest, highest]"),
    '[points]\npattern_insight = ["25", 50]': ("`points.pattern_insight[0]`", "integer"),
    "[points]\npattern_insight = [25]": ("`points.pattern_insight[1]`", "is missing"),
    "[points.difficulty]\nbrutal = [1, 2]": ("`points.difficulty.brutal`", "not known"),
    "[points.perfect_day]\nmin_tasks = 0": ("`points.perfect_day.min_tasks`", "greater than or equal to 1"),
    "[streaks]\ngrace_days = 400": ("`streaks.grace_days`", "366"),
    "[streaks]\nexcused_days = [2026-03-01T00:00:00Z]": ("`streaks.excused_days[0]`", "date"),
    '[streaks]\nexcused_days = ["2026-03-01"]': ("`streaks.excused_days[0]`", "date"),
    f'{BADGE}metric = "pints"\nthreshold = 1': ("`badge[mine].metric`", "'tasks_completed'"),
    f'{BADGE}metric = "points"': ("`badge[mine].threshold`", "is missing"),
    f'{BADGE}metric = "points"\nthreshold = 0': ("`badge[mine].threshold`", "greater than 0"),
    f'{BADGE}metric = "points"\nthreshold = nan': ("`badge[mine].threshold`",),
    f'{BADGE}metric = "points"\nthreshold = 1\nwithin_s = 60': ("`badge[mine]`", "`within_s` goes with the metrics"),
    f'{BADGE}metric = "attempts"\nthreshold = 1\nmax_s = 60': ("`badge[mine]`", "`max_s`", "fast_solves"),
    f'{BADGE}metric = "fast_solves"\nthreshold = 1': ("`badge[mine]`", "`max_s`", "needs it"),
    f'{BADGE}metric = "points"\nthreshold = 1\nmin_attempts = 2': ("`badge[mine]`", "`accuracy`"),
    f'{BADGE}metric = "points"\nthreshold = 1\nproblem = "a"': ("`badge[mine]`", "takes no filters"),
    f'{BADGE}metric = "points"\nthreshold = 1\nenabled = "no"': ("`badge[mine].enabled`", "boolean"),
    f'{BADGE}metric = "attempts"\nthreshold = 1\nproblem = [5]': ("`badge[mine].problem[0]`", "string"),
    '[[badge]]\nname = "X"\nmetric = "points"\nthreshold = 1': ("`badge[10].slug`", "is missing"),
    '[[badge]]\nslug = "On Fire"\nname = "X"\nmetric = "points"\nthreshold = 1': ("slug`", "lower-case letters"),
    f'{BOARD}order = ["points up"]': ("`board[mine]`", "`points desc`"),
    f'{BOARD}order = ["pints desc"]': ("`board[mine]", "'points'"),
    f"{BOARD}order = []": ("`board[mine]`", "at least one measure"),
    f'{BOARD}order = ["points desc"]\nwindows = ["cup"]': ("board `mine`", "no window `cup`"),
    f'{BOARD}order = ["points desc"]\nsubject = "planet"': ("`board[mine].subject`", "'user_agent' or 'team'"),
    f'{BOARD}order = ["points desc"]\nsubject = "user"': ("`board[mine]`", "boards of calls"),
    f'{BOARD}order = ["points desc"]\nscope = "project"': ("`board[mine]`", "boards of calls"),
    f'{BOARD}order = ["points desc", "xp desc"]': ("`board[mine]`", "two currencies"),
    f'{BOARD}order = ["xp desc"]\neach = "problem"': ("`board[mine]`", "boards of submissions"),
    f'{BOARD}order = ["xp_per_member desc"]': ("`board[mine]`", "team boards"),
    f'{ACHIEVEMENT}requires = ["nobody"]': ("achievement `mine` requires `nobody`", "not an achievement"),
    f'{ACHIEVEMENT}requires = ["mine"]': ("achievements mine require each other in a circle",),
    f"{ACHIEVEMENT}min_level = 3": ("`achievement[mine]`", "metric trophies"),
    f'{ACHIEVEMENT}complexity = "epic"': ("`achievement[mine].complexity`", "`epic` is none of simple"),
    f'{NAMED_ACHIEVEMENT}metric = "user_level"\nthreshold = 2\nxp = 5\nunder_s = 3': (
        "`achievement[mine]`",
        "filters on calls",
    ),
    f'{ACHIEVEMENT_OF}metric = "agents_called"\nxp = 5\nwithin_s = 3': ("`achievement[mine]`", "calls, successes"),
    f'{ACHIEVEMENT_OF}metric = "calls"\nxp = -1': ("`achievement[mine].xp`", "greater than or equal to 0"),
    "[xp.quality]\nsteps = [[0.5, 1.0]]": ("`xp.quality`", "must begin at a mean of 0"),
    "[xp.speed]\nsteps = [[1.0, 1.0], [0.5, 2.0]]": ("`xp.speed.steps`", "must rise"),
    f'{BOARD}order = ["reached_at asc"]': ("`board[mine]`", "breaks ties"),
    f'{BOARD}order = ["xp desc"]\nproblem = "collatz"': ("`board[mine]`", "takes only `team`"),
    f'{ACHIEVEMENT_OF}metric = "user_level"\nxp = 5': ("`achievement[mine]`", "begins at level 1"),
    "[xp.speed]\nsteps = [[0.5, 1.5]]": ("`xp.speed`", "must reach 1"),
    "[xp.evidence]\ninnovation = 2000.0": ("`xp.evidence.innovation`", "less than or equal to 1000"),
    "[xp.speed.expected_s]\nsimple = 0.0": ("`xp.speed`", "must be over 0"),
    "[xp]\nstreak = []": ("`xp.streak`", "at least 1 item"),
    "[levels]\ntable = [100, 300]": ("`levels.table`", "must begin with 0"),
    "[levels]\ntitles = []": ("`levels.titles`", "at least 1 item"),
    f'{BOARD}order = ["points desc"]\nsubject = "team"\nscope = "team"': ("`board[mine]`", "team board"),
    f'{BOARD}order = ["points_per_member desc"]': ("`board[mine]`", "team boards"),
    f'{BOARD}order = ["penalty_minutes asc"]\nwindows = ["all"]': ("`board[mine]`", "leave `all` out"),
    f"{WINDOW}start = 2026-03-02\nend = 2026-03-01": ("`window[mine]`", "`start` must not lie after `end`"),
    f"{WINDOW}start = 2026-03-02\nend = 2026-03-03T00:00:00Z": ("`window[mine]`", "both be dates or both be instants"),
    f"{WINDOW}start = 2026-03-02T00:00:00\nend = 2026-03-03T00:00:00": ("`window[mine]`", "needs an offset"),
    A_CUP.replace('"mine"', '"week"'): ("`window[week]`", "calendar window"),
    f'{WINDOW}start = "2026-03-02"\nend = 2026-03-03': ("`window[mine].start", "date"),
    "points = [": ("not valid TOML",),
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_rulebook_earns_a_sentence_with_its_key_and_what_is_allowed(load, text):
    with pytest.raises(RulebookError) as told:
        load(text)
    sentence = str(told.value)
    assert sentence.startswith("The rulebook")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert [words for words in ("rulebook.toml", *WRONG[text]) if words not in sentence] == []


def test_of_many_faults_the_first_three_are_named(load):
    with pytest.raises(RulebookError, match=r"`a`.*; `b`.*; `c`.* \(and 2 more\)\.$"):
        load("a = 1\nb = 1\nc = 1\nd = 1\ne = 1\n")


@pytest.mark.parametrize("name", ["absent.toml", "."])
def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path, name):
    with pytest.raises(RulebookError, match="cannot be read"):
        load_rulebook(tmp_path / name)


def test_a_file_that_is_no_utf_8_is_a_sentence(tmp_path):
    path = tmp_path / "latin.toml"
    path.write_bytes(b'timezone = "\xe9"')
    with pytest.raises(RulebookError, match="not valid TOML"):
        load_rulebook(path)


@pytest.mark.parametrize(
    ("requires", "sentence"),
    [
        ({"one": ["one"]}, "badges one require each other in a circle"),
        ({"one": ["two"], "two": ["three"], "three": ["one"]}, "badges one, three, two require each other"),
        ({"one": ["nobody"]}, "badge `one` requires `nobody`, which is not a badge"),
    ],
)
def test_what_requires_itself_or_nothing_that_exists_is_refused(load, requires, sentence):
    text = "".join(
        f'[[badge]]\nslug = "{slug}"\nname = "B"\nmetric = "points"\nthreshold = 1\nrequires = {needed}\n'
        for slug, needed in requires.items()
    )
    with pytest.raises(RulebookError, match=sentence):
        load(text)


def test_a_chain_of_requirements_is_no_circle(load):
    text = f'{BADGE}metric = "points"\nthreshold = 1\nrequires = ["on-fire", "scholar"]\n'
    more = '[[badge]]\nslug = "on-fire"\nrequires = ["scholar"]\n'
    assert badge(load(text + more), "on-fire").requires == ("scholar",)


def test_a_badge_that_is_switched_off_cannot_be_required(load):
    text = f'{BADGE}metric = "points"\nthreshold = 1\nrequires = ["scholar"]\n'
    with pytest.raises(RulebookError, match="requires `scholar`"):
        load(f'{text}[[badge]]\nslug = "scholar"\nenabled = false\n')


# --- equal rulebooks have equal fingerprints ---------------------------------------------------------------------


def test_the_file_and_the_order_of_keys_leave_the_fingerprint_as_it_is(load):
    one = load(f'timezone = "Asia/Tokyo"\nclock = "judged_at"\n{A_CUP}', "one.toml")
    two = load(
        f'clock="judged_at"\ntimezone="Asia/Tokyo"\n{A_CUP.replace("start = 2026-03-02", "", 1)}start=2026-03-02'
    )
    assert one.fingerprint == two.fingerprint != load_rulebook().fingerprint


@pytest.mark.parametrize(
    "text",
    [
        "[points]\nfirst_solver = 5\n",
        '[[badge]]\nslug = "on-fire"\nthreshold = 10.0\nmin_attempts = 0\nenabled = true\n',
        '[[badge]]\nslug = "scholar"\ntask_type = ["pattern"]\n',
        '[[window]]\nslug = "off"\nenabled = false\n',
    ],
)
def test_saying_what_holds_anyway_leaves_the_fingerprint_as_it_is(load, text):
    assert load(text).fingerprint == load_rulebook().fingerprint


@pytest.mark.parametrize(
    "text",
    [
        "[points]\nfirst_solver = 6\n",
        '[[badge]]\nslug = "on-fire"\nwithin_s = 86_401\n',
        '[[board]]\nslug = "points"\nwindows = ["all"]\n',
        "[streaks]\nexcused_days = [2026-03-01]\n",
        A_CUP,
        'clock = "judged_at"\n',
    ],
)
def test_any_difference_changes_the_fingerprint(load, text):
    assert load(text).fingerprint != load_rulebook().fingerprint


def test_a_fingerprint_is_16_hexadecimal_digits():
    assert len(load_rulebook().fingerprint) == 16
    assert int(load_rulebook().fingerprint, 16) >= 0


def test_dates_and_instants_of_a_window_stay_what_they_are(load):
    instants = f"{WINDOW}start = 2026-03-02T09:00:00Z\nend = 2026-03-02T14:00:00+01:00\n"
    assert (load(A_CUP).window[0].start, load(A_CUP).window[0].end) == (dt.date(2026, 3, 2), dt.date(2026, 3, 8))
    assert load(instants).window[0].end == dt.datetime(2026, 3, 2, 13, tzinfo=dt.UTC)


# --- what cannot be meant, or could not be played --------------------------------------------------------------------

TOO_LARGE = f"1{'0' * 30}"


@pytest.mark.parametrize(
    "text",
    [
        f'{BADGE}metric = "points"\nthreshold = "5"',
        f'{BADGE}metric = "points"\nthreshold = true',
        f'{BADGE}metric = "points"\nthreshold = inf',
        f'{BADGE}metric = "attempts"\nthreshold = 1\nwithin_s = {TOO_LARGE}',
        f'{BADGE}metric = "fast_solves"\nthreshold = 1\nmax_s = {TOO_LARGE}',
        f'{BADGE}metric = "attempts"\nthreshold = 1\ntask_type = "patern"',
        f'{BADGE}metric = "attempts"\nthreshold = 1\ndifficulty = "insane"',
        '[[badge]]\nslug = []\nname = "X"',
        f'{BOARD}order = ["points desc"]\nwindows = []',
        f'{BOARD}order = ["points desc"]\npenalty_minutes = {TOO_LARGE}',
        f"{WINDOW}start = 2026-03-02T09:00:00Z\nend = 2026-03-02T09:00:00Z",
        f"{WINDOW}start = 0001-01-01\nend = 9999-12-31",
        'timezone = "Factory"',
    ],
)
def test_what_cannot_be_meant_or_played_is_refused_with_a_sentence(load, text):
    with pytest.raises(RulebookError):
        load(text)


@pytest.mark.parametrize(
    "text", ["[points]\npattern_insight = 25", f'{BADGE}metric = "attempts"\nthreshold = 1\nproblem = 5', "badge = 5"]
)
def test_a_sentence_speaks_of_lists_and_tables_not_of_tuples(load, text):
    with pytest.raises(RulebookError) as told:
        load(text)
    assert "tuple" not in str(told.value)


@pytest.mark.parametrize(
    "text",
    [
        '[[badge]]\nslug = "champion"\nenabled = false\n',
        f'{BOARD}order = ["points desc"]\nwindows = ["named"]\n',
    ],
)
def test_a_season_is_played_without_a_champion_and_without_named_windows(load, text):
    records = [task("t"), tried("s", "ann", "t", "2026-03-02T10:00Z")]
    assert [row["points"] for row in play(records, load(text))["points_ledger"]] == [5, 5]


def test_one_instant_in_two_spellings_is_one_rulebook(load):
    utc = f"{WINDOW}start = 2026-03-02T09:00:00Z\nend = 2026-03-02T14:00:00Z\n"
    berlin = f"{WINDOW}start = 2026-03-02T10:00:00+01:00\nend = 2026-03-02T15:00:00+01:00\n"
    assert load(utc).fingerprint == load(berlin).fingerprint


def test_how_skill_is_measured_moves_no_points_and_is_left_out_of_the_fingerprint_of_the_game():
    default = load_rulebook()
    quick = overlaid(default, {"insight": {"enabled": False}})
    generous = overlaid(default, {"points": {"first_solver": 6}})
    assert quick.fingerprint != default.fingerprint
    assert quick.game_fingerprint == default.game_fingerprint
    assert generous.game_fingerprint != default.game_fingerprint
