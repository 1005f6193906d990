import dataclasses
import pickle

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from tests.unit.training.toy import Ended, ToyRun
from xview.errors import CheckpointError, DataError
from xview.models.configs import rrf_net
from xview.training import checkpoint
from xview.training.names import BEST, LAST


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    run = ToyRun(tmp_path_factory.mktemp("run"), training={"epochs": 2})
    run()
    return run


def weights_of(path):
    return {n.removeprefix("model/"): v for n, v in load_file(path).items() if n.startswith("model/")}


def test_what_is_loaded_embeds_as_what_was_saved(trained):
    loaded, header = checkpoint.load(trained.folder / LAST)
    trained.built.eval()
    for modality, items in trained.data.inputs.items():
        inputs = torch.from_numpy(items)
        here, there = trained.built.embed(modality, inputs), loaded.embed(modality, inputs)
        assert all(torch.equal(here[name], there[name]) for name in here)
    assert header.origin == trained.origin and header.place.epoch == 2
    assert header.origin.versions["torch"] == torch.__version__ and not loaded.training


def test_the_best_is_kept_without_what_only_resuming_needs(trained):
    assert all(name.startswith("model/") for name in load_file(trained.folder / BEST))
    prefixes = {name.split("/")[0] for name in load_file(trained.folder / LAST)}
    assert prefixes == {"model", "optimiser", "random"}


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("system", "lcale", "another system (rrf_net there, lcale here)"),
        ("data", "f" * 16, "other data"),
        ("unseen", ("class 3",), "another class split (['class 4', 'class 5'] there, ['class 3'] here)"),
        ("features", {"a": "1", "b": "9"}, "other features (b: 2 there, 9 here)"),
        ("facts", {"inputs": {"a": [7]}}, "inputs of other dimensions"),
        ("config", {**rrf_net.TINY.to_mapping(), "margin": 0.7}, "margin: 0.1 there, 0.7 here"),
        ("training", {"epochs": 9, "seed": 1}, "other training settings"),
    ],
)
def test_a_checkpoint_of_something_else_is_refused_with_the_reason(trained, field, value, reason):
    wanted = dataclasses.replace(trained.origin, **{field: value})
    before = {name: value.clone() for name, value in trained.built.state_dict().items()}
    with pytest.raises(CheckpointError) as raised:
        checkpoint.resume(trained.folder / LAST, trained.built, wanted)
    assert reason in str(raised.value) and str(trained.folder) in str(raised.value)
    after = trained.built.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("share", [0, 0.001, 0.5, 0.999])
def test_a_file_cut_short_is_damaged(trained, tmp_path, share):
    whole = (trained.folder / LAST).read_bytes()
    (tmp_path / LAST).write_bytes(whole[: int(len(whole) * share)])
    for read in (checkpoint.load, checkpoint.read_header):
        with pytest.raises(CheckpointError, match=LAST):
            read(tmp_path / LAST)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(CheckpointError, match="no checkpoint"):
        checkpoint.load(tmp_path / LAST)


def test_weights_without_our_header_are_pointed_to_their_option(trained, tmp_path):
    save_file(weights_of(trained.folder / LAST), tmp_path / "plain.safetensors")
    with pytest.raises(CheckpointError, match="--weights"):
        checkpoint.load(tmp_path / "plain.safetensors")


@pytest.mark.parametrize(
    ("header", "told"),
    [("{}", "lacks 'origin'"), ("[]", "written by another version"), ("{", "no checkpoint")],
)
def test_a_header_that_is_none_of_ours_is_refused(tmp_path, header, told):
    save_file({"model/x": torch.zeros(1)}, tmp_path / LAST, metadata={"xview": header})
    with pytest.raises(CheckpointError, match=told):
        checkpoint.load(tmp_path / LAST)


def test_a_system_this_version_does_not_know_is_told(trained):
    header = checkpoint.read_header(trained.folder / LAST)
    for change in ({"system": "rrf_nut"}, {"config": {"hiden": 3}}):
        strange = dataclasses.replace(header, origin=dataclasses.replace(header.origin, **change))
        with pytest.raises(CheckpointError, match=r"cannot be read by this version.*did you mean"):
            checkpoint.build(strange)


