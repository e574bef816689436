"""Filling packs and batches."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.steps.mix.packing import bins, places_of_bins

UNITS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2)), max_size=60)


def first_fit(sizes: list[int], groups: list[int], capacity: int, most_open: int) -> list[int]:
    """The same by lists."""
    found, made = [], 0
    open_bins: dict[int, list[list[int]]] = {}
    for size, group in zip(sizes, groups, strict=True):
        own = open_bins.setdefault(group, [])
        fitting = [b for b in own if b[1] >= size]
        if fitting:
            fitting[0][1] -= size
            found.append(fitting[0][0])
        else:
            found.append(made)
            own.append([made, capacity - size])
            made += 1
            if size < capacity and len([b for b in own if b[1] > 0]) > most_open:
                own.remove(next(b for b in own if b[1] > 0))
        open_bins[group] = [b for b in own if b[1] > 0]
    return found


@given(UNITS, st.integers(1, 20), st.integers(1, 4))
def test_units_go_into_the_first_open_bin_that_has_room(
    units: list[tuple[int, int]], capacity: int, most_open: int
) -> None:
    sizes, groups = ([u[i] for u in units] for i in (0, 1))
    made = bins(np.array(sizes, np.int64), np.array(groups, np.int64), 3, capacity, most_open)
    assert made.tolist() == first_fit(sizes, groups, capacity, most_open)
    for number in set(made.tolist()):
        own = np.flatnonzero(made == number)
        assert len(own) == 1 or sum(sizes[i] for i in own) <= capacity
        assert len({groups[i] for i in own}) == 1


def test_a_bin_takes_the_place_of_the_unit_that_is_drawn() -> None:
    lot = np.array([0.9, 0.5, 0.1, 0.2])
    assert places_of_bins(np.array([0, 1, 0, 1]), lot).tolist() == [2, 3]
