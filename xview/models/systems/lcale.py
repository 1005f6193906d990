"""Cross-aligned latent embeddings: variational autoencoders of every modality and of the classes' embeddings,
whose latent spaces are made one.

Lin, Xu, Gao, Wang and Shen, Learning Cross-Aligned Latent Embeddings for Zero-Shot Cross-Modal Retrieval
(AAAI 2020). "Classes" below is the paper's modality c; its item in a row is the embedding of the row's class.
With more modalities than two, every sum over v and t runs over all of them, the discrepancy over all pairs.

Decisions
    2026-11-22  Eq. 1-2 print a bound to be maximised, Eq. 9 is minimised: reconstruction + KL. Their
                reconstruction is read as Eq. 3's, the squared error summed over the entries of an item.
    2026-11-22  Inputs and targets are standardised, so that every modality's squared error, summed over its
                entries, weighs alike; last layers are linear, as a ReLU could reach no signed target.
    2026-11-22  Eq. 7 names no bandwidth: kernels' variances are 1/4, 1 and 4 times the latent size, half the
                squared distance that two draws from N(0, 1) have on average.
    2026-11-22  One draw of the noise serves the three updates of a step, each after the one before.
    2026-11-22  No warm-ups: the paper has none, and at its weights none is needed. A hundred times its weight
                of Eq. 6 drives every latent to the prior (KL .06 after 8 epochs on the bundled emoji).
    2026-11-22  The defaults were chosen on held-out seen classes of the bundled emoji (images and texts, one
                draw, mAP of nearest neighbours; `cca` has .384 there): 512 and 256 units at rate 5e-4 .329,
                256 and 128 at 1e-3 .312, with a latent of 32 .299, with four times the KL .239, without
                Eq. 6 .315; in batches of 64, rows that show the same thing .292, only the same class .273.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import torch
from torch import Tensor, nn

from xview.models import parallel
from xview.models.configs.lcale import TINY, Config
from xview.models.layers import Standardise, normal, perceptron
from xview.models.losses.mmd import mmd
from xview.models.losses.variational import kl, sample, wasserstein
from xview.models.trainable import OWN, Aligned, Batch, Facts, Trainable, detached

__all__ = ["TINY", "Config", "Lcale", "build"]


class Encoder(nn.Module):
    """E_m: the Gaussian of an item in the latent space."""

    def __init__(self, features: int, config: Config) -> None:
        super().__init__()
        self.hidden = nn.Sequential(perceptron((features, config.wide, config.narrow)), nn.ReLU())
        self.mu = nn.Linear(config.narrow, config.latent)
        self.logvar = nn.Linear(config.narrow, config.latent)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(b, d) -> mean and log variance, (b, latent) each."""
        hidden = self.hidden(x)
        return self.mu(hidden), self.logvar(hidden)


