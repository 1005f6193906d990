"""The training loop, its batches, its checkpoints and the papers' recipes. Knows systems, not retrieval.

Decisions
    2026-11-22  torch alone carries devices, mixed precision and several processes: the systems alternate
                optimisers and compare items across the batch, which a wrapped model or optimiser hinders.
    2026-11-22  One safetensors file is a checkpoint, its JSON in the header: weights, optimisers, place in
                the curve and provenance cannot disagree, and one os.replace writes them all.
"""
