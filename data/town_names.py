"""Chinese names for a made town: roads, lanes, compounds, institutions, communities."""

from collections.abc import Iterator
from itertools import product

import numpy as np


def _words(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()


DISTRICT = "明河区"
OFFICE = "西柳街道"
OFFICE_CODE = "130105005"
RIVER = "柳清河"
RAILWAY = "柳石铁路"
AVENUES = ("西苑大街", "友谊大街", "平安大街", "红柳大街")
ROADS = ("南柳路", "建新路", "安泰路", "北环路")
SOUTH_BANK, NORTH_BANK, STATION_ROAD = "滨河南路", "滨河北路", "站前路"
STREET_WORDS = _words("""
    春晓 文汇 康宁 育才 学苑 丰收 永安 集贤 兴华 新苑 青园 槐中 柏林 东风 向阳 胜利
    工农 和顺 锦绣 银泉 石坊 维明 金柳 华清 瑞景 同乐 富康 仁和 长兴 景明 福泽 宁安
    翠屏 苗圃 汇通 泰华 裕丰 正东 水源 北荣
""")
LANE_WORDS = _words("""
    槐树 井台 石桥 柳荫 磨坊 油坊 粮店 豆腐 竹竿 鼓楼 枣园 菜市 木器 铁匠 染坊 纸坊
    药铺 车马 书院 牌楼 酱园 葫芦 椿树 榆钱 杏花 桃园 梨园 皂角 东井 西井 大院 小院
    后街 前街 北坑 南坑 白塔 青石 红砖 瓦窑
""")
LANE_KINDS = ("胡同", "巷")
COMPOUND_HEADS = _words("""
    翠柳 金槐 锦江 兰亭 荷塘 紫荆 清泉 丹枫 秋实 春江 云杉 碧水 明珠 天泽 宏远 万和
    盛景 华府 水岸 朝阳
""")
COMPOUND_TAILS = _words("{}小区 {}花园 {}家园 {}苑 {}新村")
TOWER_TAILS = _words("{}国际 {}华庭 {}公馆 {}名邸 {}城")
TRADES = _words("铁路 电力 粮食 邮电 煤建 建筑 物资 外贸 供销 商贸 水利 地质")
FACTORIES = _words("棉纺 机床 纺机 制药 水泵 印刷 变压器 建材")
COMMUNITY_WORDS = _words("柳岸 槐中 西苑 石桥 清河 平安 站前 春晓 永安 翠屏")
NUMERALS = "一二三四五六七八九十"


def numeral(number: int) -> str:
    """Return a number from 1 to 99 in Chinese characters.

    >>> numeral(7), numeral(10), numeral(24)
    ('七', '十', '二十四')
    """
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else NUMERALS[tens - 1] + "十"
    return head + (NUMERALS[ones - 1] if ones else "")


class Names:
    """Names drawn without repetition, in an order fixed by the generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._streets = _endless(rng, STREET_WORDS, ["{}", "{}东", "{}西", "{}南", "{}北"])
        self._lanes = _endless(rng, LANE_WORDS, ["{}", "大{}", "小{}"])
        self._compounds = _endless(rng, COMPOUND_HEADS, COMPOUND_TAILS, mixed=True)
        self._towers = _endless(rng, COMPOUND_HEADS, TOWER_TAILS, mixed=True)
        self._trades = _endless(rng, TRADES, ["{}", "第二{}", "第三{}"])
        self._factories = _endless(rng, FACTORIES, ["{}厂", "第二{}厂", "第三{}厂"])
        self._staff_homes = _endless(rng, [*TRADES, *FACTORIES], ["{}宿舍", "{}南院", "{}北院"])
        self._institutions = _endless(rng, STREET_WORDS, ["{}", "新{}"])
        self._communities = _endless(rng, COMMUNITY_WORDS, ["{}社区", "新{}社区"])

    def street(self, *, northward: bool) -> str:
        """Return a street's name: 街 runs north, 路 runs east, as in Shijiazhuang."""
        return next(self._streets) + ("街" if northward else "路")

    def lane(self) -> str:
        """Return the first part of a lane's name; 巷, 胡同 or a number follows."""
        return next(self._lanes)

    def compound(self, rng: np.random.Generator) -> str:
        """Return the name of a compound of slab blocks, often that of the works that built it."""
        by_works = rng.random() < 1 / 3
        return next(self._staff_homes) if by_works else next(self._compounds)

    def towers(self) -> str:
        """Return the name of a compound of towers."""
        return next(self._towers)

    def institution(self) -> str:
        """Return the first part of the name of a school, a hospital or a market."""
        return next(self._institutions)

    def trade(self) -> str:
        """Return the first part of the name of a company or depot."""
        return next(self._trades)

    def factory(self) -> str:
        """Return the name of a factory."""
        return next(self._factories)

    def community(self) -> str:
        """Return the name of a community."""
        return next(self._communities)


def _endless(rng: np.random.Generator, words: list[str], patterns: list[str], *, mixed: bool = False) -> Iterator[str]:
    """Yield every word in a pattern once, then in the next; `mixed` changes the pattern from word to word."""
    order = [words[i] for i in rng.permutation(len(words))]
    size = len(patterns)
    for turn in range(99):
        mark = "" if turn == 0 else numeral(turn + 1) + "期"
        for shift, (place, word) in product(range(size), enumerate(order)):
            yield patterns[(place + shift) % size if mixed else shift].format(word) + mark
