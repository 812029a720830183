"""The spreads of the model of skill: how far its terms lie apart, as far as the data show (empirical Bayes).

The M step of EM (Laird and Ware 1982) under two priors: a half-normal one, which keeps a spread of which hardly
anything is known from running away, and a guess worth one term, which keeps one of few terms from falling to
nothing. Not here: the terms (terms.py), the E step (fit.py).
"""

import numpy as np

from pipelines.insight.skill.terms import CAPS, GUESS, GUESS_TERMS, Certainty, Shape, Spreads, Terms
from pipelines.insight.skill.trials import Numbers


def spreads_of(shape: Shape, terms: Terms, certainty: Certainty) -> Spreads:
    """The spreads that fit the terms best, as uncertain as these are: the M step of EM, under half-normal priors."""
    covariance = certainty.covariance
    now = terms.skill[:, 0] ** 2 + covariance[:, 0, 0]
    held = (certainty.weight * _covariance_of_links(shape, certainty)).sum(axis=1) / certainty.own**2
    own = terms.own**2 + 1 / certainty.own + held
    return Spreads(
        agent=_spread(now, CAPS.agent, GUESS.agent),
        tilt=_spread(terms.tilt**2 + covariance[:, -1, -1], CAPS.tilt, GUESS.tilt),
        category=_spread(own, CAPS.category, GUESS.category),
        step=_spread(_steps(shape, terms, certainty), CAPS.step, GUESS.step),
        context=_spread(terms.context**2 + certainty.context, CAPS.context, GUESS.context),
        cell=_spread(terms.cell**2 + certainty.cell_alone, CAPS.cell, GUESS.cell),
    )


def _covariance_of_links(shape: Shape, certainty: Certainty) -> Numbers:
    """Of each link, its weights times the covariance of its agent's trunk: link x trunk."""
    covariance = certainty.covariance[shape.link_agent]
    return np.asarray(np.einsum("lt,lts->ls", certainty.weight, covariance), np.float64)


def _steps(shape: Shape, terms: Terms, certainty: Certainty) -> Numbers:
    """Expected squares of the steps from month to month, between an agent's first and last month with trials."""
    months = shape.n_months
    since = shape.is_between
    walk = certainty.covariance[:, :months, :months]
    variance, joint = np.diagonal(walk, axis1=1, axis2=2), np.diagonal(walk, offset=1, axis1=1, axis2=2)
    squares = np.diff(terms.skill, axis=1) ** 2 + variance[:, 1:] + variance[:, :-1] - 2 * joint
    return np.asarray(squares[since[:, 1:] & since[:, :-1]], np.float64)


def _spread(squares: Numbers, cap: float, guess: float) -> float:
    """The mode of a standard deviation given expected squares, a half-normal prior of scale `cap`, and a `guess`."""
    n, total = squares.size + GUESS_TERMS, float(squares.sum()) + GUESS_TERMS * guess**2
    return float(np.sqrt(cap**2 * (np.sqrt(n**2 + 4 * total / cap**2) - n) / 2))
