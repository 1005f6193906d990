"""Neighbours, affinities, links and diffusion: arrays in, arrays out."""
