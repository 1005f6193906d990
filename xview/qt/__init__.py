"""The window. Views ask, the store decides, views show; no view changes another.

Decisions
    2026-11-22  Rankings are computed in one background thread of this process (numpy, scipy and faiss let
                go of the interpreter), so a slider is followed without copying features anywhere.
                Everything that needs torch or umap, or takes seconds, is a job in a worker process.
    2026-11-22  The window shows before it knows anything: data and plotting libraries load after the first
                paint.
"""
