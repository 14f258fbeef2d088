"""The line that is not crossed: nothing about persons is read."""

import re
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
    )
)  # fmt: skip
# Words that are personal as the whole name of a column, but not in "mobile_homes" or "block_face".
_PERSONAL_ALONE: Final = frozenset(
    {
        "person", "persons", "owner", "owners", "mobile", "tel", "cell", "face", "age", "race", "sex",
        "faith", "identity", "photo", "reporter", "resident",
    }
)  # fmt: skip
# A lone "name" or 名称 is the name of a street or a building.
_PERSONAL_PARTS: Final = (
    "姓名", "户主", "房主", "业主", "租客", "租户", "联系人", "身份证", "证件", "护照", "电话", "手机",
    "联系方式", "微信", "邮箱", "信访", "上访", "犯罪", "前科", "刑满", "吸毒", "矫正", "宗教", "信仰",
    "民族", "人脸", "指纹", "出生", "年龄", "性别", "病史", "残疾", "精神", "信用分", "积分", "重点人员",
    "人员标签", "政治面貌", "党员",
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
    if any(part in column for part in _PERSONAL_PARTS):
        return True
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column)
    tokens = re.findall(r"[^\W_]+", apart.casefold())
    return "".join(tokens) in _PERSONAL_ALONE or any(
        tuple(tokens[start : start + len(phrase)]) == phrase
        for phrase in _PERSONAL
        for start in range(len(tokens) - len(phrase) + 1)
    )
