"""The figures of a plan that matter, for people and for machines."""

from typing import Any

from gis.plan import Plan


def plan_figures(plan: Plan) -> dict[str, Any]:
    """Count households, buildings and exceptions, with the verdict of the certificate and the quality of each level."""
    figures: dict[str, Any] = {
        "area_km2": round(float(plan.area.area.sum()) / 1e6, 2),
        "households": int(plan.buildings["households"].sum()),
        "household_basis": plan.metadata["household_basis"],
        "buildings": len(plan.buildings),
        "certificate": "holds" if plan.metadata["certificate"]["valid"] else "does not hold",
        "bands": plan.metadata["bands"],
        "exceptions": {str(rule): int(n) for rule, n in plan.exceptions["rule"].value_counts().items()},
    }
    if rules := plan.metadata.get("rules"):
        figures["rules"] = {"kept": sum(rule["kept"] for rule in rules), "not kept": _not_kept(rules)}
    if left_out := plan.metadata["left_out"]:
        figures["left_out"] = sum(row["count"] for row in left_out)
        figures["left_out_because"] = {f"{row['layer']}: {row['reason']}": row["count"] for row in left_out}
    return figures | {"quality": plan.metadata["quality"]}


def _not_kept(rules: list[dict[str, Any]]) -> list[str]:
    """Say of each rule that was not kept why."""
    return [f"row {rule['row']} ({rule['rule']}): {rule['reason']}" for rule in rules if not rule["kept"]]
