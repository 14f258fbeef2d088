"""What became of codes that are given up: a code is never used again, and names its successors."""

from collections.abc import Container, Mapping


def living_heirs(code: str, retired: Mapping[str, list[str]], living: Container[str]) -> list[str]:
    """Follow a retired code to the cells that are left of it, through those that came and went in between.

    Parameters
    ----------
    code
        Given up at some time.
    retired
        Successors by code, over all revisions: ``metadata["retired"]`` of a plan.
    living
        Codes of today.

    Returns
    -------
    list of str
        Each once; empty where nothing is left.
    """
    found: dict[str, None] = {}
    seen, ahead = {code}, [*retired.get(code, [])]
    while ahead:
        heir = str(ahead.pop(0))
        if heir in living:
            found[heir] = None
        elif heir not in seen:
            seen.add(heir)
            ahead += retired.get(heir, [])
    return list(found)
