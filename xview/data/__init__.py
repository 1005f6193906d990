"""Items and where they come from.

A `Collection` holds one modality's items, a `Dataset` several collections over the same classes. Payloads
(pictures, texts) are read when somebody looks at them, never before.

`xview.data.open` holds the table of readers, one on-disk layout each. To add one, write a module with
`LAYOUT` (words that finish "xview opens ..."), `recognises(path) -> bool` (a look at names and first bytes)
and `read(path) -> Dataset` (build a `merge.Part` for each modality and call `merge.merge`; leave vectors and
pictures on disk), and add one line to `READERS`. To add a format of arrays, write a module with
`arrays_of(path) -> tuple[StoredArray, ...]` and add it to `xview.data.formats`.

Files from outside are data: nothing is unpickled, what a header claims is held against the file's size
before memory is taken for it, paths stay inside the data set's folder, and every fault is a DataError that
names the file.

Decisions
    2026-11-22  Correspondence between modalities is one integer per item, `instance`: items of different
                modalities with the same instance show the same thing. It serves pairs, captions of one
                picture and emoji concepts alike, and no pair list has to agree with anything.
    2026-11-22  Seen and unseen is a flag per item: a class split, a list and an item column all end
                there.
    2026-11-22  MATLAB v5 is parsed here: SciPy's reader allocates what a tag claims and can end the process
                on damaged bytes.
    2026-11-22  What a file is, its first bytes say; a name only decides between kinds of text.
"""
