"""What separates two entries of a board in a window, as read from a published season.

Here: which two, which measure decides between them, and the parts of it grouped and one by one. Not here: the parts
(versus_parts.py), the sentences (versus_words.py), how it looks (versus_view.py).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.reports.board_page import BoardPage, board_page
from pipelines.reports.choices import Misuse, one_of, quoted
from pipelines.reports.reading import Reading
from pipelines.reports.reasons import reasons_of, sources_of
from pipelines.reports.versus_parts import Parts, parts_of

_MEASURED = (
    *("rank", "subject_id", "user_id", "agent_id", "score", "points", "xp", "tasks_completed", "attempts"),
    *("accuracy", "calls", "success_share", "penalty_minutes", "n_members", "reached_at"),
)
_BY_MEMBER = {"points_per_member": "points", "xp_per_member": "xp"}
_WITH = " with "  # between user and agent, as boards show a pair


@dataclass(frozen=True)
class Group:
    """A measure of both entries, split by something.

    `rows`: name, ahead, behind, difference (ahead - behind), n_ahead and n_behind (how many parts), the largest
    difference first. The differences add up to that of `measure`, a column of `leaderboards`.
    """

    by: str
    title: str
    measure: str
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class VersusPage:
    """Two entries of a board, the one that stands ahead first.

    `decided_by`: the first measure of the board's order in which they differ, null if they share their place.
    `singles`: what one has and the other not, or less of, the largest first: item, measure, ahead, behind, difference,
    and of the side that has more n_events, because, event_id, path, line (of the first event); `n_singles`: how many.
    """

    board: BoardPage
    ahead: dict[str, Any]
    behind: dict[str, Any]
    decided_by: str | None
    groups: tuple[Group, ...]
    singles: list[dict[str, Any]]
    n_singles: int

    @property
    def names(self) -> tuple[str, str]:
        """What both are called."""
        return _name(self.board, self.ahead), _name(self.board, self.behind)

    def for_machines(self) -> dict[str, object]:
        """The page as plain data."""
        from pipelines.reports.versus_words import sentences

        plain = self.board.for_machines()
        kept = ("board", "name", "window", "window_start_on", "window_end_on", "scope_id")
        return {
            **{name: plain[name] for name in (*kept, "as_of", "rulebook", "generation")},
            "sentences": sentences(self),
            "ahead": self.ahead,
            "behind": self.behind,
            "decided_by": self.decided_by,
            "groups": [{"by": g.by, "measure": g.measure, "rows": g.rows} for g in self.groups],
            "n_singles": self.n_singles,
            "singles": self.singles,
        }


def versus_page(
    reading: Reading,
    one: str,
    other: str,
    board: str,
    window: str | None = None,
    on: dt.date | None = None,
    scope_id: str | None = None,
    top: int | None = None,
) -> VersusPage:
    """What separates two entries of a board; of day, week and month the one with `on` in it, else the last one.

    A pair of user and agent is named as the board shows it, `USER with AGENT`, or by its subject_id. `top`: how many
    single differences.
    Raises Misuse for a board, window, day, scope or entry that does not exist, naming what does.
    """
    page = board_page(reading, board, window, on, scope_id)
    places = [_place(page, name) for name in (one, other)]
    if places[0] == places[1]:
        raise Misuse(f"{quoted(one)} is compared with itself: name two entries of the board.")
    two = page.entries[sorted(places)].select(_MEASURED)
    ahead, behind = two.to_dicts()
    order = [by.measure for by in page.rule.order] if page.rule else []
    for entry, minute in zip((ahead, behind), _last_minutes(page, two, order), strict=True):
        entry.update(_derived(entry), last_solve_minute=minute)
    decided_by = next((measure for measure in order if ahead[measure] != behind[measure]), None)
    looked_at = order[: order.index(decided_by) + 1] if decided_by else order
    parts = [held for measure in looked_at if not (held := parts_of(measure, page, two)).rows.is_empty()]
    groups = tuple(
        Group(by, title, held.measure, _grouped(held.rows, by)) for held in parts for by, title in held.titles.items()
    )
    singles = pl.concat([_singles(held) for held in parts], how="diagonal") if parts else pl.DataFrame()
    shown = singles if top is None else singles.head(top)
    return VersusPage(page, ahead, behind, decided_by, groups, _told(reading, parts, shown), singles.height)


def _place(page: BoardPage, name: str) -> int:
    """In which row of the board somebody stands, by the name that the board shows or by subject_id."""
    ids = page.entries["subject_id"].to_list()
    if name in ids:
        return ids.index(name)
    shown = [_name(page, entry) for entry in page.entries.to_dicts()]
    return shown.index(one_of(name, shown, "entry of this board named"))


def _name(page: BoardPage, entry: dict[str, Any]) -> str:
    if page.subject == "user_agent":
        return f"{entry['user_id']}{_WITH}{entry['agent_id']}"
    return str(entry["subject_id"])


def _derived(entry: dict[str, Any]) -> dict[str, Any]:
    """Measures that boards may order by and `leaderboards` has no columns for."""
    means = {
        mean: entry[whole] / entry["n_members"] if entry["n_members"] and entry[whole] is not None else None
        for mean, whole in _BY_MEMBER.items()
    }
    share = entry["success_share"]
    return {**means, "successes": None if share is None else round(share * entry["calls"])}


def _last_minutes(page: BoardPage, two: pl.DataFrame, order: Sequence[str]) -> tuple[int | None, int | None]:
    """The minute of the last solve of both, where the board asks for it."""
    if "last_solve_minute" not in order:
        return None, None
    rows = parts_of("penalty_minutes", page, two).rows
    last = dict(rows.group_by("is_ahead").agg(pl.col("minute").max()).iter_rows())
    return last.get(True), last.get(False)


def _sides(rows: pl.DataFrame, by: str) -> pl.DataFrame:
    """Per value of `by`: name, ahead, behind, difference, n_ahead, n_behind."""
    is_ahead, amount = pl.col("is_ahead"), pl.col("amount")
    sums = rows.group_by(name=pl.col(by)).agg(
        ahead=amount.filter(is_ahead).sum(),
        behind=amount.filter(~is_ahead).sum(),
        n_ahead=is_ahead.sum().cast(pl.Int64),
        n_behind=(~is_ahead).sum().cast(pl.Int64),
    )
    return sums.with_columns(difference=pl.col("ahead") - pl.col("behind")).sort(
        pl.col("difference").abs(), "difference", "name", descending=[True, True, False]
    )


def _grouped(rows: pl.DataFrame, by: str) -> list[dict[str, Any]]:
    return _sides(rows, by).select("name", "ahead", "behind", "difference", "n_ahead", "n_behind").to_dicts()


def _singles(parts: Parts) -> pl.DataFrame:
    """Per item in which the sides differ: item, measure, ahead, behind, difference, and the events of who has more."""
    named = parts.rows.filter(pl.col("item").is_not_null())
    sums = _sides(named, "item").filter(pl.col("difference") != 0)
    firsts = named.sort("at", "event_id").group_by("item", "is_ahead", maintain_order=True)
    events = firsts.agg(pl.col("event_id").first(), n_events=pl.col("event_id").n_unique().cast(pl.Int64))
    more = sums.select(
        "ahead", "behind", "difference", item="name", measure=pl.lit(parts.measure), is_ahead=pl.col("difference") > 0
    )
    return more.join(events, on=["item", "is_ahead"], maintain_order="left")


def _told(reading: Reading, parts: list[Parts], singles: pl.DataFrame) -> list[dict[str, Any]]:
    """The singles with reason and source."""
    if singles.is_empty():
        return []
    placed = pl.concat([singles, sources_of(reading, singles["event_id"])], how="horizontal")
    reasons = [_reasons(reading, held, singles) for held in parts]
    because = pl.concat([held for held in reasons if held.height] or [pl.DataFrame(schema=_REASONS)])
    told = placed.join(because, on=list(_REASONS)[:3], how="left", maintain_order="left")
    return told.drop("is_ahead").to_dicts()


_REASONS = {"item": pl.String(), "measure": pl.String(), "is_ahead": pl.Boolean(), "because": pl.String()}


def _reasons(reading: Reading, parts: Parts, singles: pl.DataFrame) -> pl.DataFrame:
    """Why each of the singles is what it is: item, measure, is_ahead, because; of measures that have no awards none."""
    asked = singles.filter(pl.col("measure") == parts.measure).select("item", "is_ahead")
    rows = parts.rows.join(asked, on=["item", "is_ahead"], how="semi").sort("at", "event_id")
    rows = rows.unique(["item", "is_ahead"], keep="first", maintain_order=True)
    if "entry_id" in rows.columns:
        because = reasons_of(reading, rows)["because"]
    elif "because" in rows.columns:
        because = rows["because"]
    else:
        return pl.DataFrame(schema=_REASONS)
    return rows.select("item", "is_ahead", measure=pl.lit(parts.measure)).with_columns(because).select(_REASONS.keys())
