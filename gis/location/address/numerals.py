"""Signs of numbers and of address grammar, brought to one way of writing."""

import re
from typing import Final

_DIGITS: Final = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}
NUMERALS: Final = "".join((*_DIGITS, *_UNITS, "廿", "卅"))
# A run that touches digits is a slip of some kind: 1一号 is not 11号.
_RUN: Final = re.compile(f"(?<![0-9{NUMERALS}])[{NUMERALS}]+(?![0-9{NUMERALS}])")
# A longer run is no number, and looking for its end from each of its signs would take its square.
_LONGEST: Final = 12
# Only what follows makes a number of it: 三里河路, 二七路, 中山北路二段 and 一号路 are names.
_OF_ADDRESS: Final = re.compile(
    f"(?<![0-9{NUMERALS}])[{NUMERALS}]{{1,{_LONGEST}}}(?=号(?![路线桥])|#|栋|幢|座|单元|门(?![路街巷诊头市口牌峡])|[层楼](?![路街巷村镇]|胡同)|室|邻|之|附|-|排)"
    f"|(?<=[之附-])[{NUMERALS}]{{1,{_LONGEST}}}|(?<=[元楼层号])[{NUMERALS}]{{3,{_LONGEST}}}$"
)
_TRADITIONAL: Final = "號樓臺區鄰棟層單門縣鄉鎮園條莊戶國東廣場廠學華興長馬橋樂陽龍蘭灣衚衕雙義榮慶寧濟無負"
_SIMPLE: Final = "号楼台区邻栋层单门县乡镇园条庄户国东广场厂学华兴长马桥乐阳龙兰湾胡同双义荣庆宁济无负"
_DASHES: Final = "‐‑‒–—―−－～~﹣ー"
_APART: Final = ". \t\n\r\f\v\u00a0\u3000,，。、;；:：/／|｜()（）[]【】「」『』《》<>\"'“”‘’·!！?？*＊_＿"
_HALF: Final = (
    {chr(code): chr(code).upper() for code in range(0x21, 0x7F)}
    | dict(zip(_TRADITIONAL, _SIMPLE, strict=True))
    | dict.fromkeys(_DASHES, "-")
    | dict.fromkeys(_APART, " ")
)
_SIGNS: Final = str.maketrans({chr(code + 0xFEE0): _HALF[chr(code)] for code in range(0x21, 0x7F)} | _HALF)


def to_digits(signs: str) -> str | None:
    """Return a Chinese numeral in digits; None where the signs make no number.

    Examples
    --------
    >>> [to_digits(signs) for signs in ("八", "十二", "二十", "一百零八", "五〇一", "廿三", "一百二", "十十")]
    ['8', '12', '20', '108', '501', '23', None, None]
    """
    signs = signs.replace("廿", "二十").replace("卅", "三十")
    if not any(sign in _UNITS for sign in signs):
        return "".join(str(_DIGITS[sign]) for sign in signs)
    total, digit, ceiling, skipped = 0, None, 10**4, False
    for sign in signs:
        if sign in _UNITS:
            unit = _UNITS[sign]
            if unit >= ceiling or digit == 0 or (digit is None and unit > 10):  # noqa: PLR2004 (ten may stand alone)
                return None
            total, ceiling, digit, skipped = total + (digit or 1) * unit, unit, None, False
        elif digit:
            return None
        else:
            skipped = digit == 0 or skipped or sign in "零〇"
            digit = _DIGITS[sign]
    # 一百二 is said for 120, but written it may also be a slip for 102.
    if digit and ceiling > 10 and not skipped:  # noqa: PLR2004
        return None
    return str(total + (digit or 0))


def unify_signs(text: str) -> str:
    """Write letters and digits half-width, letters large, signs of address grammar simplified, separators as spaces.

    Examples
    --------
    >>> unify_signs("１６號，ｂ座")
    '16号 B座'
    """
    return text.translate(_SIGNS)


def count_in_digits(text: str) -> str:
    """Turn Chinese numerals into digits where they number something of an address, and leave names alone.

    Examples
    --------
    >>> count_in_digits("三里河路十六号楼二单元"), count_in_digits("中山北路二段"), count_in_digits("三楼之一")
    ('三里河路16号楼2单元', '中山北路二段', '3楼之1')
    """
    return _OF_ADDRESS.sub(_digits_of, text)


def name_in_digits(name: str) -> str:
    """Turn all numerals of a name into digits: only a key, so that 二段 and 2段 are one.

    Examples
    --------
    >>> name_in_digits("车马二十一巷"), name_in_digits("千禧花园")
    ('车马21巷', '千禧花园')
    """
    return _RUN.sub(_digits_of, name)


def _digits_of(match: re.Match[str]) -> str:
    return to_digits(match[0]) or match[0]
