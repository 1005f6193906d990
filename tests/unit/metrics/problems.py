"""Tasks made of labels, for the tests of xview.metrics."""

import numpy as np

from xview.data.protocol import Classes, Protocol, select
from xview.data.records import Collection, Dataset, Kind


def collection(modality, labels, groups=None):
    ids = np.array([f"{modality}-{i}" for i in range(len(labels))])
    more = {}
    if groups is not None:
        names, groups = np.unique(groups, return_inverse=True)
        more = {"groups": groups.astype(np.int64), "group_names": tuple(map(str, names))}
    labels = np.asarray(labels, dtype=np.int64)
    return Collection(modality=modality, kind=Kind.VECTOR, ids=ids, titles=ids, labels=labels, **more)


def task_of(query_labels, gallery_labels, *, query_groups=None, gallery_groups=None, junk=None):
    """Every query against every gallery item; `junk` maps a query's number to gallery numbers."""
    data = Dataset(
        name="test",
        source="",
        collections={
            "query": collection("query", query_labels, query_groups),
            "gallery": collection("gallery", gallery_labels, gallery_groups),
        },
        classes=tuple(str(c) for c in range(1 + int(max(np.max(query_labels), np.max(gallery_labels))))),
        junk={
            ("query", f"query-{q}"): tuple(f"gallery-{i}" for i in rows) for q, rows in (junk or {}).items()
        },
    )
    protocol = Protocol(
        query="query", gallery="gallery", query_classes=Classes.ALL, gallery_classes=Classes.ALL
    )
    return select(data, protocol)


def write_folder(folder, *, classes=8, each=6, split=True, shared=None, seed=0):
    """A folder data set: sketches and photos in noisy single-modal spaces, and a shared one where asked.

    Args:
        folder: Made here.
        classes, each: Classes, and items per class and modality.
        split: Whether the last quarter of the classes is held out.
        shared: `made_by` of the shared space, or None for no such space.
    """
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    labels = np.repeat(np.arange(classes), each)
    centres = rng.normal(size=(classes, 12))
    lines = ['name = "pairs"']
    if split:
        held = ", ".join(f'"{c}"' for c in range(classes * 3 // 4, classes))
        lines += ["[split]", f"unseen = [{held}]"]
    for modality in ("sketches", "photos"):
        np.save(folder / f"{modality}_labels.npy", labels)
        turned = centres @ np.linalg.qr(rng.normal(size=(12, 12)))[0]
        np.save(folder / f"{modality}.npy", turned[labels] + 1.6 * rng.normal(size=(len(labels), 12)))
        lines += [f"[modalities.{modality}]", 'kind = "vector"', f'labels = "{modality}_labels.npy"']
        lines += [f'[spaces."{modality} only"]', f'{modality} = "{modality}.npy"']
    if shared is not None:
        told = ", ".join(f'{key} = "{value}"' for key, value in shared.items())
        for modality in ("sketches", "photos"):
            noisy = centres[labels] + 1.6 * rng.normal(size=(len(labels), 12))
            np.save(folder / f"{modality}_shared.npy", noisy)
        lines += ["[spaces.shared]", f"made_by = {{{told}}}"]
        lines += [f'{modality} = "{modality}_shared.npy"' for modality in ("sketches", "photos")]
    (folder / "dataset.toml").write_text("\n".join(lines), encoding="utf-8")
    return folder
