"""Relevance feedback: results marked right or wrong become signed sources beside the query.

Marks are told in shares of the query's own mass, as in Rocchio's formula (1971): all right ones together
enter with `right` times as much as the query itself, all wrong ones with minus `wrong` times, each mark of a
kind alike.

- In the walk a mark on y_p enters Y where it stands, as the source e_p of L_yy^-1 (paper 000, Eq. 7, with a
  multi-hot signed source), against the query's hop S_yx e_i; and enters X by its own links S_xy e_p, scaled
  to l1 length 1, against the query's start e_i: as the query enters Y over its links, so does a mark enter X.
  Both directions therefore answer marks, whatever lambda is. Mass is l1 length; a query without any link to Y
  counts as mass 1 there, and a query that has no place in X leaves X empty, marks or no marks.
- For nearest neighbours the query's feature moves towards the right ones' and away from the wrong ones', in
  the shared space (Rocchio), lengths in l2.
- A fusion hands the marks on to its sources.

A marked item's own score says nothing, as the user has just told what it is: precision is measured on the
residual ranking, without the marked ones (Chang, Cirillo & Razon 1971; Ruthven & Lalmas 2003).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from xview.arrays import Doubles
from xview.retrieval.base import Query
from xview.settings import Settings, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackSettings(Settings):
    """What marks weigh against the query, which weighs 1."""

    right: float = setting(
        0.75,
        low=0,
        high=100,
        slider=(0, 3),
        help="Mass of all results marked right together, in units of the query's own.",
    )
    wrong: float = setting(
        0.25,
        low=0,
        high=100,
        slider=(0, 3),
        help="Mass that all results marked wrong take away together, in units of the query's own.",
    )


def amounts(right: int, wrong: int, settings: FeedbackSettings) -> Doubles:
    """(right + wrong,) signed weights of so many right marks, then so many wrong ones."""
    parts = (settings.right / max(1, right), right), (-settings.wrong / max(1, wrong), wrong)
    return np.concatenate([np.full(count, each) for each, count in parts])


def enter(query: Query, hop: Doubles, start: Doubles, links: sparse.csc_array) -> tuple[Doubles, Doubles]:
    """The walk's sources with the query's marks among them (module docstring).

    Args:
        query: Its marks count.
        hop: (n,) where the query itself enters Y.
        start: (m,) where it stands in X.
        links: S_xy, (m, n); column p is how y_p's mass enters X.

    Returns:
        (n,) source in Y and (m,) source in X.
    """
    if not len(query.marked):
        return hop, start
    y = hop.copy()
    np.add.at(y, query.marked, (float(np.abs(hop).sum()) or 1.0) * query.amounts)
    entering = links[:, query.marked]
    mass = np.asarray(entering.sum(axis=0))
    each = np.divide(query.amounts, mass, out=np.zeros(len(mass)), where=mass > 0)
    return y, start + float(np.abs(start).sum()) * np.asarray(entering @ each)


def moved(query: Query, direction: Doubles, features: Doubles) -> Doubles:
    """Rocchio's query: (d,) `direction`, and as long as it is, the marks' (f, d) unit `features` weighted."""
    return direction + float(np.linalg.norm(direction)) * (query.amounts @ features)
