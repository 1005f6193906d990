"""How good a ranking is, each measure defined once.

Decisions
    2026-11-22  Everything is computed from the ranks of the relevant items, so a measure is a few lines over
                those, whoever found the ranks: numpy on small data, a compiled kernel on large.
    2026-11-22  Equal scores are ranked in gallery order. Rankers that reach only part of the gallery score
                the rest 0, so a rule that favoured hits among equals would flatter them.
"""