def test_a_checkpoint_that_cannot_be_written_leaves_the_one_before(trained, tmp_path):
    (tmp_path / LAST).write_bytes(b"before")
    (tmp_path / f".{LAST}.part").mkdir()  # in the way
    place = checkpoint.read_header(trained.folder / LAST).place
    with pytest.raises((CheckpointError, OSError)):
        checkpoint.save(tmp_path / LAST, trained.built, trained.origin, place)
    assert (tmp_path / LAST).read_bytes() == b"before"


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_weights_made_elsewhere_fill_a_system(trained, tmp_path, suffix, wrapped):
    weights = {
        name: torch.randn_like(v.float()).to(v.dtype) for name, v in weights_of(trained.folder / LAST).items()
    }
    path = tmp_path / f"outside{suffix}"
    if suffix == ".pt":
        torch.save({"state_dict": weights} if wrapped else weights, path)
    else:  # as one of our own checkpoints names them
        save_file({f"model/{n}": v for n, v in weights.items()} if wrapped else weights, path)
    system = checkpoint.build(checkpoint.read_header(trained.folder / LAST))
    checkpoint.load_weights(path, system)
    assert all(torch.equal(value, weights[name]) for name, value in system.state_dict().items())


def test_weights_that_do_not_fit_are_listed_one_by_one(trained, tmp_path):
    weights = weights_of(trained.folder / LAST)
    first, second, *_ = weights
    del weights[first]
    weights[second] = torch.zeros(2, 3, 4)
    weights["stranger"] = torch.zeros(1)
    save_file(weights, tmp_path / "bad.safetensors")
    system = checkpoint.build(checkpoint.read_header(trained.folder / LAST))
    before = {name: value.clone() for name, value in system.state_dict().items()}
    with pytest.raises(CheckpointError) as raised:
        checkpoint.load_weights(tmp_path / "bad.safetensors", system)
    told = str(raised.value)
    assert f"missing: {first};" in told and "unexpected: stranger" in told
    assert f"misshapen: {second} (2, 3, 4) instead of {tuple(before[second].shape)}" in told
    assert all(torch.equal(value, before[name]) for name, value in system.state_dict().items())


def test_a_checkpoint_of_layers_since_changed_says_what_to_do(trained, tmp_path):
    """Loaded or resumed: train again, or delete the run it lies in."""
    run = tmp_path / "rrf_net-1"
    run.mkdir()
    with safe_open(trained.folder / LAST, framework="pt") as file:
        metadata = file.metadata()
    tensors = load_file(trained.folder / LAST)
    name = next(name for name in tensors if name.startswith("model/"))
    save_file({**tensors, name: torch.zeros(2, 3, 4)}, run / LAST, metadata=metadata)
    system = checkpoint.build(checkpoint.read_header(run / LAST))
    for use in (
        lambda: checkpoint.load(run / LAST),
        lambda: checkpoint.resume(run / LAST, system, trained.origin),
    ):
        with pytest.raises(CheckpointError) as raised:
            use()
        told = str(raised.value)
        assert "misshapen" in told and "`xview train DATA --system rrf_net`" in told
        assert "`xview runs delete rrf_net-1`" in told


def test_weights_that_would_run_code_are_not_read(trained, tmp_path):
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("the file ran",))

    with (tmp_path / "bomb.pt").open("wb") as file:
        pickle.dump({"w": Bomb()}, file, protocol=2)
    with pytest.raises(DataError, match="safely"):
        checkpoint.load_weights(tmp_path / "bomb.pt", trained.built)


def test_resuming_restores_the_random_numbers(trained, tmp_path):
    run = ToyRun(tmp_path)
    with pytest.raises(Ended):
        run(2)
    drawn = torch.rand(4)
    torch.manual_seed(99)
    checkpoint.resume(tmp_path / LAST, run.built, run.origin)
    assert torch.equal(torch.rand(4), drawn)
