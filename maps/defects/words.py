"""What a page of defects says besides the words of all pages, in Chinese and in English."""

import re

from gis.coverage.defects import SUGGESTIONS
from maps.words import Words, words

_ZH: Words = {
    "check": "覆盖检查",
    "level.cells": "单元",
    "level.parents": "上级单元",
    "defects": "缺陷",
    "verdict.valid": "已验证：无缝隙、无重叠、无缺陷",
    "verdict.certified": "已验证：无缝隙、无重叠；尚有其他缺陷",
    "verdict.invalid": "未通过验证",
    "kinds": "缺陷类型",
    "kinds.all": "全选",
    "kinds.none": "全不选",
    "list": "缺陷列表",
    "previous": "上一个",
    "next": "下一个",
    "previous.key": "上一个缺陷（P 键）",
    "next.key": "下一个缺陷（N 键）",
    "position": "{at} / {count}",
    "hidden": "所选类型中没有缺陷",
    "closer": "放大到细处",
    "farther": "看全貌",
    "id": "编号",
    "area": "面积",
    "length": "长度",
    "width": "宽度",
    "size.width": "宽 {width}",
    "size.points": "{count} 处",
    "size.point": "一点",
    "size.none": "无位置",
    "no_place": "该缺陷没有位置，图上不显示。",
    "advice": "建议",
    "locator": "全域中的位置",
    "no_script": "缺陷的列表与地图需要启用 JavaScript。",
    "defect.gap": "缝隙",
    "defect.hole": "空洞",
    "defect.inlet": "窄缺口",
    "defect.uncovered": "未覆盖",
    "defect.overlap": "重叠",
    "defect.contained": "被包含",
    "defect.outside": "越界",
    "defect.sliver": "细条",
    "defect.unmatched_vertex": "顶点不对应",
    "defect.duplicate": "重复图形",
    "defect.invalid": "图形无效",
    "defect.spike": "尖刺",
    "defect.empty": "没有图形",
    "defect.disconnected": "分成几块",
    "defect.corner_contact": "仅角点相连",
    "defect.exclave": "未声明的飞地",
    "defect.parent_child": "上下级不符",
    "defect.code": "编码有误",
    "defect.building": "建筑被切分",
    "defect.dwelling": "住户清单不符",
    "advice.gap": "此地无人负责：划给某个相邻单元，例如公共边界最长的一个。",
    "advice.hole": "单元中间有空洞：填上，或声明其为有意留出。",
    "advice.inlet": "外缘有一道窄缺口：划给某个相邻单元。",
    "advice.uncovered": "区域比单元大：扩大旁边的单元，或缩小区域。",
    "advice.overlap": "多个单元同时占有此地：只保留一个。",
    "advice.contained": "一个单元完全落在另一个之内：从外面的单元中挖去，或将两级分列。",
    "advice.outside": "此处超出区域：裁去，或扩大区域。",
    "advice.sliver": "细条过窄，不会是有意的：将两侧边界对齐。",
    "advice.unmatched_vertex": "两侧边界重合，但一侧缺少另一侧的顶点：补上该顶点。",
    "advice.duplicate": "同一图形出现多次：只保留一个。",
    "advice.invalid": "在此处重画边界。",
    "advice.spike": "边界沿同一条线出去又折回：删去尖端。",
    "advice.empty": "该单元没有图形：画出图形，或删去该行。",
    "advice.disconnected": "单元分成几块：连成一块，拆成几个单元，或声明为飞地。",
    "advice.corner_contact": "单元的几部分只在角点相接：沿边界连通，或将一部分划出。",
    "advice.exclave": "单元分成几块而未声明：声明为飞地，或连成一块。",
    "advice.parent_child": "下级单元没有铺满上级单元：按其中一级重画另一级。",
    "advice.code": "编码应唯一，并能对应到上级：更正该列。",
    "advice.building": "一栋建筑只属于一个单元：让边界绕开建筑。",
    "advice.dwelling": "每户只属于一个最低级单元：更正住户清单。",
}

