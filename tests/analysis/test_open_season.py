"""`open_season`: what analysts read is what was published, and errors are sentences."""

import datetime as dt
import json

import pytest

from pipelines import open_season
from pipelines.game.faults import PodiumError
from pipelines.game.rulebook import RulebookError
from pipelines.reports.choices import Misuse
from pipelines.store.generation import NoGeneration
from pipelines.store.query import QueryRefused
from tests.game.league import task, tried
from tests.reports.call_season import SEASON
from tests.reports.shown_season import publish

HOSTILE = "<script>alert(1)</script>"
RECORDS = [*SEASON, task("t2"), tried("s9", HOSTILE, "t2", "2026-03-03T10:00:00Z")]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home") / "<b>home"
    publish(home, RECORDS)
    return home


@pytest.fixture(scope="module")
def season(home):
    return open_season(home)


def test_it_says_when_it_is_of_and_by_which_rules(season):
    assert season.as_of == dt.datetime(2026, 3, 4, 20, tzinfo=dt.UTC)
    assert season.today == dt.date(2026, 3, 4)
    assert season.rules.fingerprint == season.rulebook
    assert {"points_ledger", "leaderboards"} <= set(season.tables)


def test_tables_boards_and_profiles_are_those_published(season):
    assert season.table("points_ledger").equals(season.scan("points_ledger").collect())
    board = season.board("points")
    assert board.select("subject_id", "rank", "score").rows() == [
        ("solver", 1, 10.0), (HOSTILE, 2, 10.0), ("both", 3, 5.0),
    ]  # fmt: skip
    assert season.board("points", "day", "2026-03-02")["subject_id"].to_list() == ["both"]
    assert season.agent("both")["points"] == 5
    assert season.user("ann")["user_id"] == "ann"


def test_a_ledger_says_why(season):
    ledger = season.ledger("solver")
    assert ledger["points"].sum() == season.agent("solver")["points"]
    assert ledger["rule"].to_list() == ["task", "first_solver"]
    assert all(ledger["because"])
    assert season.xp_ledger("ann")["xp"].sum() == 140
    assert season.ledger("python-pro").is_empty()


def test_sql_gives_frames_with_whole_numbers_and_utc(season):
    answer = season.sql("SELECT sum(points) AS points, max(earned_at) AS last_at FROM points_ledger")
    assert answer.rows() == [(25, dt.datetime(2026, 3, 3, 10, tzinfo=dt.UTC))]
    assert season.sql("SELECT 1 AS one WHERE false").columns == ["one"]


def test_connections_stand_side_by_side_and_change_nothing(season, tmp_path):
    one, other = season.connection(), season.connection()
    assert one.sql("FROM badges").fetchall() == other.sql("FROM badges").fetchall()
    assert season.sql("SELECT count(*) AS n FROM badges").item() == season.table("badges").height
    inside = season.reading.generation.path / "new.csv"
    for text in (
        "CREATE TABLE taken AS SELECT 1",
        "DELETE FROM badges",
        f"COPY (SELECT 1) TO '{tmp_path}/new.csv'",
        f"COPY (SELECT 1) TO '{inside}'",
        "FROM read_csv('/etc/passwd')",
        "SET enable_external_access = true",
    ):
        with pytest.raises(Exception, match="Error"):
            one.sql(text)
    assert not inside.exists()


def test_other_rules_change_nothing_that_is_published(season):
    before = season.table("points_ledger")
    outcome = season.what_if({"points": {"first_solver": 20}})
    totals = outcome.totals.filter(subject_type="agent", subject_id="solver").select("^points_.*$")
    assert totals.rows() == [(10, 25, 15)]
    assert season.table("points_ledger").equals(before)


