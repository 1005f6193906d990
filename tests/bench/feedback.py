"""What marks gain: the ten best results of 100 queries marked by their class, and the rest re-ranked.

Mean average precision of the residual ranking (without the ten), before and after, under every ranker; the
share of queries that are better for it; and the same with other weights, on the seen classes: there weights
may be chosen.

Run: python -m tests.bench.feedback [emoji|digits]
"""

import sys
from dataclasses import replace

import numpy as np

from xview.data.protocol import Classes
from xview.retrieval.feedback import FeedbackSettings
from xview.retrieval.registry import RANKERS
from xview.session.engine import Engine
from xview.session.resolve import resolve
from xview.session.state import Feedback, ItemsQuery, ViewState
from xview.session.workspace import open_workspace

QUERIES, MARKED = 100, 10
WEIGHTS = ((0.3, 0.1), (0.75, 0.0), (0.75, 0.25), (0.75, 0.75), (3.0, 0.5))


def gains(engine, workspace, state, ids):
    """(queries, 2) precision before and after the marks; queries without a match left out."""
    found = []
    for name in ids:
        asked = replace(state, query=ItemsQuery((name,)))
        ranked = engine.answer(resolve(asked, workspace)).a
        best = [p for p in ranked.ranking.order.tolist() if not ranked.ignored[p]][:MARKED]
        gallery = ranked.task.gallery.ids[ranked.task.gallery_rows]
        right, wrong = (
            tuple(str(gallery[p]) for p in best if ranked.relevant[p] == truth) for truth in (1, 0)
        )
        marked = engine.answer(resolve(replace(asked, feedback=Feedback(right, wrong)), workspace)).a
        found.append((marked.precision_before, marked.average_precision))
    both = np.array(found)
    return both[~np.isnan(both).any(axis=1)]


def tell(name, part, weights):
    workspace = open_workspace(name)
    protocol = replace(workspace.default_protocol(), query_classes=part, gallery_classes=part)
    task, engine = workspace.task(protocol), Engine(workspace)
    rows = np.random.default_rng(0).choice(task.query_rows, min(QUERIES, len(task.query_rows)), replace=False)
    for ranker in RANKERS:
        for right, wrong in weights:
            settings = FeedbackSettings(right=right, wrong=wrong)
            state = ViewState(protocol=protocol, ranker=ranker, feedback_settings=settings)
            before, after = gains(engine, workspace, state, [str(n) for n in task.queries.ids[rows]]).T
            print(
                f"{name}, {part}, {ranker}, right {right:g}, wrong {wrong:g}: {before.mean():.3f} -> "
                f"{after.mean():.3f}, {np.mean(after > before):.0%} of {len(before)} queries better",
                flush=True,
            )


def main():
    for name in sys.argv[1:] or ("emoji", "digits"):
        standard = FeedbackSettings()
        tell(name, Classes.UNSEEN, [(standard.right, standard.wrong)])
        tell(name, Classes.SEEN, WEIGHTS)


if __name__ == "__main__":
    main()
