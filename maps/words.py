"""What a page says, in Chinese and in English."""

from gis.errors import InputError

Words = dict[str, str]

_ZH: Words = {
    "lang": "zh-CN",
    "levels": "层级",
    "level.community": "社区",
    "level.grid": "网格",
    "level.micro": "微网格",
    "cells": "单元",
    "households": "户数",
    "total_households": "总户数",
    "reports": "事件数",
    "in_band": "达标",
    "in_band_share": "达标 {share}（{lower}–{upper} 户）",
    "band": "标准",
    "rule.households": "户数超出标准",
    "rule.exclave": "飞地",
    "rule.hole": "围住其他单元",
    "rule.together": "未能保持完整",
    "rule.apart": "未能分开",
    "rule.walk": "步行过长",
    "band.yes": "达标",
    "band.no": "超出标准",
    "band.none": "无标准",
    "certificate.yes": "全域覆盖、无缝隙、无重叠：已验证",
    "certificate.no": "全域覆盖未通过验证",
    "colour_by": "底色",
    "layers": "图层",
    "layer.cells": "单元底色",
    "layer.borders": "单元边界",
    "layer.labels": "注记",
    "layer.buildings": "建筑",
    "layer.streets": "道路与界线",
    "layer.land": "水系、绿地与公共设施",
    "layer.reports": "事件",
    "legend": "图例",
    "hatched": "超出户数标准",
    "withheld": "保护小数，不公布",
    "withheld.short": "不公布",
    "search": "按编码或名称查找",
    "nothing_found": "没有找到",
    "table": "单元列表",
    "table.hint": "点击编码可在图上定位",
    "code": "编码",
    "name": "名称",
    "kind": "类型",
    "kind.general": "普通网格",
    "kind.exclusive": "专属网格",
    "kind.rural": "农村网格",
    "kind.unpopulated": "无住户",
    "floors": "楼层",
    "stacked": "同一楼栋按楼层划分",
    "reason": "说明",
    "qr.sheet": "网格二维码",
    "qr.scan": "扫码上报 · Scan to report",
    "qr.floors": "{lower}–{upper} 层",
    "map": "地图",
    "close": "关闭",
    "zoom_in": "放大",
    "zoom_out": "缩小",
    "whole": "显示全图",
    "status.inside": "落在单元内",
    "status.nearest": "界外，归最近单元",
    "status.outside": "界外",
    "status.ask_address": "需补充楼层地址",
    "status.rejected": "坐标无效，未上图",
    "category": "类别",
    "time": "时间",
    "description": "描述",
    "cell": "单元",
    "no_cell": "未定",
    "river": "河流",
    "rail": "铁路",
    "public_note": "公开版：不足 11 的数字及可据以推算的数字不公布；不含事件内容与位置。",
    "no_script": "地图需要启用 JavaScript；下表内容相同。",
}

_EN: Words = {
    "lang": "en",
    "levels": "Level",
    "level.community": "Community",
    "level.grid": "Grid",
    "level.micro": "Micro-grid",
    "cells": "Cells",
    "households": "Households",
    "total_households": "Households",
    "reports": "Reports",
    "in_band": "In band",
    "in_band_share": "{share} in band ({lower}–{upper})",
    "band": "band",
    "band.yes": "in band",
    "band.no": "out of band",
    "band.none": "no band",
    "certificate.yes": "Full coverage, no gap, no overlap: proved",
    "certificate.no": "Full coverage is not proved",
    "colour_by": "Colour",
    "layers": "Layers",
    "layer.cells": "Cell colours",
    "layer.borders": "Cell borders",
    "layer.labels": "Labels",
    "layer.buildings": "Buildings",
    "layer.streets": "Streets and lines",
    "layer.land": "Water, green, public places",
    "layer.reports": "Reports",
    "legend": "Legend",
    "hatched": "out of the band",
    "withheld": "not published",
    "withheld.short": "not published",
    "search": "Find a code or a name",
    "nothing_found": "Nothing found",
    "table": "List of cells",
    "table.hint": "A code shows its cell on the map",
    "code": "Code",
    "name": "Name",
    "kind": "Kind",
    "kind.general": "general",
    "kind.exclusive": "exclusive",
    "kind.rural": "rural",
    "kind.unpopulated": "unpopulated",
    "floors": "Floors",
    "stacked": "one building, divided by floors",
    "reason": "Note",
    "qr.sheet": "QR codes of the cells",
    "qr.scan": "Scan to report · 扫码上报",
    "qr.floors": "floors {lower}–{upper}",
    "map": "Map",
    "close": "Close",
    "zoom_in": "Zoom in",
    "zoom_out": "Zoom out",
    "whole": "Show all",
    "status.inside": "inside a cell",
    "status.nearest": "outside, sent to the nearest cell",
    "status.outside": "outside",
    "status.ask_address": "floor needed",
    "status.rejected": "no valid place, not drawn",
    "category": "Category",
    "time": "Time",
    "description": "Description",
    "cell": "Cell",
    "no_cell": "open",
    "river": "River",
    "rail": "Railway",
    "public_note": "Public page: figures below 11, and those that would give them away, are left out; so are texts and "
    "places of reports.",
    "no_script": "The map needs JavaScript; the table says the same.",
}

_LANGUAGES = {"zh": _ZH, "en": _EN}


def words(lang: str) -> Words:
    """Return what a page says in a language.

    Raises
    ------
    InputError
        Where there is no such language.
    """
    if lang not in _LANGUAGES:
        raise InputError(f"language '{lang}': choose one of {', '.join(_LANGUAGES)}")
    return _LANGUAGES[lang]


def named(says: Words, what: str, name: str) -> str:
    """Return the word for a level or kind; the name itself where there is none, as with a user's own levels.

    Examples
    --------
    >>> named(words("en"), "level", "micro"), named(words("en"), "level", "beat")
    ('Micro-grid', 'beat')
    """
    return says.get(f"{what}.{name}", name)
