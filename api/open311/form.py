"""A request as it is posted: a form, and nothing but a form."""

from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from api.cases.action import CODE
from api.errors import Problem
from api.open311.writing import printable
from api.reported import Said
from api.schemas import Code

_FORM = "application/x-www-form-urlencoded"
_MOST_BYTES, _MOST_FIELDS = 1 << 16, 200
_NoneOrCode = Annotated[str, StringConstraints(pattern=f"^({CODE})?$")]
_Degrees = BeforeValidator(lambda said: None if said == "" else said)


class Form(BaseModel):
    """A request as it is posted; place by `lat` and `long`, `address_string`, `address_id`, or several of these.

    Whatever else is sent is ignored and kept nowhere: first_name, last_name, device_id, account_id; media_url, which is
    never fetched; and what nobody knows.
    """

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    service_code: Code = Field(examples=["component-03"])
    lat: Annotated[float | None, _Degrees] = Field(None, ge=-90, le=90, allow_inf_nan=False, examples=[38.06])
    long: Annotated[float | None, _Degrees] = Field(None, ge=-180, le=180, allow_inf_nan=False, examples=[114.47])
    address_string: Annotated[str, StringConstraints(max_length=200)] = ""
    address_id: Annotated[str, StringConstraints(max_length=500)] = Field("", description="What a sign's code says.")
    description: Annotated[str, StringConstraints(max_length=4000)] = ""
    email: Annotated[str, StringConstraints(max_length=100)] = Field("", description="Kept sealed, for a time.")
    phone: Annotated[str, StringConstraints(max_length=50)] = Field("", description="Kept sealed, for a time.")
    grade: _NoneOrCode = Field("", alias="attribute[grade]", description="See the service's definition.")
    organisation: _NoneOrCode = Field("", alias="attribute[organisation]", description="See the service's definition.")
    datum: Literal["wgs84", "cgcs2000", "gcj02", "bd09"] = Field("wgs84", description="Beyond the standard.")
    jurisdiction_id: Annotated[str, StringConstraints(max_length=64)] = ""
    api_key: Annotated[str, StringConstraints(max_length=8000)] = ""

    def said(self) -> Said:
        """Return the report.

        Raises
        ------
        Problem
            400 where no place is said, or half of one.
        """
        if (self.lat is None) != (self.long is None):
            raise Problem(400, "lat and long: give both, or neither")
        if self.lat is None and not (self.address_string or self.address_id):
            raise Problem(400, "where it is: give lat and long, address_string, or address_id")
        return Said(
            category=self.service_code,
            text=self.description,
            grade=self.grade or None,
            organisation=self.organisation or None,
            lon=self.long,
            lat=self.lat,
            datum=self.datum,
            address=self.address_string,
            qr=self.address_id,
            contact="; ".join(each for each in (self.email, self.phone) if each),
        )


async def read_form(request: Request) -> Form:
    """Read a request's body.

    Raises
    ------
    Problem
        413 where it is too large, 415 where it is no form, 400 where the form is broken.
    RequestValidationError
        Where an argument is missing or wrong.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise Problem(415, f"send the request as a form: {_FORM}")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            raise Problem(413, f"the form is larger than {_MOST_BYTES >> 10} KB")
    try:
        fields = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError as error:
        raise Problem(400, "the form cannot be read: name=value&…, in UTF-8") from error
    try:
        return Form.model_validate({name: printable(value) for name, value in fields})
    except ValidationError as error:
        found = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
        raise RequestValidationError(found) from error


def described() -> dict[str, Any]:
    """Describe the body for the OpenAPI document."""
    return {"requestBody": {"required": True, "content": {_FORM: {"schema": Form.model_json_schema()}}}}
