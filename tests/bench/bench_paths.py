"""Ways as the window asks for them, over pictures and as many texts; processor time, and who waits meanwhile.

    python -m tests.bench.bench_paths [--items 20000] [--width 512]

`longest hold` is how long another thread had to wait for the interpreter, as the window would.
"""

import argparse
import threading
import time

import numpy as np

from tests.bench.bench_geodesic import items
from xview.data.protocol import Classes, Protocol
from xview.data.records import Collection, Dataset, Kind
from xview.jobs.detached import peak_memory
from xview.retrieval.geodesic_settings import RANKER, GeodesicSettings
from xview.session.engine import Engine
from xview.session.growth import growth
from xview.session.paths import way
from xview.session.resolve import resolve
from xview.session.state import ItemsQuery, ViewState
from xview.session.workspace import Workspace
from xview.spaces.space import EmbeddingSpace, unit_rows

LOOKS_S = 0.001


def workspace(n, width):
    """n pictures near a manifold, and a text near each; they are one instance."""
    images = items(n, width)
    noise = 0.3 * np.random.default_rng(1).normal(size=images.shape).astype(np.float32) / np.sqrt(width)
    texts = unit_rows(images + noise, "made up")
    collections = {
        name: Collection(
            modality=name,
            kind=kind,
            ids=np.arange(n).astype(str),
            titles=np.arange(n).astype(str),
            labels=np.arange(n) % 100,
            instances=np.arange(n),
        )
        for name, kind in (("images", Kind.VECTOR), ("texts", Kind.VECTOR))
    }
    data = Dataset(name="made up", source="", collections=collections, classes=tuple(map(str, range(100))))
    space = EmbeddingSpace(name="joint", parts={"images": images, "texts": texts})
    return Workspace(dataset=data, spaces={"joint": space})


def watched(work):
    """Seconds of this thread's, the longest another thread waited, and what the work made."""
    waits, done = [0.0], threading.Event()

    def look():
        last = time.perf_counter()
        while not done.is_set():
            time.sleep(LOOKS_S)
            now = time.perf_counter()
            waits.append(now - last - LOOKS_S)
            last = now

    watcher = threading.Thread(target=look)
    watcher.start()
    start = time.thread_time()
    made = work()
    took = time.thread_time() - start
    done.set()
    watcher.join()
    return took, max(waits), made


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--width", type=int, default=512)
    args = parser.parse_args()
    made = workspace(args.items, args.width)
    engine = Engine(made)
    everything = {"query_classes": Classes.ALL, "gallery_classes": Classes.ALL}

    def request(query, row, **settings):
        protocol = Protocol(query=query, gallery="images", **everything)
        chosen = ((RANKER, GeodesicSettings(**settings)),)
        return resolve(ViewState(protocol=protocol, query=ItemsQuery((str(row),)), settings=chosen), made)

    print(f"{args.items:,} images and {args.items:,} texts of {args.width} values\n")
    print("| what | seconds | longest hold ms | edges |\n|---|---:|---:|---:|")

    def tell(what, work):
        took, held, found = watched(work)
        edges = f"{found.edges:,}" if hasattr(found, "steps") else ""
        print(f"| {what} | {took:.3f} | {1e3 * held:.0f} | {edges} |", flush=True)
        return found

    tell("first way: alignment, graph, Dijkstra", lambda: way(engine, request("images", 0), 9))
    tell("another target", lambda: way(engine, request("images", 0), 77))
    tell("another item asks", lambda: way(engine, request("images", 1), 77))
    tell("another threshold", lambda: way(engine, request("images", 1, degree=6), 77))
    grown = tell("growth, first", lambda: growth(engine, request("images", 1)))
    tell("growth, another item asks", lambda: growth(engine, request("images", 2)))
    tell("counts at 1,000 thresholds", lambda: [grown.at(t) for t in np.linspace(0.01, grown.widest, 1000)])
    tell("a text asks, first", lambda: way(engine, request("texts", 5), 77))
    tell("another text", lambda: way(engine, request("texts", 6), 77))
    print(f"\nmost memory {peak_memory() / 2**20:,.0f} MB")


if __name__ == "__main__":
    main()
