"""Items and where they come from.

A `Collection` holds one modality's items, a `Dataset` several collections over the same classes. Payloads
(pictures, texts) are read when somebody looks at them, never before.

Decisions
    2026-11-22  Correspondence between modalities is one integer per item, `instance`: items of different
                modalities with the same instance show the same thing. It serves pairs, captions of one
                picture and emoji concepts alike, and no pair list has to agree with anything.
    2026-11-22  Seen and unseen is a flag per item: a class split, a list and an item column all end
                there.
"""
