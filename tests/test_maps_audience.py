"""No small count can be worked out from a public page."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from maps.audience import FEWEST, TOTAL, concealed

Tree = tuple[dict[str, int], dict[str, str]]


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Three levels; counts small and large; parents hold the sum of their children."""
    counts: dict[str, int] = {}
    parent: dict[str, str] = {}
    count = st.one_of(st.integers(0, 14), st.integers(60, 90))
    for a in range(draw(st.integers(1, 3))):
        parent[f"{a}"] = TOTAL
        for b in range(draw(st.integers(1, 4))):
            parent[f"{a}.{b}"] = f"{a}"
            for c, leaf in enumerate(draw(st.lists(count, min_size=1, max_size=5))):
                parent[f"{a}.{b}.{c}"] = f"{a}.{b}"
                counts[f"{a}.{b}.{c}"] = leaf
            counts[f"{a}.{b}"] = sum(n for code, n in counts.items() if parent[code] == f"{a}.{b}")
        counts[f"{a}"] = sum(n for code, n in counts.items() if parent[code] == f"{a}")
    return counts, parent


def worked_out(hidden: set[str], parent: dict[str, str]) -> set[str]:
    """Hidden counts that sums give away: an equation with one unknown, again and again."""
    families = defaultdict(set)
    for code, above in parent.items():
        families[above].add(code)
    unknown = set(hidden)
    while True:
        found = set()
        for above, family in families.items():
            left = ({above} | family) & unknown
            if len(left) == 1:
                found |= left
        if not found:
            return hidden - unknown
        unknown -= found


@given(trees())
def test_no_small_count_is_shown(tree: Tree) -> None:
    counts, parent = tree
    assert {code for code, count in counts.items() if count < FEWEST} <= concealed(counts, parent)


@given(trees())
def test_no_hidden_count_can_be_worked_out(tree: Tree) -> None:
    counts, parent = tree
    assert worked_out(concealed(counts, parent), parent) == set()


@given(trees())
def test_hidden_counts_of_a_family_add_up_to_no_small_count(tree: Tree) -> None:
    counts, parent = tree
    hidden = concealed(counts, parent)
    for above in set(parent.values()) - hidden:
        secret = [counts[code] for code, over in parent.items() if over == above and code in hidden]
        assert not secret or sum(secret) >= FEWEST


@given(trees())
def test_nothing_is_hidden_where_nothing_is_small(tree: Tree) -> None:
    counts, parent = tree
    large = {code: count + 1000 for code, count in counts.items()}
    assert concealed(large, parent) == set()


@given(trees(), st.integers(0, 20))
def test_counts_that_no_page_shows_protect_and_are_protected_like_others(tree: Tree, rest: int) -> None:
    counts, parent = tree
    counts = counts | {"rest": rest, "0": counts["0"] + rest}
    parent = parent | {"rest": "0"}
    hidden = concealed(counts, parent, unpublished={"rest"})
    assert worked_out(hidden, parent) == set()
    small = {code for code, count in counts.items() if count < FEWEST}
    assert not worked_out(hidden | {"rest"}, parent) & small


def test_a_lone_small_cell_takes_its_smallest_neighbour_with_it() -> None:
    parent = {"p": TOTAL, "p1": "p", "p2": "p", "p3": "p"}
    assert concealed({"p": 158, "p1": 3, "p2": 80, "p3": 75}, parent) == {"p1", "p3"}
