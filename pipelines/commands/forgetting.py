"""The command that forgets an owner: `podium forget`.

Not here: the steps (engines/forgetting.py), what is said of them (reports/forget_view.py).
"""

from functools import partial
from typing import Annotated

import typer

from pipelines.reports import options
from pipelines.reports.endings import complain
from pipelines.reports.machine import print_json
from pipelines.reports.terminal import progress, screen
from pipelines.settings import arena_keys, settings


def forget(
    owner: Annotated[str, typer.Argument(metavar="OWNER", help="A user, or an agent that no user is known of.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Take out of everything kept here what is a person's, for good; first it says what that is, and asks."""
    from pipelines.engines import forgetting
    from pipelines.reports import forget_view, shown_anew
    from pipelines.store.runlock import run_lock

    where = settings(home)
    asked = forget_view.owner_asked(owner, where)
    with run_lock(where.home):
        survey = forget_view.known(forgetting.look(where.home, asked))
    if not yes and not forget_view.is_confirmed(survey, screen(), as_json=as_json):
        return
    done = []
    with progress() as follow, run_lock(where.home):
        begun = forgetting.pending(where.home)
        surveys = [forgetting.look(where.home, begun), survey] if begun not in (None, asked) else [survey]
        for each in surveys:
            played = shown_anew.played(where)
            show = partial(shown_anew.show_anew, where, follow)
            done.append(forgetting.forget(where.home, each, played, arena_keys, show, follow))
            if done[-1].unfinished:
                break
    if as_json:
        print_json([forget_view.forgotten_for_machines(each) for each in done])
    else:
        for told in done:
            forget_view.show_forgotten(told, where, screen())
    complain(sentence for told in done for sentence in forget_view.faults(told, asked))
