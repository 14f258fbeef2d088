"""What each kind of layer is read from: the columns that are declared, by their usual names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gis.errors import InputError
from gis.layers.vocabulary import plain
from gis.sources.columns import USUAL

#: How a row may say where it is; of several, the first that it gives.
PLACE: Final[Mapping[str, tuple[str, ...]]] = {
    "cell_code": ("cell_code", "cell", "网格编码", "网格代码", "所属网格"),
    "grid_codes": ("grid_codes",),
    "plan_version": ("plan_version",),
    "building_id": tuple(name for name in USUAL["building_ref"] if not name.startswith("osm")),
    "entrance": USUAL["entrance"],
    "floor": ("floor", "楼层", "所在楼层"),
    "lon": USUAL["lon"],
    "lat": USUAL["lat"],
    "datum": USUAL["datum"],
}
_LABEL = ("name", "名称", "店名", "单位名称", "地点名称", "组织名称", "企业名称", "机构名称")
_CATEGORY = ("category", "category_code", "类别", "类别编码", "分类", "大类")
_TIME = ("time", "received_at", "created_at", "requested_datetime", "时间", "上报时间", "受理时间")
_CLOSED = ("closed_at", "closed_date", "结案时间", "办结时间")
_STATE = ("state", "status_of_case", "状态", "办理状态")


@dataclass(frozen=True)
class Schema:
    """The columns of one kind of layer, beside those that say where a row is.

    Attributes
    ----------
    columns
        Names by meaning, in the order in which they are tried.
    needed
        Meanings of which at least one column is there.
    advice
        What to do where none is.
    """

    columns: Mapping[str, tuple[str, ...]]
    needed: tuple[str, ...]
    advice: str


SCHEMAS: Final[Mapping[str, Schema]] = {
    "people": Schema(
        {"category": _CATEGORY, "count": ("count", "数量", "人数")},
        (),
        "give counts by service category: columns such as residents, over_65, home_visit, or category and count",
    ),
    "places": Schema({"label": _LABEL, "category": (*_CATEGORY, "kind", "类型")}, ("category",), "name one category"),
    "things": Schema(
        {
            "label": ("code", "component_code", "部件编号", "编号", *_LABEL),
            "category": _CATEGORY,
            "type": ("type", "component_type", "类型", "部件类型", "小类"),
        },
        ("category", "type"),
        "name one category (component-01 …) or type",
    ),
    "events": Schema(
        {
            "category": _CATEGORY,
            "time": _TIME,
            "state": _STATE,
            "closed_at": _CLOSED,
            "due": ("due", "case_due", "deadline", "截止时间", "办理时限"),
        },
        ("category",),
        "name one category",
    ),
    "sentiment": Schema(
        {
            "category": _CATEGORY,
            "time": (*_CLOSED, *_TIME),
            "state": _STATE,
            "rating": ("rating", "satisfaction", "满意度", "评价", "评分"),
        },
        ("rating",),
        "name one rating: good, fair or poor, 1 to 5, or satisfied or not",
    ),
    "organisations": Schema(
        {
            "label": _LABEL,
            "category": (*_CATEGORY, "类型"),
            "grid": ("grid", "grid_name", "functional_grid", "trade_grid", "所属行业网格", "所属功能网格", "网格"),
            "grid_kind": ("grid_kind", "网格类型", "网格类别"),
        },
        ("grid",),
        "name one grid: the functional or trade grid it belongs to",
    ),
}
"""By kind."""

KINDS: Final = tuple(SCHEMAS)
#: All names that are declared; what is called `cell` here is no telephone.
EXPECTED: Final = frozenset(
    plain(name)
    for names in (PLACE, *(each.columns for each in SCHEMAS.values()))
    for usual in names.values()
    for name in usual
)


def schema(kind: str) -> Schema:
    """Return the schema of a kind.

    Raises
    ------
    InputError
        Where there is no such kind.
    """
    if kind not in SCHEMAS:
        raise InputError(f"no layers of kind '{kind}': choose one of {', '.join(KINDS)}")
    return SCHEMAS[kind]


def declared(columns: Iterable[str], names: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return the columns that are declared, by meaning: of each meaning the first name that is there."""
    held = {plain(column): column for column in columns}
    found = {
        meaning: next((held[plain(name)] for name in usual if plain(name) in held), "")
        for meaning, usual in names.items()
    }
    return {meaning: column for meaning, column in found.items() if column}
