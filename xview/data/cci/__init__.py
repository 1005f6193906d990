"""CLEVR-Change-Iterative (CCI) as paper 002 describes it, section 4.2, with flat scenes drawn here.

One scene of random things, ten changes of it, ten of each of those, and so on: after four rounds 11,111
pictures, each with a caption, the instruction that made it from its source, and its reachable neighbours.
`css` has many such sources instead, with one round of changes each.

Decisions
    2026-11-22  Places are the nine cells of a ground of three by three, so that scenes are sets of discrete
                things and "differs by one attribute" is exact; the camera's jitter changes pixels only.
    2026-11-22  Every scene occurs once, as in the paper; the seed decides everything, pixels included.
"""