_EN: Words = {
    "check": "Coverage check",
    "level.cells": "Cells",
    "level.parents": "Parents",
    "defects": "Defects",
    "verdict.valid": "Certified: no gap, no overlap, no defect",
    "verdict.certified": "Certified: no gap, no overlap; other defects remain",
    "verdict.invalid": "Not certified",
    "kinds": "Kinds",
    "kinds.all": "All",
    "kinds.none": "None",
    "list": "List of defects",
    "previous": "Previous",
    "next": "Next",
    "previous.key": "Previous defect (key P)",
    "next.key": "Next defect (key N)",
    "position": "{at} of {count}",
    "hidden": "No defect of the chosen kinds",
    "closer": "Close-up",
    "farther": "Whole defect",
    "id": "Id",
    "area": "Area",
    "length": "Length",
    "width": "Width",
    "size.width": "{width} wide",
    "size.points": "{count} points",
    "size.point": "a point",
    "size.none": "no place",
    "no_place": "This defect has no place on the map.",
    "advice": "What to do",
    "locator": "Place in the whole",
    "no_script": "The list and the map of defects need JavaScript.",
    "defect.gap": "Gap",
    "defect.hole": "Hole",
    "defect.inlet": "Inlet",
    "defect.uncovered": "Uncovered",
    "defect.overlap": "Overlap",
    "defect.contained": "Contained",
    "defect.outside": "Outside the area",
    "defect.sliver": "Sliver",
    "defect.unmatched_vertex": "Unmatched vertex",
    "defect.duplicate": "Duplicate",
    "defect.invalid": "Invalid shape",
    "defect.spike": "Spike",
    "defect.empty": "No shape",
    "defect.disconnected": "In several parts",
    "defect.corner_contact": "Corner contact",
    "defect.exclave": "Undeclared exclave",
    "defect.parent_child": "Parent not tiled",
    "defect.code": "Wrong code",
    "defect.building": "Divided building",
    "defect.dwelling": "Wrong dwellings",
}

_SUGGESTED_IN = "en"
# What the check notes about a single defect, by its pattern; what is not here is shown as it is.
_NOTES_ZH = {
    r"The area and its cells\.": "区域与其单元之间。",
    r"What should tile '(.*)' reaches beyond it\.": "应铺满“{}”的单元超出了它。",
    r"What should tile '(.*)' leaves this part uncovered of it\.": "应铺满“{}”的单元未盖住此处。",
    r"The border of '(.*)' and those of its children do not have the same vertices\.": "“{}”与下级单元的顶点不同。",
    r"(\d+) cells have the code '(.*)'\.": "{} 个单元的编码都是“{}”。",
    r"It has no code\.": "没有编码。",
    r"Its parent '(.*)' is no cell of the level above\.": "其上级“{}”不在上一级单元之中。",
    r"It names no parent\.": "没有写明上级。",
    r"It is drawn without any extent\.": "画出的图形没有面积。",
    r"A coordinate is no number, or no place on Earth\.": "有坐标不是数字，或不在地球上。",
    r"Its parts overlap\.": "其各部分相互重叠。",
    r"Its parts share a border, and should be one\.": "其各部分有公共边界，应为一块。",
    r"Several cells have it\.": "多个单元同时占有。",
    r"Nobody has it\.": "无人负责。",
    r"Building (.*) stands in (\d+) cells\.": "建筑“{}”落在 {} 个单元中。",
    r"Building (.*) stands in no cell\.": "建筑“{}”不在任何单元中。",
    r"Building (.*) is listed under '(.*)', where it does not stand\.": "建筑“{}”登记在“{}”，却不在其中。",
    r"Households of building (.*) are in no cell\.": "建筑“{}”的住户不属于任何单元。",
    r"Floors of building (.*) are listed twice\.": "建筑“{}”的楼层重复登记。",
    r"Building (.*) has (\d+) households, and (\d+) are listed\.": "建筑“{}”有 {} 户，登记了 {} 户。",
    r"(?:Ring )?Self-intersection\.": "边界自相交。",
    r"Interior is disconnected\.": "内部不连通。",
    r"Hole lies outside shell\.": "洞在外环之外。",
    r"Holes are nested\.": "洞中有洞。",
}


def defect_words(lang: str) -> Words:
    """Return what a page of defects says in a language.

    Raises
    ------
    InputError
        Where there is no such language.
    """
    return words(lang) | {"zh": _ZH, "en": _EN}[lang]


def advice(kind: str, suggestion: str, says: Words) -> str:
    """Return a suggestion of the check in the language of the page, its note first.

    Examples
    --------
    >>> advice("code", "It has no code. " + SUGGESTIONS["code"], defect_words("zh"))
    '没有编码。编码应唯一，并能对应到上级：更正该列。'
    """
    if says["lang"] == _SUGGESTED_IN or kind not in SUGGESTIONS:
        return suggestion
    noted = suggestion.removesuffix(SUGGESTIONS[kind]).strip()
    for pattern, said in _NOTES_ZH.items():
        if found := re.fullmatch(pattern, noted, re.DOTALL):
            noted = said.format(*found.groups())
    return noted + says[f"advice.{kind}"]
