"""The house from which things leave for the arena, as its settings say: read once, for the commands and for Dagster.

Not here: what leaves (engines/sharing.py).
"""

from pipelines.arena.policy import load_policy
from pipelines.engines.sharing import House
from pipelines.reports.reading import Reading
from pipelines.settings import Settings, arena_keys


def house_of(settings: Settings) -> House:
    """The current generation of a home with its rules, the policy, and where the keys lie.

    Raises PodiumError: nothing is published, or a policy that cannot be used.
    """
    reading = Reading.open(settings)
    return House(
        settings.home, settings.arena, arena_keys(), reading.generation, reading.rules, load_policy(settings.home)
    )
