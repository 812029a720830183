"""Which agents are chosen for a piece of work: the best three, and one that is worth a try.

The logit of success is a sum: what the agent brings to a kind of work is the same for everybody, and so is the order of
agents, but for pairs of agent and user that have trials. So agents are ranked once per kind of work, and for each who
asks only the first of these and those that it has called itself are scored exactly. Where the context shifts all logits
the order may turn a little, for the uncertain are drawn to one half: hence the first ones of three contexts.

Here: choices as codes. Not here: tables and words (recommend.py, because.py), the draw (exploring.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipelines.insight.advice.exploring import chances, drawn
from pipelines.insight.keys import NOT_THERE, place_of
from pipelines.insight.skill.estimates import Estimate
from pipelines.insight.skill.model import NOBODY, SkillModel
from pipelines.insight.skill.trials import N_LEVELS, Codes, Numbers

N_BEST = 3
EXPLORE = N_BEST  # the place of the slot after the best
SHORTLIST = 8  # first agents of a kind of work in each of three contexts
CONTEXTS = (-2.0, 0.0, 2.0)  # standard deviations
EXPLORED = 50  # agents of the highest upper ends (80 %) of a kind of work, among which is drawn
Z_80 = 1.2815515655446004
_DECIMALS = 9  # probabilities that differ by less are equal: the last bits may depend on the machine
_MOST_SKILLS, _MOST_ROWS = 100_000, 20_000  # agents x kinds of work, and rows, at once: bounds the memory


@dataclass(frozen=True)
class Asked:
    """Who asks for what, a row each; arrays of codes, equally long.

    `context`: NOBODY where none is known; of a subject always the same. `subject`: the place in `own_start`.
    `current`: an agent or NOT_THERE. `uniform`: numbers in [0, 1) for the draws. `own_start` (subjects + 1),
    `own_agent`: the agents that each subject has called, one subject after another.
    """

    context: Codes
    category: Codes
    level: Codes
    subject: Codes
    current: Codes
    uniform: Numbers
    own_start: Codes
    own_agent: Codes


@dataclass(frozen=True)
class Chosen:
    """Agents chosen, a row each: `row` of Asked, `slot` (0 to 2 the best, EXPLORE), agent, propensity (the chance to be
    drawn, 1 of the best), success (logit), skill (logit: what does not belong to all agents alike); and, where there
    is a current agent, the same of it (else NaN).
    """

    row: Codes
    slot: Codes
    agent: Codes
    propensity: Numbers
    success: Estimate
    skill: Estimate
    current_success: Estimate
    current_skill: Estimate


def choices(model: SkillModel, asked: Asked, candidates: Codes, n_trials: Codes) -> Iterator[Chosen]:
    """The choices for all rows, in pieces. `candidates`: agents, at least one; `n_trials`: of every agent."""
    cell = asked.category * N_LEVELS + asked.level
    order = np.argsort(cell, kind="stable")
    kinds, first = np.unique(cell[order], return_index=True)
    ends = np.append(first, order.size)
    own = _Own.of(model, asked, candidates)
    step = max(1, _MOST_SKILLS // candidates.size)
    for start in range(0, kinds.size, step):
        of_kinds = _Skills(model, candidates, n_trials, kinds[start : start + step])
        rows = order[ends[start] : ends[min(start + step, kinds.size)]]
        for begin in range(0, rows.size, _MOST_ROWS):
            part = rows[begin : begin + _MOST_ROWS]
            yield _Piece(model, asked, own, of_kinds, part, np.searchsorted(of_kinds.kinds, cell[part])).chosen()


@dataclass(frozen=True)
class _Own:
    """The candidates that subjects have called themselves: `place` among the candidates, and the pair of both.

    `start` (subjects + 1): where each subject begins.
    """

    start: Codes
    place: Codes
    pair: Estimate

    @classmethod
    def of(cls, model: SkillModel, asked: Asked, candidates: Codes) -> "_Own":
        """Looked up once, for a subject asks for many kinds of work."""
        place = place_of(candidates, asked.own_agent)
        is_held = place >= 0
        context = np.full(asked.own_start.size - 1, NOBODY)
        context[asked.subject] = asked.context
        whose = np.repeat(np.arange(context.size), np.diff(asked.own_start))[is_held]
        start = np.append(0, np.cumsum(np.bincount(whose, minlength=context.size)))
        return cls(start, place[is_held], model.pair(asked.own_agent[is_held], context[whose]))


@dataclass(frozen=True)
class _Skills:
    """What candidates bring to some kinds of work (category x level): arrays (kinds x candidates), logits."""

    model: SkillModel
    candidates: Codes
    n_trials: Codes
    kinds: Codes

    @cached_property
    def ease(self) -> Estimate:
        return self.model.ease(self.kinds // N_LEVELS, self.kinds % N_LEVELS)

    @cached_property
    def skill(self) -> Estimate:
        """Success of nobody's work without ease, context and pair: parts that know nothing of each other."""
        shape = (self.kinds.size, self.candidates.size)
        agent, kind = np.tile(self.candidates, shape[0]), np.repeat(self.kinds, shape[1])
        nobody = np.full(agent.size, NOBODY)
        category, level = kind // N_LEVELS, kind % N_LEVELS
        whole = self.model.success(agent, nobody, category, level)
        parts = (self.model.ease(category, level), self.model.context(nobody), self.model.pair(agent, nobody))
        variance = whole.sd**2 - sum(part.sd**2 for part in parts)
        mean = whole.mean - sum(part.mean for part in parts)
        return Estimate(mean.reshape(shape), np.sqrt(np.maximum(variance, 0)).reshape(shape))

    @cached_property
    def shortlist(self) -> Codes:
        """Places of candidates for each kind of work, NOT_THERE where one is named twice."""
        nobody = np.array([NOBODY])
        context, pair = self.model.context(nobody), self.model.pair(np.zeros(1, np.int64), nobody)
        mean, variance = self.skill.mean + self.ease.mean[:, None], self.skill.sd**2 + self.ease.sd[:, None] ** 2
        sd = np.sqrt(variance + context.sd**2 + pair.sd**2)
        firsts = [self._first(Estimate(mean + z * context.sd, sd).p(), SHORTLIST) for z in CONTEXTS]
        places = np.sort(np.hstack(firsts), axis=1)
        places[:, 1:][np.diff(places, axis=1) == 0] = NOT_THERE
        return places

    @cached_property
    def pool(self) -> Codes:
        """Places of the candidates among which is drawn, the most hopeful first."""
        return self._first(self.skill.mean + Z_80 * self.skill.sd, EXPLORED)

    def _first(self, score: Numbers, most: int) -> Codes:
        """Places of the highest scores of each row; of equals those with more trials, then in the order of ids."""
        scores, trials = -score.round(_DECIMALS), self.n_trials[self.candidates]
        most = min(most, trials.size)
        limits = np.partition(scores, most - 1, axis=1)[:, most - 1]
        firsts = []
        for row, limit in zip(scores, limits, strict=True):  # as many turns as there are kinds of work
            near = np.flatnonzero(row <= limit)  # only these are sorted
            firsts.append(near[np.lexsort((-trials[near], row[near]))[:most]])
        return np.stack(firsts)


