"""The line that is not crossed: nothing about persons is read."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from gis.errors import InputError

# Words in a row that make a column personal wherever they stand in its name.
_PERSONAL: Final = tuple(
    tuple(phrase.split())
    for phrase in (
        "person name", "resident name", "first name", "firstname", "last name", "lastname", "family name",
        "given name", "middle name", "full name", "fullname", "surname", "owner name", "tenant name",
        "tenant", "householder", "head of household", "household head", "contact name", "contact person",
        "complainant", "phone", "phones", "telephone", "mobile no", "mobile number", "cellphone", "email",
        "e mail", "wechat", "whatsapp", "id number", "idnumber", "id card", "idcard", "id no",
        "national id", "ssn", "social security", "passport", "birth", "birthday", "birthdate", "dob",
        "gender", "ethnicity", "ethnic", "nationality", "religion", "religious", "belief", "petition",
        "petitions", "petitioner", "criminal", "crime", "crimes", "conviction", "offender", "fingerprint",
        "credit score", "risk score", "social credit", "diagnosis", "disability", "illness",
        "name of resident", "residents name", "residents names", "resident names", "owner names", "patient",
        "patient name", "citizen id", "identity number", "identity card", "identity no", "contact number",
        "contact no", "contact details", "mobile phone", "handphone", "msisdn", "tel no", "date of birth",
        "marital status", "political status", "nric", "aadhaar", "nickname", "user name", "username", "real name",
        "guardian", "next of kin", "spouse", "maiden name", "legal name", "home address",
        # Pinyin, whole and as the abbreviations that forms use.
        "xingming", "xing ming", "hzxm", "jmxm", "lxrxm", "hu zhu", "huzhu", "yezhu", "zuke", "zuhu", "sfz", "sfzh",
        "sfzhm", "sfzhao", "shenfenzheng", "shenfenzhenghao", "shen fen zheng", "gmsfhm", "zjhm", "zhengjianhao",
        "lxdh", "lxfs", "lxr", "lianxidianhua", "lianxi dianhua", "lianxifangshi", "lianxiren", "dianhua",
        "dianhuahaoma", "dhhm", "sjh", "sjhm", "shouji", "shoujihao", "shoujihaoma", "shou ji", "weixin",
        "weixinhao", "youxiang", "csrq",
        "chushengriqi", "chusheng riqi", "xingbie", "nianling", "minzu", "zongjiao", "zzmm", "hukou",
    )
)  # fmt: skip
# Parts of long words that mean nothing else, where a name is written without its blanks.
_PERSONAL_INSIDE: Final = (
    "phone", "idcard", "idnumber", "passport", "surname", "firstname", "lastname", "fullname", "realname", "username",
    "dateofbirth", "birthday", "birthdate", "emailaddr", "mobileno", "mobilenum", "contactno", "personname",
    "residentname", "ownername", "tenantname", "contactname", "householder", "shenfenzheng", "xingming", "shoujihao",
)  # fmt: skip
# Words that are personal as the whole name of a column, but not in "mobile_homes" or "block_face".
_PERSONAL_ALONE: Final = frozenset(
    {
        "person", "persons", "owner", "owners", "mobile", "tel", "cell", "face", "age", "race", "sex",
        "faith", "identity", "photo", "reporter", "resident", "contact", "contacts", "ssn", "qq", "xm", "dh", "xb",
        "mz", "nl", "wx", "wxh", "yx",
    }
)  # fmt: skip
# A lone "name" or 名称 is the name of a street or a building.
_PERSONAL_PARTS: Final = (
    "姓名", "户主", "房主", "业主", "租客", "租户", "联系人", "身份证", "证件", "护照", "电话", "手机",
    "联系方式", "微信", "邮箱", "信访", "上访", "犯罪", "前科", "刑满", "吸毒", "矫正", "宗教", "信仰",
    "民族", "人脸", "指纹", "出生", "年龄", "性别", "病史", "残疾", "精神", "信用分", "积分", "重点人员",
    "人员标签", "政治面貌", "党员", "名字", "身份", "监护人", "家庭成员", "亲属", "电邮", "电子邮件", "微信号", "婚姻",
    "電話", "手機", "聯絡", "聯繫", "戶主", "業主", "身份證", "護照", "住户名", "居民名", "老人名", "儿童名", "家长名",
    "负责人", "法人代表", "法定代表", "经办人", "举报人", "投诉人", "当事人", "申请人", "来访人", "报告人", "上报人",
    "报案人", "家庭住址", "家庭地址", "户籍地址",
)  # fmt: skip


def refuse_personal(columns: Iterable[object], where: str) -> None:
    """Refuse a table with columns about persons.

    Parameters
    ----------
    columns
        Names of the columns.
    where
        File and layer, for the message.

    Raises
    ------
    InputError
        Naming the columns.

    Examples
    --------
    >>> refuse_personal(["building_id", "name", "households"], "b.csv")
    >>> refuse_personal(["Mobile", "户主姓名"], "b.csv")
    Traceback (most recent call last):
    ...
    gis.errors.InputError: b.csv: personal columns are not read (Mobile, 户主姓名): give counts only
    """
    personal = [str(column) for column in columns if is_personal(str(column))]
    if personal:
        listed = ", ".join(personal)
        raise InputError(f"{where}: personal columns are not read ({listed}): give counts only")


def is_personal(column: str) -> bool:
    """Say whether the name of a column promises something about a person."""
    written = unicodedata.normalize("NFKC", column)
    # Signs without width hide words from a search, and so do blanks between Chinese ones.
    written = "".join(sign for sign in written if unicodedata.category(sign) != "Cf")
    if any(part in re.sub(r"[\s_.-]", "", written) for part in _PERSONAL_PARTS):
        return True
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", written)
    tokens = re.findall(r"[^\W_]+", apart.casefold())
    joined = "".join(tokens)
    return (
        joined in _PERSONAL_ALONE
        or any(part in joined for part in _PERSONAL_INSIDE)
        or any(
            tuple(tokens[start : start + len(phrase)]) == phrase
            for phrase in _PERSONAL
            for start in range(len(tokens) - len(phrase) + 1)
        )
    )
