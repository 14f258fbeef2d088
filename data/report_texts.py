"""Categories and short texts of the reports of a made town; nothing in them points to a person."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Category:
    """A category: its code, Chinese name, how often it is reported, and what is said."""

    code: str
    name: str
    often: float
    texts: tuple[str, ...]


CATEGORIES = (
    Category(
        "component-01",
        "部件·公用设施",
        9,
        ("井盖松动，车辆经过有响声", "路灯不亮", "电力箱门敞开", "雨水箅子被堵，积水排不走", "消火栓漏水"),
    ),
    Category(
        "component-02",
        "部件·道路交通",
        8,
        ("人行道地砖破损", "路面有坑洼", "交通护栏倾斜", "盲道被破坏", "路名牌歪斜看不清"),
    ),
    Category(
        "component-03",
        "部件·市容环境",
        7,
        ("果皮箱破损", "垃圾桶缺盖", "公共厕所水龙头坏了", "垃圾转运点门损坏"),
    ),
    Category(
        "component-04",
        "部件·园林绿化",
        6,
        ("行道树枯枝有掉落危险", "绿地护栏缺失", "花坛池壁破损", "树木倾斜需要支护"),
    ),
    Category("component-05", "部件·其他设施", 3, ("宣传栏玻璃破碎", "健身器材螺丝松动", "河边护栏缺损")),
    Category("component-06", "部件·其他部件", 2, ("楼道应急灯不亮", "小区门禁损坏", "无障碍坡道损坏")),
    Category(
        "event-1",
        "事件·市容环境",
        16,
        ("垃圾满溢没有清运", "路面有污物", "绿地内堆放杂物", "沿街渣土遗撒", "河道有漂浮物"),
    ),
    Category("event-2", "事件·宣传广告", 6, ("墙面有小广告", "横幅悬挂过期", "店招灯箱破损有隐患")),
    Category("event-3", "事件·施工管理", 5, ("夜间施工有噪声", "工地扬尘没有覆盖", "施工占道没有围挡")),
    Category("event-4", "事件·突发事件", 3, ("自来水管爆裂，路面冒水", "路面塌陷，需要围挡", "暖气管道漏水")),
    Category(
        "event-5",
        "事件·街面秩序",
        14,
        ("非机动车占用盲道", "店外经营占道", "机动车停在消防通道", "流动摊点堵住路口", "共享单车乱停"),
    ),
)
_TEXTS = {category.code: category.texts for category in CATEGORIES}


def describe(code: str, rng: np.random.Generator) -> str:
    """Return a short sentence for a report of a category."""
    texts = _TEXTS[code]
    return texts[int(rng.integers(len(texts)))] + str(rng.choice(["。", "，请处理。", "，已有几天。"]))