@dataclass(frozen=True)
class _Piece:
    """Some rows of Asked: `rows`, and of each the place of its kind of work in `skills`."""

    model: SkillModel
    asked: Asked
    own: _Own
    skills: _Skills
    rows: Codes
    kind: Codes

    def chosen(self) -> Chosen:
        best_row, best_slot, best = self._best()
        passed_over = np.full((self.rows.size, N_BEST), NOT_THERE)
        passed_over[best_row, best_slot] = best
        try_row, tried, chance = self._explored(passed_over)
        row, place = np.concatenate([best_row, try_row]), np.concatenate([best, tried])
        slot = np.concatenate([best_slot, np.full(try_row.size, EXPLORE)])
        order = np.lexsort((slot, row))
        row, place, slot = row[order], place[order], slot[order]
        success, skill = self._scored(row, place)
        current = place_of(self.skills.candidates, self.asked.current[self.rows[row]])
        has_current = current >= 0
        of_current = self._scored(row, np.maximum(current, 0))
        blank = np.where(has_current, 0.0, np.nan)
        return Chosen(
            row=self.rows[row],
            slot=slot,
            agent=self.skills.candidates[place],
            propensity=np.concatenate([np.ones(best.size), chance])[order],
            success=success,
            skill=skill,
            current_success=Estimate(of_current[0].mean + blank, of_current[0].sd + blank),
            current_skill=Estimate(of_current[1].mean + blank, of_current[1].sd + blank),
        )

    def _best(self) -> tuple[Codes, Codes, Codes]:
        """Row, slot and place of the best of each row."""
        n = self.skills.candidates.size
        short = self.skills.shortlist[self.kind]
        row, place = np.nonzero(short != NOT_THERE)[0], short[short != NOT_THERE]
        p = self._p(row, place)
        least = self._nth_best(row, p)
        own_row, own, of_own = self._called()
        row, place, p = np.append(row, own_row), np.append(place, own), np.append(p, of_own)
        is_near = p >= least[row]  # the others cannot be among the best: fewer are left to be sorted
        row, place, p = row[is_near], place[is_near], p[is_near]
        order = np.lexsort((place, -self.skills.n_trials[self.skills.candidates[place]], -p, row))
        order = order[np.diff((row * n + place)[order], prepend=-1) != 0]  # once, if own and on the shortlist
        row, place = row[order], place[order]
        slot = np.arange(row.size) - np.searchsorted(row, row)
        is_best = slot < N_BEST
        return row[is_best], slot[is_best], place[is_best]

    def _p(self, row: Codes, place: Codes, pair: Estimate | None = None) -> Numbers:
        return self._scored(row, place, pair)[0].p().round(_DECIMALS)

    def _nth_best(self, row: Codes, p: Numbers) -> Numbers:
        """Of each row the N_BEST-th highest; rows are sorted, and each has as many or all candidates."""
        ordered = p[np.lexsort((-p, row))]
        start = np.searchsorted(row, np.arange(self.rows.size))
        n = np.append(start[1:], row.size) - start
        return ordered[start + np.minimum(n, N_BEST) - 1]

    def _called(self) -> tuple[Codes, Codes, Numbers]:
        """Row, place and probability of the candidates that the subjects of the rows have called themselves."""
        start, subject = self.own.start, self.asked.subject[self.rows]
        n = start[subject + 1] - start[subject]
        row = np.repeat(np.arange(self.rows.size), n)
        which = np.arange(row.size) + np.repeat(start[subject] - (np.cumsum(n) - n), n)
        pair = Estimate(self.own.pair.mean[which], self.own.pair.sd[which])
        return row, self.own.place[which], self._p(row, self.own.place[which], pair)

    def _explored(self, passed_over: Codes) -> tuple[Codes, Codes, Numbers]:
        """Row, place and chance of the agent drawn for each row; none where all candidates are among the best.

        What others experienced counts, not what the one who asks did: it is new experience that is sought.
        """
        if self.skills.candidates.size <= N_BEST:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
        tried, chance = np.empty(self.rows.size, np.int64), np.empty(self.rows.size)
        uniform = self.asked.uniform[self.rows]
        for kind in np.unique(self.kind):  # as many turns as there are kinds of work
            rows = np.flatnonzero(self.kind == kind)
            pool, skill = self.skills.pool[kind], self.skills.skill
            place_in_pool = np.full(self.skills.candidates.size + 1, NOT_THERE)  # the last stands for nobody
            place_in_pool[pool] = np.arange(pool.size)
            alike, which = np.unique(np.sort(place_in_pool[passed_over[rows]], axis=1), axis=0, return_inverse=True)
            of_alike = chances(skill.mean[kind, pool], skill.sd[kind, pool], alike)
            found = of_alike[which.ravel()]
            nth = drawn(found, uniform[rows])
            tried[rows], chance[rows] = pool[nth], found[np.arange(rows.size), nth]
        return np.arange(self.rows.size), tried, chance

    def _scored(self, row: Codes, place: Codes, pair: Estimate | None = None) -> tuple[Estimate, Estimate]:
        """Success of candidates by their places, and the part of it that does not belong to all alike; logits.

        `pair`: of candidates and contexts, where it is known already.
        """
        kind, context = self.kind[row], self.asked.context[self.rows[row]]
        base, ease, of_context = self.skills.skill, self.skills.ease, self.model.context(context)
        pair = pair or self.model.pair(self.skills.candidates[place], context)
        mean, variance = base.mean[kind, place] + pair.mean, base.sd[kind, place] ** 2 + pair.sd**2
        together = variance + ease.sd[kind] ** 2 + of_context.sd**2
        whole = Estimate(mean + ease.mean[kind] + of_context.mean, np.sqrt(together))
        return whole, Estimate(mean, np.sqrt(variance))
