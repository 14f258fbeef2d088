"""What can be reported: the table of categories, as services with attributes."""

from api.cases import Rules
from api.cases.categories import Category
from api.errors import Problem
from api.open311.documents import Attribute, Definition, Service, Value

_KINDS = {"component": "components 部件", "event": "events 事件", "other": "other 其他"}


def services(rules: Rules) -> list[Service]:
    """Return all services."""
    return [_service(category) for category in rules.categories.categories]


def definition(rules: Rules, code: str) -> Definition:
    """Return the attributes of a service.

    Raises
    ------
    Problem
        404 where there is no such service.
    """
    if not is_service(rules, code):
        raise Problem(404, f"no service '{code[:64]}'")
    usual = rules.categories.get(code).grade
    grade = Attribute(
        variable=True,
        code="grade",
        datatype="singlevaluelist",
        required=False,
        datatype_description=f"One of the grades; without one it is {usual}.",
        order=1,
        description="How grave it is.",
        values=[Value(key=each, name=each) for each in rules.categories.grades],
    )
    organisation = Attribute(
        variable=True,
        code="organisation",
        datatype="string",
        required=False,
        datatype_description="Code of an organisation: letters and digits.",
        order=2,
        description="The organisation that it is about, if any.",
        values=[],
    )
    return Definition(service_code=code, attributes=[grade, organisation])


def is_service(rules: Rules, code: str) -> bool:
    """Say whether there is such a service."""
    return any(category.code == code for category in rules.categories.categories)


def name_of(rules: Rules, code: str) -> str:
    """Return the name of a service; its code where the table no longer has it."""
    return _name(rules.categories.get(code)) if is_service(rules, code) else code


def _service(category: Category) -> Service:
    return Service(
        service_code=category.code,
        service_name=_name(category),
        description=f"{_KINDS[category.kind]}: {_name(category)}",
        metadata=True,
        type="realtime",
        keywords=f"{category.kind},{category.grade},{category.zh},{category.en}",
        group=_KINDS[category.kind],
    )


def _name(category: Category) -> str:
    return f"{category.en} {category.zh}"
