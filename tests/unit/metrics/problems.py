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
