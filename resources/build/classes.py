"""Make the class embeddings of a bundled data set: its classes' names through the text encoder.

    python resources/build/classes.py emoji          # or digits

writes vectors/classes.npy, one row a class in the data set's order, half precision. LCALE, JFSE and ridge
learn from them. Needs xview with its `text` extra.
"""

from __future__ import annotations

import sys

import numpy as np
from sources import DATA

from xview.data.open import open_dataset
from xview.models import encoders

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def main(name: str) -> None:
    """Write one data set's class embeddings."""
    folder = DATA / name
    classes = open_dataset(folder).classes
    said = [f"the digit {DIGITS[int(c)]}" for c in classes] if name == "digits" else classes
    vectors = encoders.load(encoders.TEXT_DEFAULT).encode(said)
    np.save(folder / "vectors" / "classes.npy", vectors.astype(np.float16))


if __name__ == "__main__":
    main(sys.argv[1])
