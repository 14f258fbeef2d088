"""What a notice card says besides the words of all pages, in Chinese and in English."""

from maps.report.words import report_words
from maps.words import Words

_ZH: Words = {
    "card": "网格公示卡",
    "card.title": "{level}公示卡",
    "card.north": "北",
    "card.map": "{name}地图",
    "card.locator": "本{level}所在位置",
    "card.households": "户数",
    "card.households.said": "约 {count} 户",
    "card.noted": "{told}（{notes}）",
    "card.ground": "面积",
    "card.ground.said": "{ha} 公顷，建筑 {buildings} 栋",
    "card.basis": "来源：{basis}",
    "card.as_of": "数据日期 {date}",
    "card.sides": "四至",
    "card.side.east": "东至",
    "card.side.south": "南至",
    "card.side.west": "西至",
    "card.side.north": "北至",
    "card.and": "、",
    "card.or": "；",
    "card.beside": "{level} {codes}",
    "card.rim": "{area}界",
    "card.homes": "范围",
    "card.homes.more": "等共 {count} 个单元",
    "card.shared": "与{level} {codes} 同在一处楼栋，按楼层划分",
    "card.key.own": "本{level}界",
    "card.key.other": "相邻{level}界及编号",
    "card.key.parent": "{level}界",
    "card.roles": "服务人员与职责",
    "card.role": "岗位",
    "card.duties": "职责",
    "card.unit": "责任单位 / 办公电话",
    "card.hand": "姓名（手填）",
    "card.scan": "扫码上报",
    "card.version": "方案编号 {version}",
    "card.valid": "自 {date} 起施行",
    "card.credit": "底图 © OpenStreetMap 贡献者（ODbL）",
}

_EN: Words = {
    "card": "Notice cards of the cells",
    "card.title": "{level} notice card",
    "card.north": "N",
    "card.map": "Map of {name}",
    "card.locator": "Where this cell lies ({level})",
    "card.households": "Households",
    "card.households.said": "about {count}",
    "card.noted": "{told} ({notes})",
    "card.ground": "Area",
    "card.ground.said": "{ha} ha; buildings: {buildings}",
    "card.basis": "{basis}",
    "card.as_of": "data of {date}",
    "card.sides": "Boundaries",
    "card.side.east": "East",
    "card.side.south": "South",
    "card.side.west": "West",
    "card.side.north": "North",
    "card.and": ", ",
    "card.or": "; ",
    "card.beside": "{level} {codes}",
    "card.rim": "edge of {area}",
    "card.homes": "Homes",
    "card.homes.more": "{count} entrances in all",
    "card.shared": "Shares its ground by floors with {level} {codes}",
    "card.key.own": "This cell ({level})",
    "card.key.other": "Neighbours and their numbers ({level})",
    "card.key.parent": "Border: {level}",
    "card.roles": "Who serves here",
    "card.role": "Role",
    "card.duties": "What they do",
    "card.unit": "Office / office telephone",
    "card.hand": "Name (by hand)",
    "card.scan": "Scan to report",
    "card.version": "Plan {version}",
    "card.valid": "in force from {date}",
    "card.credit": "Map data © OpenStreetMap contributors (ODbL)",
}


def card_words(lang: str) -> Words:
    """Return what a card says in a language.

    Raises
    ------
    InputError
        Where there is no such language.
    """
    return report_words(lang) | {"zh": _ZH, "en": _EN}[lang]
