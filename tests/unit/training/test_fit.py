import math

import pytest
import torch

from tests.unit.training.toy import Ended, ToyRun
from xview.errors import TrainingError
from xview.models.registry import EMBEDDERS
from xview.training import checkpoint
from xview.training.fit import choose_device, seed_all
from xview.training.names import BEST, LAST
from xview.training.settings import Device

LEARNING = [name for name, row in EMBEDDERS.items() if not row.closed_form]


def run(folder, **how):
    folder.mkdir(exist_ok=True)
    return ToyRun(folder, **how)


def bytes_of(folder):
    return {name: (folder / name).read_bytes() for name in (LAST, BEST)}


@pytest.mark.parametrize("system", LEARNING)
def test_a_run_paused_anywhere_ends_as_one_that_never_was(tmp_path, system):
    whole, broken = run(tmp_path / "whole", system=system), run(tmp_path / "broken", system=system)
    end = whole()
    batches = end.steps // 3
    assert batches > 2, "the middle of an epoch must be met"
    for checks in (1, batches - 1, 3):  # within epoch 1, after its last step, within epoch 2
        with pytest.raises(Ended):
            broken(checks)
    assert broken() == end
    assert broken.told == whole.told and len(whole.told) == end.steps
    assert bytes_of(tmp_path / "broken") == bytes_of(tmp_path / "whole")


def test_the_same_run_twice_gives_the_same_bytes_and_another_seed_does_not(tmp_path):
    places = [run(tmp_path / name)() for name in ("one", "two")]
    run(tmp_path / "other", training={"seed": 8})()
    assert places[0] == places[1] and bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")
    one, other = (checkpoint.load(tmp_path / name / BEST)[0].state_dict() for name in ("one", "other"))
    assert any(not torch.equal(one[key], other[key]) for key in one)


def test_a_run_killed_at_any_moment_goes_on_from_its_last_epoch(tmp_path):
    whole, killed = run(tmp_path / "whole"), run(tmp_path / "killed")
    end = whole()

    def kill(system):
        step, left = system.step, iter(range(end.steps // 3 + 2))

        def dying(batch):
            if next(left, None) is None:
                raise KeyboardInterrupt
            return step(batch)

        system.step = dying

    killed.change = kill
    with pytest.raises(KeyboardInterrupt):
        killed()
    assert checkpoint.read_header(killed.folder / LAST).place.epoch == 1
    killed.change = lambda system: None
    assert killed() == end and killed.told == whole.told
    assert bytes_of(killed.folder) == bytes_of(whole.folder)


def test_a_finished_run_can_be_given_more_epochs(tmp_path):
    short, long = run(tmp_path / "short", training={"epochs": 1}), run(tmp_path / "long")
    short()
    short.training = {}
    assert short() == long()
    assert (short.folder / LAST).read_bytes() == (long.folder / LAST).read_bytes()


def scripted(*values):
    left = iter(values)
    return lambda _system, _data: {"validation mAP": next(left), "unseen mAP": 1 - next(left)}


@pytest.mark.parametrize(
    ("values", "best"),
    [
        ((0.1, 0.3, 0.2), 2),
        ((0.3, 0.3, 0.1), 1),
        ((0.1, 0.2, 0.3), 3),
        ((0.2, math.nan, 0.1), 1),
        ((math.nan, 0.2, 0.1), 2),
    ],
)
def test_the_best_epoch_is_that_of_the_largest_validation_measure(tmp_path, values, best):
    doubled = [value for value in values for _ in range(2)]
    place = run(tmp_path, measure=scripted(*doubled))()
    assert place.best_epoch == best
    assert checkpoint.read_header(tmp_path / BEST).place.epoch == best


def test_without_validation_the_last_epoch_is_kept(tmp_path):
    trained = run(tmp_path, measure=lambda *_: {})
    assert trained().best_epoch == 3
    best, _ = checkpoint.load(tmp_path / BEST)
    assert all(
        torch.equal(value, trained.built.state_dict()[key]) for key, value in best.state_dict().items()
    )


def test_a_run_stopped_in_its_first_epoch_leaves_weights_to_use(tmp_path):
    with pytest.raises(Ended):
        run(tmp_path)(2)
    assert checkpoint.load(tmp_path / BEST)[1].place.steps == 2


def test_a_run_stopped_before_its_first_step_leaves_nothing(tmp_path):
    with pytest.raises(Ended):
        run(tmp_path)(0)
    assert not list(tmp_path.iterdir())


def spoil(from_step, how):
    def change(system):
        step, left = system.step, iter(range(from_step))

        def spoilt(batch):
            terms = step(batch)
            return terms if next(left, None) is not None else how(system, terms)

        system.step = spoilt

    return change


def nan_loss(_system, terms):
    return {**terms, "loss": torch.tensor(math.nan)}


def infinite_weights(system, terms):
    with torch.no_grad():
        next(system.parameters()).fill_(math.inf)
    return {name: torch.ones(()) for name in terms}


@pytest.mark.parametrize(
    ("how", "told"), [(nan_loss, "'loss' became nan in epoch 2"), (infinite_weights, "finite after epoch 2")]
)
def test_numbers_that_run_away_end_the_run_and_keep_the_epoch_before(tmp_path, how, told):
    short = run(tmp_path / "short", training={"epochs": 1})
    steps = short().steps
    long = run(tmp_path / "long", change=spoil(steps + 1, how))
    with pytest.raises(TrainingError, match=told):
        long()
    kept, before = (checkpoint.read_header(each.folder / LAST).place for each in (long, short))
    assert kept == before
    a, b = (checkpoint.load(each.folder / LAST)[0].state_dict() for each in (long, short))
    assert all(torch.equal(a[key], b[key]) for key in a)


def test_what_is_reported_covers_every_step_once(tmp_path):
    trained = run(tmp_path)
    end = trained()
    assert list(trained.told) == list(range(1, end.steps + 1))
    assert {total for _, total, _ in trained.told.values()} == {end.steps}
    measured = [step for step, (_, _, figures) in trained.told.items() if "validation mAP" in figures]
    assert measured == [end.steps // 3 * epoch for epoch in (1, 2, 3)]


def test_losses_fall(tmp_path):
    trained = run(tmp_path, training={"epochs": 12})
    trained()
    losses = [figures["loss"] for _, _, figures in trained.told.values()]
    assert sum(losses[-8:]) < 0.7 * sum(losses[:8])


def test_a_device_that_is_not_there_is_told_with_those_that_are():
    assert choose_device(Device.CPU).type == "cpu"
    missing = next(d for d in (Device.CUDA, Device.MPS) if not getattr(torch, d).is_available())
    with pytest.raises(TrainingError, match=f"no {missing} device here .*cpu"):
        choose_device(missing)


def test_the_seed_rules_torch():
    draws = []
    for seed in (1, 1, 2):
        seed_all(seed)
        draws.append(torch.rand(3).tolist())
    assert draws[0] == draws[1] != draws[2]


def test_half_precision_learns_much_the_same_with_whole_weights(tmp_path):
    whole, half = (
        run(tmp_path / precision, training={"epochs": 6, "precision": precision})
        for precision in ("float32", "bfloat16")
    )
    whole(), half()
    a, b = ([figures["loss"] for _, _, figures in each.told.values()] for each in (whole, half))
    assert a != b and sum(b) == pytest.approx(sum(a), rel=0.1)
    assert {p.dtype for p in half.built.parameters()} == {torch.float32}
