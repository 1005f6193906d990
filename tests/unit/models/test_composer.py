"""TIRG and Relation by hand, and Eq. 2: what in Joint adds."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.contract import world
from xview.errors import TrainingError
from xview.models.composer import CAPTION, INSTRUCTION, ROLES, SOURCE, TARGET, TARGET_CAPTION
from xview.models.configs import relation as relation_config
from xview.models.configs import tirg as tirg_config
from xview.models.configs.composer import Convolutions
from xview.models.registry import SYSTEMS
from xview.models.systems import relation, tirg
from xview.models.trainable import OWN
from xview.models.words import longest, tokens, vocabulary

GIVEN = world.pairs()
FACTS = replace(GIVEN.facts(), vocabulary=world.VOCABULARY)


def inputs(role):
    return torch.from_numpy(GIVEN.inputs[role][:6])


@pytest.fixture(params=[False, True], ids=["plain", "in Joint"])
def gating(request):
    torch.manual_seed(0)
    return tirg.build(replace(tirg_config.TINY, in_joint=request.param), FACTS).eval()


def cells_of(system):
    """(b, cells, dim) local features, cell by cell: each through its own layer."""
    maps = system.maps(inputs(SOURCE))
    height, width = maps.shape[2:]
    rows = [maps[:, :, n // width, n % width] @ system.image.weight[n] for n in range(height * width)]
    return torch.stack(rows, dim=1) + system.image.bias


def features(system):
    """psi and phi, as section 3.3 has them: features, or their projections onto the sphere."""
    psi, phi = cells_of(system).mean(dim=1), system.instruction(inputs(INSTRUCTION))
    if system.config.in_joint:
        psi = functional.normalize(system.project[SOURCE](psi), dim=1)
        phi = functional.normalize(system.project[INSTRUCTION](phi), dim=1)
    return psi, phi


def test_tirg_is_the_gated_feature_plus_ten_residuals(gating):
    """w = (1, 10); batch norm of an untrained network is the identity but for its epsilon."""
    psi, phi = features(gating)
    both = functional.relu(torch.cat([psi, phi], dim=1) / (1 + 1e-5) ** 0.5)
    gate = torch.sigmoid(gating.gate[2](both))
    residual = gating.residual[4](functional.relu(gating.residual[2](both)))
    by_hand = functional.normalize(1 * gate * psi + 10 * residual, dim=1)
    found = gating.compose(inputs(SOURCE), inputs(INSTRUCTION))
    torch.testing.assert_close(found, by_hand, rtol=1e-4, atol=1e-5)
    told = gating.explain(inputs(SOURCE), inputs(INSTRUCTION))
    size = (10 * residual).norm(dim=1) / (gate * psi).norm(dim=1)
    torch.testing.assert_close(told["residual"], size, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(told["gate"], gate.mean(dim=1), rtol=1e-4, atol=1e-5)


def test_targets_lie_where_sources_lie(gating):
    """One encoder for both: a picture is found where it is modified from."""
    psi, _ = features(gating)
    for role in (SOURCE, TARGET, "anything"):
        found = gating.embed(role, inputs(SOURCE))[OWN]
        torch.testing.assert_close(found, functional.normalize(psi, dim=1), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("in_joint", [False, True])
def test_relation_sums_over_all_pairs_of_parts(in_joint):
    torch.manual_seed(1)
    system = relation.build(replace(relation_config.TINY, in_joint=in_joint), FACTS).eval()
    cells = cells_of(system)
    phi = system.instruction(inputs(INSTRUCTION))
    if in_joint:
        cells = system.project[SOURCE](cells)
        cells = cells / cells.mean(dim=1, keepdim=True).norm(dim=2, keepdim=True)
        phi = functional.normalize(system.project[INSTRUCTION](phi), dim=1)
    side = round(cells.shape[1] ** 0.5)
    assert side == 4
    places = [torch.tensor([y, x]) for y in torch.linspace(-1, 1, side) for x in torch.linspace(-1, 1, side)]
    for item in range(3):
        total = 0
        for i, one in enumerate(cells[item]):
            for j, other in enumerate(cells[item]):
                first = system.first(torch.cat([one, places[i]]))
                second = system.second(torch.cat([other, places[j]]))
                total = total + system.pair(first + second + system.words(phi[item]))
        by_hand = functional.normalize(system.sum(total / len(cells[item]) ** 2), dim=0)
        found = system.compose(inputs(SOURCE), inputs(INSTRUCTION))[item]
        torch.testing.assert_close(found, by_hand, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["tirg", "relation"])
def test_in_joint_adds_pictures_beside_their_captions(name):
    """Eq. 2: a second term, and captions matter for it alone."""
    row = SYSTEMS[name]
    rows = {role: np.arange(8) for role in ROLES}
    for in_joint in (False, True):
        torch.manual_seed(2)
        system = row.load().build(replace(world.tiny(row), in_joint=in_joint), FACTS).train()
        terms = system.step(GIVEN.batch(rows, torch.device("cpu")))
        assert ("joint" in terms) is in_joint
        parts = terms["composition"] + terms.get("joint", 0)
        torch.testing.assert_close(terms["loss"], parts)
        assert any(key.startswith("caption") for key in system.state_dict()) is in_joint


def chosen(items, partners, things):
    """Eq. 1 by a loop, with the configured scale of 16: other partners of the same thing are no choice."""
    total = 0.0
    for i, thing in enumerate(things):
        others = [j for j, other in enumerate(things) if j == i or other != thing]
        logits = torch.stack([16 * items[i] @ partners[j] for j in others])
        total -= float(functional.log_softmax(logits, dim=0)[others.index(i)])
    return total / len(things)


def test_a_batch_chooses_among_all_that_are_not_the_same_picture():
    """Compositions among the targets; in Eq. 2's first term sources and targets alike among all captions.

    Two pairs have one target, two others one source, and neither is a wrong choice for itself.
    """
    torch.manual_seed(3)
    system = tirg.build(replace(tirg_config.TINY, in_joint=True, shift=0), FACTS).eval()
    sources, targets = np.array([0, 1, 2, 3, 3]), np.array([0, 1, 0, 2, 4])
    rows = {SOURCE: sources, CAPTION: sources, TARGET: targets, TARGET_CAPTION: targets}
    batch = GIVEN.batch({**rows, INSTRUCTION: np.arange(5)}, torch.device("cpu"))
    with torch.no_grad():
        shown = [system.embed(role, batch.inputs[role])[OWN] for role in (SOURCE, TARGET)]
        captions = torch.cat([batch.inputs[CAPTION], batch.inputs[TARGET_CAPTION]])
        spoken = functional.normalize(system.project["caption"](system.caption(captions)), dim=1)
        composed = system.compose(batch.inputs[SOURCE], batch.inputs[INSTRUCTION])
    terms = system.step(batch)
    assert float(terms["composition"]) == pytest.approx(chosen(composed, shown[1], targets), rel=1e-4)
    things = [*sources, *(targets + 100)]
    assert float(terms["joint"]) == pytest.approx(chosen(torch.cat(shown), spoken, things), rel=1e-4)


def test_the_learning_rate_falls_along_half_a_cosine(gating):
    (group,) = gating.optimisers["composition"].param_groups
    found = []
    for epoch in range(5):
        gating.begin_epoch(epoch, 4)
        found.append(group["lr"] / gating.config.learning_rate)
    assert found == pytest.approx([1, (1 + 0.5**0.5) / 2, 0.5, (1 - 0.5**0.5) / 2, 0], abs=1e-9)


@pytest.mark.parametrize("backbone", list(Convolutions))
def test_every_backbone_tells_its_cells_apart(backbone):
    """The parts relation pairs are the cells of the last map, each with a layer of its own."""
    torch.manual_seed(0)
    config = replace(relation_config.TINY, backbone=backbone, side=64)
    facts = replace(FACTS, inputs={**FACTS.inputs, SOURCE: (3, 64, 64), TARGET: (3, 64, 64)})
    system = relation.build(config, facts).eval()
    picture = torch.rand(1, 3, 64, 64)
    maps = system.maps(picture)
    assert system.image.weight.shape[:2] == (maps.shape[2] * maps.shape[3], maps.shape[1])
    assert system.compose(picture, inputs(INSTRUCTION)[:1]).shape == (1, config.dim)


def test_data_without_instructions_is_refused():
    with pytest.raises(TrainingError, match="instructions"):
        tirg.build(tirg_config.TINY, GIVEN.facts())


def test_words_become_numbers_and_back_off_where_they_are_new():
    known = vocabulary(["make the cube red", "make it Blue!"])
    assert known[0] == "make"
    assert set(known) == {"make", "the", "cube", "red", "it", "blue"}
    found = tokens(["Make it RED", "make it pink", ""], known, 4)
    assert found.shape == (3, 4)
    assert found[0].tolist() == [known.index("make") + 2, known.index("it") + 2, known.index("red") + 2, 0]
    assert found[1, 2] == 1
    assert found[2].tolist() == [1, 0, 0, 0]
    assert longest(["a b c", "a"]) == 3


def test_a_sentence_is_the_mean_of_what_is_known_after_each_word():
    """Read word by word, from the start anew for each: the last state of every beginning."""
    reads = tirg.build(tirg_config.TINY, FACTS).eval().instruction
    words = torch.tensor([[3, 2, 6, 4]])
    states = [reads.lstm(reads.embedding(words[:, :end]))[0][0, -1] for end in (1, 2, 3, 4)]
    by_hand = reads.out(torch.stack(states).mean(dim=0))
    torch.testing.assert_close(reads(words)[0], by_hand)


def test_what_stands_after_a_sentence_is_not_read():
    system = tirg.build(tirg_config.TINY, FACTS).eval()
    short = inputs(INSTRUCTION)
    padded = torch.cat([short, torch.zeros(len(short), 5, dtype=torch.int64)], dim=1)
    torch.testing.assert_close(system.instruction(short), system.instruction(padded))