class Lcale(Trainable):
    """Lists run over the modalities in the data's order, then the classes."""

    class_vectors: Tensor

    def __init__(self, config: Config, facts: Facts) -> None:
        super().__init__()
        assert facts.class_vectors is not None
        self.config, self.modalities = config, facts.modalities
        self.batching = Aligned(config.batch, by_class=not config.by_instance)
        self.standardise = nn.ModuleList(
            Standardise(facts.means[m], facts.scales[m]) for m in facts.modalities
        )
        self.register_buffer("class_vectors", _standardised(facts.class_vectors))
        classes = facts.class_vectors.shape[1]
        sizes = [facts.inputs[m][0] for m in facts.modalities]
        self.encoders = nn.ModuleList(Encoder(size, config) for size in (*sizes, classes))
        self.decoders = nn.ModuleList(
            perceptron((config.latent, config.wide, config.narrow, size)) for size in (*sizes, classes)
        )
        self.regressors = nn.ModuleList(
            perceptron((size, config.wide, config.wide, classes)) for size in sizes
        )
        self.optimisers = {
            name: torch.optim.Adam(part.parameters(), lr=config.rate)
            for name, part in (
                ("encoders", self.encoders),
                ("decoders", self.decoders),
                ("regressors", self.regressors),
            )
        }

    def begin_epoch(self, epoch: int, epochs: int) -> None:
        """Decay every learning rate every ten epochs."""
        for optimiser in self.optimisers.values():
            for group in optimiser.param_groups:
                group["lr"] = self.config.rate * self.config.decay ** (epoch // 10)

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Algorithm 1, lines 3-5: theta_E, then theta_D, then theta_R."""
        x = self._items(batch)
        noise = [normal(len(x[0]), self.config.latent, like=x[0]) for _ in x]

        mu, logvar = self._encode(x)
        z = _draw(mu, logvar, noise)
        terms = self._alignment(mu, logvar, z) | self._decoding(x, self._decode(z))
        loss = self._weighted(terms)
        self.update("encoders", loss)

        with torch.no_grad():
            z = _draw(*self._encode(x), noise)
        if of_decoders := self._decoding(x, self._decode(z)):
            self.update("decoders", self._weighted(of_decoders))

        if self.config.with_cycle:
            with torch.no_grad():
                own = [self.decoders[m](z[m]) for m in range(len(self.regressors))]
            self.update("regressors", self._weighted({"CYC": self._cycle(x[-1], own)}))
        return detached({**terms, "loss": loss})

    def embed(self, modality: str, inputs: Tensor) -> dict[str, Tensor]:
        """`shared`: the mean in the latent space; own: the encoder's last hidden layer."""
        place = self.modalities.index(modality)
        encoder = self.encoders[place]
        assert isinstance(encoder, Encoder)
        hidden = encoder.hidden(self.standardise[place](inputs))
        return {"shared": encoder.mu(hidden), OWN: hidden}

    def _items(self, batch: Batch) -> list[Tensor]:
        """Standardised (b, d_m) of the modalities, then of the rows' classes."""
        x = [
            standardise(batch.inputs[m])
            for m, standardise in zip(self.modalities, self.standardise, strict=True)
        ]
        return [*x, self.class_vectors[batch.labels[self.modalities[0]]]]

    def _encode(self, x: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Means and log variances, (b, latent) each."""
        pairs = [encoder(rows) for encoder, rows in zip(self.encoders, x, strict=True)]
        return [mu for mu, _ in pairs], [logvar for _, logvar in pairs]

    def _decode(self, z: Sequence[Tensor]) -> list[tuple[Tensor, ...]]:
        """D_n(z_m) at [n][m], (b, d_n)."""
        joined = torch.cat(list(z))
        return [decoder(joined).split(len(z[0])) for decoder in self.decoders]

    def _alignment(
        self, mu: Sequence[Tensor], logvar: Sequence[Tensor], z: Sequence[Tensor]
    ) -> dict[str, Tensor]:
        """The losses on latents alone: KL of Eq. 2, Eq. 6 and Eq. 7."""
        terms = {}
        if self.config.with_vae:
            terms["KL"] = _mean(kl(m, v) for m, v in zip(mu, logvar, strict=True))
        if self.config.with_wasserstein:
            terms["CA1"] = _mean(
                wasserstein(m, v, mu[-1], logvar[-1]) for m, v in zip(mu[:-1], logvar[:-1], strict=True)
            )
        if self.config.with_mmd:
            variances = [self.config.latent * scale for scale in (0.25, 1.0, 4.0)]
            pairs = combinations([parallel.gather(rows) for rows in z[:-1]], 2)
            terms["CA2"] = torch.stack([mmd(one, other, variances) for one, other in pairs]).sum()
        return terms

    def _decoding(self, x: Sequence[Tensor], decoded: Sequence[Sequence[Tensor]]) -> dict[str, Tensor]:
        """The losses on what is decoded: squared errors of Eq. 2, from an item's own latent, of Eq. 3, from
        another's, and Eq. 8.
        """
        places = range(len(x))
        errors = {(m, n): _squared(x[n], decoded[n][m]) for m in places for n in places}
        terms = {}
        if self.config.with_vae:
            terms["reconstruction"] = _mean(errors[m, m] for m in places)
        if self.config.with_cross:
            terms["CR"] = _mean(error for (m, n), error in errors.items() if m != n)
        if self.config.with_cycle:
            terms["CYC"] = self._cycle(x[-1], [decoded[m][m] for m in places[:-1]])
        return terms

    def _cycle(self, classes: Tensor, own: Sequence[Tensor]) -> Tensor:
        """Eq. 8: squared errors of the classes' embeddings told from D_m(z_m) of each modality."""
        told = [regressor(rows) for regressor, rows in zip(self.regressors, own, strict=True)]
        return _mean(_squared(classes, vectors) for vectors in told)

    def _weighted(self, terms: Mapping[str, Tensor]) -> Tensor:
        """Eq. 9 over these terms."""
        config = self.config
        weights = {"KL": config.kl, "CR": config.alpha, "CA1": config.beta, "CA2": config.mmd}
        weights |= {"reconstruction": 1.0, "CYC": config.gamma}
        return torch.stack([weights[name] * value for name, value in terms.items()]).sum()


def _draw(mu: Sequence[Tensor], logvar: Sequence[Tensor], noise: Sequence[Tensor]) -> list[Tensor]:
    return [sample(*parts) for parts in zip(mu, logvar, noise, strict=True)]


def _squared(x: Tensor, y: Tensor) -> Tensor:
    """(b, d) twice -> (b,) sums over entries."""
    return (x - y).square().sum(dim=1)


def _mean(rows: Iterable[Tensor]) -> Tensor:
    """Sum over several (b,), mean over the batch of all processes."""
    return parallel.gather(torch.stack(list(rows)).sum(dim=0)).mean()


def _standardised(vectors: Tensor) -> Tensor:
    """(c, e) centred, root mean square 1."""
    centred = vectors - vectors.mean(dim=0)
    return centred / centred.square().mean().sqrt().clamp_min(1e-12)


def build(config: Config, facts: Facts) -> Lcale:
    """The system, untrained; `facts` need `class_vectors`."""
    return Lcale(config, facts)
