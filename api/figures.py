"""The figures of a plan that matter, for people and for machines."""

from typing import Any

import numpy as np
import shapely

from gis.plan import Plan


def plan_figures(plan: Plan) -> dict[str, Any]:
    """Count cells, households and shares in band, level by level, with the verdict of the certificate."""
    figures: dict[str, Any] = {
        "area_km2": round(float(plan.area.area.sum()) / 1e6, 2),
        "households": int(plan.buildings["households"].sum()),
        "household_basis": plan.metadata["household_basis"],
        "buildings": len(plan.buildings),
        "certificate": "holds" if plan.metadata["certificate"]["valid"] else "does not hold",
    }
    for level in plan.levels:
        cells = plan.at_level(level)
        shapes = cells.drop_duplicates("ground_code").geometry.to_numpy()
        round_as = float(np.mean(4 * np.pi * shapely.area(shapes) / shapely.length(shapes) ** 2))
        found: dict[str, Any] = {"cells": len(cells), "polsby_popper": round(round_as, 3)}
        if band := plan.metadata["bands"].get(level):
            share = float(cells["households"].between(*band).mean())
            found |= {"band": band, "in_band": f"{share:.1%}"}
        figures[level] = found
    figures["exceptions"] = {str(rule): int(n) for rule, n in plan.exceptions["rule"].value_counts().items()}
    if left_out := plan.metadata["left_out"]:
        figures["left_out"] = sum(row["count"] for row in left_out)
    return figures