@pytest.mark.parametrize(
    ("ask", "fault", "says"),
    [
        (lambda season: season.table("badge"), Misuse, "Did you mean `badges`?"),
        (lambda season: season.board("pionts"), Misuse, "Did you mean `points`?"),
        (lambda season: season.board("points", "day", "soon"), Misuse, "no date"),
        (lambda season: season.agent("solvr"), Misuse, "Did you mean `solver`?"),
        (lambda season: season.ledger("nobody"), Misuse, "There is no agent"),
        (lambda season: season.figures.growth(["nobody"]), Misuse, "There is no agent"),
        (lambda season: season.figures.rank_race(window="year"), Misuse, "day, week, month"),
        (lambda season: season.figures.success_by("mood"), Misuse, "category, complexity"),
        (lambda season: season.sql("DROP TABLE badges"), QueryRefused, "Only questions"),
        (lambda season: season.what_if({"points": {"first_solver": -1}}), RulebookError, "points.first_solver"),
        (lambda season: season.what_if("new.toml"), Misuse, "load_rulebook"),
        (lambda season: season.what_if({}, window="year"), Misuse, "there are all"),
        (lambda season: season.board("points", "day", dt.datetime(2026, 3, 2, tzinfo=dt.UTC)), Misuse, "by a date"),
        (lambda season: season.figures.growth(measure="pionts"), Misuse, "Did you mean `points`"),
        (lambda season: season.figures.cumulative_race("mood"), Misuse, "There are points, xp"),
        (lambda season: season.figures.calendar("both", "mood"), Misuse, "tasks_completed"),
        (lambda season: season.figures.holders("team"), Misuse, "agent, user"),
        (lambda season: season.figures.rank_moves(season.what_if({}), "pionts"), Misuse, "Did you mean `points`?"),
        (lambda season: season.figures.rank_moves(season.what_if({}), window="week"), Misuse, "There are all"),
    ],
)
def test_a_wrong_question_earns_a_sentence(season, ask, fault, says):
    with pytest.raises(fault, match=says):
        ask(season)


def test_every_figure_is_drawn_by_name(season):
    draw = season.figures
    figures = [
        draw.growth(), draw.growth(["solver", HOSTILE]), draw.growth(["python-pro"], "xp"), draw.growth_of_users(),
        draw.levels("ann"), draw.levels("ann", "python-pro"), draw.badges_earned("solver"), draw.rank_race(),
        draw.cumulative_race(), draw.hours(), draw.hours(user_id="ann"), draw.hours(agent_id="solver"),
        draw.calendar("both"), draw.accuracy("both"), draw.success_by(), draw.success_by("complexity", agent_id="both"),
        draw.success(), draw.success(user_id="bob"), draw.success_against(), draw.holders(), draw.holders("user"),
        draw.lines(), draw.refusals(),
    ]  # fmt: skip
    assert all(figure.layout.meta["summary"] for figure in figures)
    assert [line.name for line in figures[1].data] == ["solver", "&lt;script&gt;alert(1)&lt;/script&gt;"]


def test_in_a_notebook_it_is_a_table_in_which_nothing_is_markup_of_strangers(season):
    shown = season._repr_html_()
    assert "&lt;b&gt;home" in shown
    assert "<b>" not in shown
    assert f"{season.table('points_ledger').height:,} rows" in shown


def test_without_a_home_it_is_the_variable_or_what_lies_near(home, tmp_path, monkeypatch):
    monkeypatch.delenv("PODIUM_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoGeneration, match="Nothing is published in data yet"):
        open_season()
    publish(tmp_path / "data" / "demo", SEASON)
    assert open_season().home.as_posix() == "data/demo"
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert open_season().home.as_posix() == "../data/demo"
    monkeypatch.setenv("PODIUM_HOME", str(home))
    assert open_season().home == home


def test_a_home_whose_manifest_is_not_whole_is_a_sentence(tmp_path):
    manifest = publish(tmp_path, SEASON).path / "manifest.json"
    told = json.loads(manifest.read_text())
    for text in ("{", "[]", "{}", json.dumps({**told, "tables": {}}).replace('"as_of"', '"as of"')):
        manifest.write_text(text)
        with pytest.raises(PodiumError, match="`podium recompute`"):
            open_season(tmp_path)


def test_faults_are_all_of_one_kind():
    assert all(issubclass(fault, PodiumError) for fault in (Misuse, RulebookError, QueryRefused, NoGeneration))
