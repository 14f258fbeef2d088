"""What the answers of GeoReport v2 hold; what is ours beyond the standard says so."""

from typing import Literal

from pydantic import BaseModel, Field

Status = Literal["open", "closed"]
_OURS = "Beyond the standard: "


class Service(BaseModel):
    """Something that can be reported."""

    service_code: str = Field(examples=["component-03"])
    service_name: str
    description: str
    metadata: bool = Field(description="Whether there is a definition with attributes.")
    type: Literal["realtime"] = Field(description="A request has its number at once.")
    keywords: str = Field(description="Separated by commas.")
    group: str = Field(description="Kind of the category.")


class Value(BaseModel):
    """What an attribute may be."""

    key: str
    name: str


class Attribute(BaseModel):
    """What can be said of a request besides place and description."""

    variable: bool = Field(description="Whether something is to be filled in.")
    code: str
    datatype: Literal["singlevaluelist", "string"]
    required: bool
    datatype_description: str
    order: int
    description: str
    values: list[Value]


class Definition(BaseModel):
    """The attributes of a service."""

    service_code: str
    attributes: list[Attribute]


class Taken(BaseModel):
    """A request that was taken."""

    service_request_id: str
    service_notice: str
    account_id: None = None
    receipt: str = Field(description=_OURS + "shows who reported, in the header `Wangge-Receipt`.")
    token: str = Field(description="Number and receipt in one, for `GET /tokens` and the argument `token`.")


class Resolved(BaseModel):
    """The number of a request, by its token."""

    service_request_id: str
    token: str


class Update(BaseModel):
    """Something that was done to a request."""

    update_id: int
    service_request_id: str
    status: Status
    extended_status: str = Field(description="Name of the state in data.")
    status_notes: str = Field(description="The state in words.")
    updated_datetime: str
    action: str | None = Field(description="Code; to those who see all of the request.")
    reason: str | None = Field(description="Code; to those who see all of the request.")


class Request(BaseModel):
    """A request, as far as the asker may see it."""

    service_request_id: str
    status: Status
    status_notes: str = Field(description="The state in words.")
    extended_status: str = Field(description=_OURS + "name of the state in data.")
    service_name: str
    service_code: str
    description: str | None
    agency_responsible: str | None = Field(description="Code of the unit.")
    service_notice: str | None = None
    requested_datetime: str
    updated_datetime: str
    expected_datetime: str | None
    address: str | None
    address_id: str | None = Field(description="What the scanned sign said.")
    zipcode: None = None
    lat: float | None = Field(description="In public of a point of the cell above the lowest level, WGS 84.")
    long: float | None
    media_url: str | None = Field(description="Of its first photo; asks for the same key or receipt.")


class RequestInFull(Request):
    """A request with what was done to it."""

    updates: list[Update] = Field(description=_OURS + "its history.")


class Endpoint(BaseModel):
    """A place where the interface is served."""

    specification: str
    url: str
    changeset: str
    type: Literal["production"]
    formats: list[str]


class Discovery(BaseModel):
    """Where everything is."""

    changeset: str = Field(description="When this was last changed.")
    contact: str
    key_service: str = Field(description="How to get a key.")
    endpoints: list[Endpoint]


class Refusal(BaseModel):
    """Why a request was refused; answers from 400 on are a list of these."""

    code: int
    description: str
