"""Shops, institutions and firms of a made town; every name in it is made up, and none is a person's."""

from collections.abc import Iterator, Mapping
from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from data.datum_shift import gcj02
from data.town_names import COMPOUND_HEADS, STREET_WORDS
from data.town_parts import Floats

#: What stands in a shop: category, how often, and the ends of its name.
SHOPS = (
    ("food", 30, ("面馆", "饭庄", "早点铺", "饺子馆", "小吃店", "茶餐厅")),
    ("shop", 42, ("超市", "便利店", "五金店", "服装店", "水果店", "理发店", "文具店", "洗衣店", "花店", "眼镜店")),
    ("health", 8, ("药店", "口腔门诊", "大药房")),
    ("bank", 6, ("储蓄所", "银行网点")),
    ("post", 6, ("快递驿站", "邮政所")),
    ("culture", 4, ("书店", "健身馆", "棋社")),
    ("lodging", 4, ("宾馆", "旅店")),
)
LAND = {"school": "school", "hospital": "health", "market": "market", "green": "park"}
#: Bus stops stand so far from one another along arterials (metres).
STOPS = 420.0
#: Shares of the places that come from a survey and from a map service.
DATUMS, SHARES = ("wgs84", "gcj02"), (0.7, 0.3)
#: Functional and trade grids, as many as Xiyuan has, with the kinds of buildings their members sit in.
FUNCTIONAL = (
    ("教育网格", ("培训学校", "幼儿园", "托管中心"), ("school", "office", "shop")),
    ("医疗健康网格", ("诊所", "康复中心", "体检中心"), ("hospital", "shop")),
    ("楼宇网格", ("科技有限公司", "咨询有限公司", "设计有限公司"), ("office",)),
    ("园区网格", ("制造有限公司", "仓储有限公司", "包装有限公司"), ("factory", "warehouse")),
)
TRADE = (
    ("餐饮行业网格", ("餐饮有限公司", "饭庄")),
    ("商超行业网格", ("超市", "商贸有限公司")),
    ("药品行业网格", ("药店", "医药有限公司")),
    ("住宿行业网格", ("宾馆", "酒店管理有限公司")),
    ("美容美发行业网格", ("美发店", "美容店")),
    ("物流快递行业网格", ("快递站", "物流有限公司")),
    ("建材行业网格", ("建材店", "装饰有限公司")),
    ("汽修行业网格", ("汽修厂", "洗车店")),
    ("金融行业网格", ("储蓄所", "保险网点")),
    ("文体行业网格", ("书店", "健身馆")),
)
FUNCTIONAL_MEMBERS, TRADE_MEMBERS = 103, 206


def make_places(town: Mapping[str, gpd.GeoDataFrame], rng: np.random.Generator) -> pd.DataFrame:
    """Return points of interest, of a survey in WGS 84 and of a map service in GCJ-02.

    Parameters
    ----------
    town
        The layers of the town, EPSG:4547.
    rng
        Source of every choice.

    Returns
    -------
    pandas.DataFrame
        `name`, `category`, `lon`, `lat`, `datum`.
    """
    shops, names = _shops(town["buildings"], rng)
    kinds = rng.choice(len(SHOPS), len(shops), p=np.array([often for _, often, _ in SHOPS]) / 100)
    rows = [(next(names) + rng.choice(SHOPS[kind][2]), SHOPS[kind][0]) for kind in kinds]
    places = [shapely.get_coordinates(shapely.point_on_surface(shops.geometry.to_numpy()))]
    land = town["land"][town["land"]["kind"].isin(list(LAND))]
    rows += [(name, LAND[kind]) for name, kind in zip(land["name"], land["kind"], strict=True)]
    places.append(shapely.get_coordinates(shapely.point_on_surface(land.geometry.to_numpy())))
    for name, shape in zip(town["communities"]["name"], town["communities"].geometry, strict=True):
        rows.append((f"{name}党群服务中心", "government"))
        places.append(shapely.get_coordinates(shapely.point_on_surface(shape)))
    for name, spots in _stops(town["streets"]):
        rows += [(f"{name}{number}站", "transport") for number in range(1, len(spots) + 1)]
        places.append(spots)
    return _mapped(rows, np.vstack(places), rng)


def make_organisations(buildings: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return organisations with the functional or trade grid they belong to, wherever in the town they sit.

    Parameters
    ----------
    buildings
        `building_id`, `use`.
    rng
        Source of every choice.

    Returns
    -------
    pandas.DataFrame
        `name`, `category`, `grid`, `grid_kind`, `building_id`.
    """
    names = _names(rng)
    wanted = [(*FUNCTIONAL[k % len(FUNCTIONAL)], "functional") for k in range(FUNCTIONAL_MEMBERS)]
    wanted += [(*TRADE[k % len(TRADE)], ("shop", "market", "office"), "trade") for k in range(TRADE_MEMBERS)]
    ids = {use: own["building_id"].to_numpy() for use, own in buildings.groupby("use")}
    rows = []
    for grid, ends, uses, kind in wanted:
        held = np.concatenate([ids[use] for use in uses if use in ids])
        category = grid.removesuffix("网格").removesuffix("行业")
        rows.append((next(names) + rng.choice(ends), category, grid, kind, rng.choice(held)))
    return pd.DataFrame(rows, columns=["name", "category", "grid", "grid_kind", "building_id"])


def _shops(buildings: gpd.GeoDataFrame, rng: np.random.Generator) -> tuple[gpd.GeoDataFrame, Iterator[str]]:
    """Return where shops are, those in ground floors of towers and slabs among them, and names for them."""
    use = buildings["use"]
    below = (use == "tower") | ((use == "slab") & (rng.random(len(buildings)) < 1 / 3))
    return buildings[(use == "shop") | (use == "market") | below], _names(rng)


def _stops(streets: gpd.GeoDataFrame) -> Iterator[tuple[str, Floats]]:
    """Yield bus stops along the arterials, by road."""
    roads = streets[streets["kind"] == "arterial"]
    for name, shapes in roads.groupby("name").geometry:
        at = [shapely.line_interpolate_point(line, np.arange(STOPS / 2, line.length, STOPS)) for line in shapes]
        yield str(name), shapely.get_coordinates(np.concatenate(at))


def _mapped(rows: list[tuple[str, str]], places: Floats, rng: np.random.Generator) -> pd.DataFrame:
    """Write places with their longitude and latitude in one of the datums."""
    table = pd.DataFrame(rows, columns=["name", "category"])
    table["datum"] = rng.choice(DATUMS, len(table), p=SHARES)
    lon, lat = Transformer.from_crs("EPSG:4547", "EPSG:4326", always_xy=True).transform(*places.T)
    moved = gcj02(lon, lat)
    for column, plain, shifted in (("lon", lon, moved[0]), ("lat", lat, moved[1])):
        degrees = pd.Series(np.where(table["datum"] == "gcj02", shifted, plain))
        table[column] = degrees.map("{:.8f}".format)
    return table[["name", "category", "lon", "lat", "datum"]]


def _names(rng: np.random.Generator) -> Iterator[str]:
    """Yield first parts of names, each once."""
    heads = [one + other for one, other in product(COMPOUND_HEADS, STREET_WORDS)]
    return iter([heads[k] for k in rng.permutation(len(heads))])
