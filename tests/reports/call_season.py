"""A season with agent calls that can be reckoned by hand, published for the tests of what is shown."""

from pathlib import Path

from pipelines.store.published import Generation
from tests.game.league import task, tried
from tests.reports.shown_season import called, publish

# ann: 10 x 1.5 medium x 1.5 speed = 22; + 5 bonus, then 50 of First Steps; x 0.3 = 3; 20 x 2 complex x 1.5 quality = 60
# bob: 10 x 1.1 streak on the third day in a row
SEASON = [
    task("t1"),
    tried("s1", "solver", "t1", "2026-03-01T10:00:00Z", user_id="ann"),
    tried("s2", "both", "t1", "2026-03-02T10:00:00Z", user_id="bob"),
    called(
        "c1", "ann", "python-pro", "2026-03-02T09:00:00Z", complexity="medium", duration_s=60.0, bonus_points=5,
        input_tokens=1500, output_tokens=500, cost_usd=0.25, success_source="derived", project_id="web", team_id="red",
    ),
    called("c2", "ann", "python-pro", "2026-03-02T09:30:00Z", success=False, input_tokens=4000, team_id="red"),
    called(
        "c3", "ann", "both", "2026-03-03T09:30:00Z", action_type="error_resolution", complexity="complex",
        response_quality=0.8, project_id="web",
    ),
    called("d1", "bob", "python-pro", "2026-03-02T20:00:00Z", duration_s=119.0, team_id="blue"),
    called("d2", "bob", "python-pro", "2026-03-03T20:00:00Z", team_id="blue"),
    called("d3", "bob", "python-pro", "2026-03-04T20:00:00Z", team_id="blue"),
]  # fmt: skip


def publish_calls(home: Path) -> Generation:
    """Publish the season in `home`."""
    return publish(home, SEASON)
