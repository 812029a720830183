"""What steps are given: where the home is, and the run that they share. Not here: what a run does (run.py)."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from pipelines.defs.run import Run
from pipelines.settings import Settings


class Podium(dg.ConfigurableResource[Settings]):
    """A home and its rulebook, as `settings()` found them; a run may name others in its configuration."""

    home: str
    rulebook: str | None = None
    is_attended: bool = False

    @property
    def settings(self) -> Settings:
        """The same as the core knows it."""
        return Settings(Path(self.home), Path(self.rulebook) if self.rulebook else None)

    @classmethod
    def at(cls, settings: Settings) -> "Podium":
        """The resource for a home."""
        return cls(home=str(settings.home), rulebook=str(settings.rulebook) if settings.rulebook else None)


@dg.resource(required_resource_keys={"podium"}, description="The lock on the home, and the candidate in the making.")
def run_of_this_home(context: dg.InitResourceContext) -> Iterator[Run]:
    """One `Run` for all steps of a Dagster run, closed with it: steps run in one process and see the same object."""
    podium: Podium = context.resources.podium
    with Run(podium.settings, is_attended=podium.is_attended) as run:
        yield run
