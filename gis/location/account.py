"""Why a report was sent where it was, told in full."""

import numpy as np

from gis.location.reports import Reports
from gis.location.routing import Router
from gis.location.sent import Sent


def account(router: Router, reports: Reports, sent: Sent, k: int) -> dict[str, str]:
    """Tell how report `k` was understood and decided, step by step.

    Parameters
    ----------
    router
        Of the plan in force.
    reports, sent
        What was given, and what `router.send` made of it.
    k
        Row of the report, from nought.

    Returns
    -------
    dict
        Step → what was found there, in the order of deciding.
    """
    steps = {"given": _given(reports, k)}
    if np.isfinite(sent.x[k]):
        steps["place"] = f"{sent.x[k]:.1f} east, {sent.y[k]:.1f} north in {router.site.crs.name}"
        stated = "stated" if reports.radius_m[k] > 0 else "assumed"
        steps["accuracy"] = f"{sent.radius_m[k]:g} m, {stated}, holds {router.rule.confidence:.0%}"
        steps["pin"] = _pin(router, sent, k)
    else:
        steps["place"] = "none"
    if sent.row[k] >= 0:
        shares = zip(sent.certainty.cells[k].tolist(), sent.certainty.shares[k].tolist(), strict=True)
        steps["cells"] = ", ".join(f"{router.grounds[at]} {share:.1%}" for at, share in shares if share > 0)
        levels = zip(router.plan.levels, sent.certainty.at_level[k].tolist(), strict=True)
        steps["levels"] = ", ".join(f"{level} {share:.1%}" for level, share in levels)
    if k in sent.told:
        word = sent.told[k]
        steps[word.basis] = f"{word.code or 'nothing'}, {word.share:.0%}" + (f": {word.reason}" if word.reason else "")
    steps["decided"] = f"{sent.status[k]}, {sent.action[k]}" + (f", by {sent.basis[k]}" if sent.basis[k] else "")
    if sent.reason[k]:
        steps["because"] = sent.reason[k]
    steps["in force"] = f"plan {router.plan.version}, rule {router.rule.version}"
    return steps


def _given(reports: Reports, k: int) -> str:
    named = reports.datums[reports.datum[k]]
    parts = [f"{reports.lon[k]}, {reports.lat[k]} ({named if isinstance(named, str) else named.name})"]
    parts += [f"{name} {text}" for name in ("source", "address", "qr") if (text := getattr(reports, name)[k])]
    return "; ".join(parts)


def _pin(router: Router, sent: Sent, k: int) -> str:
    if sent.row[k] < 0:
        return f"more than {router.rule.nearest_m:g} m outside the area"
    across = [router.grounds[side] for side in sent.sides[k] if side != sent.row[k]]
    where = "beside" if sent.beside[k] else "in"
    return f"{where} {router.grounds[sent.row[k]]}, {sent.distance_m[k]:.1f} m from the border with {', '.join(across)}"
