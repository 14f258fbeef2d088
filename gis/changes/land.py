"""Land of one level in two plans: which polygons are the same, and how much of the others changed hands."""

import geopandas as gpd
import pandas as pd
import shapely

from gis.arrays import Geometries

# Land below which two polygons only touch.
_TOUCHING_M2 = 1.0


def land_of(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    """Compare the ground polygon of each code; only polygons that differ are laid over each other.

    Parameters
    ----------
    before, after
        Cells of one level, `code` as index, `ground_code`, geometry.

    Returns
    -------
    pandas.DataFrame
        By code of either plan: `same` (vertex by vertex), `before_m2`, `after_m2`, `shared_m2` (0 where a plan does
        not have it), `changed_m2` (land after that did not belong to the code before; counted for one cell of each
        ground, so that it can be summed).
    """
    codes = before.index.union(after.index)
    table = pd.DataFrame(index=codes)
    for name, cells in (("before_m2", before), ("after_m2", after)):
        table[name] = pd.Series(cells.area, index=cells.index).reindex(codes).fillna(0.0)
    both = before.index.intersection(after.index)
    old, new = (cells.geometry.loc[both].to_numpy() for cells in (before, after))
    same = pd.Series(_keys(old) == _keys(new), index=both)
    shared = pd.Series(shapely.area(old), index=both)
    differ = ~same.to_numpy()
    shared[differ] = shapely.area(shapely.intersection(old[differ], new[differ]))
    table["same"] = same.reindex(codes, fill_value=False)
    table["shared_m2"] = shared.reindex(codes).fillna(0.0)
    was_ground, is_ground = (codes.isin(cells["ground_code"]) for cells in (before, after))
    table["changed_m2"] = (table["after_m2"] - table["shared_m2"].where(was_ground, 0.0)).where(is_ground, 0.0)
    return table


def overlapped(cells: gpd.GeoDataFrame, others: gpd.GeoDataFrame) -> dict[str, list[str]]:
    """Find the grounds of another plan on which cells lie, the largest shared land first.

    Parameters
    ----------
    cells, others
        Cells of one level, `code` as index, `ground_code`, geometry.
    """
    grounds = others[others.index == others["ground_code"]]
    shapes = cells.geometry.to_numpy()
    row, ground = shapely.STRtree(grounds.geometry.to_numpy()).query(shapes, predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[row], grounds.geometry.to_numpy()[ground]))
    found: dict[str, list[str]] = {str(code): [] for code in cells.index}
    for k in (-shared).argsort(kind="stable"):
        if shared[k] > _TOUCHING_M2:
            found[str(cells.index[row[k]])].append(str(grounds.index[ground[k]]))
    return found


def _keys(shapes: Geometries) -> Geometries:
    return shapely.to_wkb(shapely.normalize(shapes))
