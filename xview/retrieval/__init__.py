"""Rankers: nearest neighbours, the bi-directional walk, late fusion.

A ranker is a frozen `Settings` (what the user chose) built over a `Field` (the features of the items the
protocol chose). It answers `rank(query)` and `score_matrix(queries)`, and explains a score as shares that
sum to it.
"""
