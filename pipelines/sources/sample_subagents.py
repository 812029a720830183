"""The sub-agents that the people of a sample season call: what each is for, how good it is, what it costs.

Here: kinds of work, sub-agents, models and their prices, as tables. Not here: who calls them (`sample_team.py`),
when (`sample_calls.py`), how a call ends (`sample_outcomes.py`).
"""

from dataclasses import dataclass

CATEGORIES = (
    "backend", "frontend", "data", "testing", "debugging", "security", "infrastructure", "documentation",
)  # fmt: skip
ANY = "any"  # the trade of one that takes whatever comes
CODE = frozenset({"backend", "frontend", "data", "testing"})  # where there is code to be scored


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens. Reading the cache costs a tenth of reading, filling it a quarter more."""

    read: float
    written: float


@dataclass(frozen=True, slots=True)
class SubAgent:
    """One sub-agent. The skills are added to the chance of success."""

    agent_id: str
    category: str  # what it is for
    also: str | None  # what else it does
    skill: float
    model: str
    pace: float = 1.0  # times the usual duration
    is_handy: bool = False  # people take it for what is simple
    drift: float = 0.0  # skill gained: little by little, or at once with a new model
    later_model: str | None = None  # the model of the second half of the season

    @property
    def is_strong(self) -> bool:
        """Whether people give it what is hard: for that, its plain success share looks worse than it is."""
        return self.skill >= 0.09

    @property
    def is_mediocre(self) -> bool:
        """Whether what it delivers is often poor."""
        return self.skill < -0.05


PRICES = {
    "orrery-2": Price(3.0, 15.0),
    "orrery-2-mini": Price(0.25, 1.25),
    "tarn-large": Price(12.0, 60.0),
    "wicket-1": Price(1.0, 5.0),
}

SUBAGENTS = (
    SubAgent("python-pro", "backend", "data", 0.08, "orrery-2"),
    SubAgent("backend-architect", "backend", "infrastructure", 0.13, "tarn-large", pace=1.1),
    SubAgent("golang-pro", "backend", None, 0.04, "orrery-2", pace=0.9),
    SubAgent("api-designer", "backend", "documentation", -0.04, "wicket-1"),
    SubAgent("general-purpose", ANY, None, -0.03, "orrery-2-mini", pace=0.85, is_handy=True),
    SubAgent("frontend-developer", "frontend", "testing", 0.06, "orrery-2"),
    SubAgent("typescript-pro", "frontend", "backend", 0.09, "orrery-2", pace=0.95),
    SubAgent("ui-designer", "frontend", None, -0.13, "tarn-large", pace=1.4),  # dear and mediocre
    SubAgent("accessibility-checker", "frontend", "documentation", 0.04, "orrery-2-mini", pace=0.7, is_handy=True),
    SubAgent("data-analyst", "data", "documentation", 0.05, "orrery-2"),
    SubAgent("sql-expert", "data", "backend", 0.12, "wicket-1", pace=0.75),  # cheap and good
    SubAgent("data-engineer", "data", "infrastructure", -0.03, "orrery-2", drift=0.15),  # learns
    SubAgent("ml-engineer", "data", None, -0.1, "tarn-large", pace=1.5),  # dear and mediocre
    SubAgent("test-writer", "testing", "debugging", 0.07, "wicket-1", pace=0.9),
    SubAgent("code-reviewer", "testing", "security", 0.1, "orrery-2", pace=0.8),
    SubAgent("load-tester", "testing", "infrastructure", -0.03, "orrery-2-mini", pace=1.3),
    SubAgent("debugger", "debugging", "testing", 0.14, "orrery-2", pace=0.9),
    SubAgent("log-reader", "debugging", "infrastructure", 0.02, "orrery-2-mini", pace=0.6, is_handy=True),
    SubAgent("performance-tuner", "debugging", "backend", 0.03, "tarn-large", pace=1.3),
    SubAgent("security-auditor", "security", "infrastructure", 0.11, "tarn-large", pace=1.2),
    SubAgent("dependency-checker", "security", None, 0.04, "orrery-2-mini", pace=0.5, is_handy=True),
    SubAgent("devops-engineer", "infrastructure", "debugging", 0.06, "orrery-2"),
    SubAgent("cloud-architect", "infrastructure", "security", -0.12, "tarn-large", pace=1.3),  # dear and mediocre
    SubAgent("release-manager", "infrastructure", "documentation", 0.02, "wicket-1", pace=0.8, is_handy=True),
    SubAgent(
        "doc-writer", "documentation", None, 0.03, "orrery-2-mini", drift=-0.3, later_model="wicket-1"
    ),  # the new model does it no good
    SubAgent("changelog-writer", "documentation", None, 0.05, "orrery-2-mini", pace=0.5, is_handy=True),
)
