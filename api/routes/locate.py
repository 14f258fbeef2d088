"""Points and addresses to cells."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.deps import PlanInForce
from api.errors import Problem
from api.queries import Direct, described, read_query
from api.schemas import REFUSALS, Degrees, Located, Placed
from api.served import Served
from gis.arrays import Floats, Ints
from gis.datum import Datum, to_wgs84

if TYPE_CHECKING:
    from gis.location.address.answer import Answer

router = APIRouter(tags=["locate"], responses=REFUSALS)
# One point is asked for so often that resolving what its endpoint needs would cost more than the answer.
direct = APIRouter(tags=["locate"], responses=REFUSALS, route_class=Direct)
_JSON = "application/json"
_BINARY = "application/octet-stream"
_POINT_BYTES = 16
_MOST_POINTS = 1_000_000


class Point(BaseModel):
    """One point."""

    model_config = ConfigDict(frozen=True)

    lon: float = Field(ge=-180, le=180, allow_inf_nan=False, description="Degrees east.", examples=[114.47])
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False, description="Degrees north.", examples=[38.06])
    datum: Datum = Field(Datum.WGS84, description="Of the map on which it was pinned.")


class Points(BaseModel):
    """Many points."""

    lon: list[Degrees] = Field(max_length=_MOST_POINTS, examples=[[113.62, 113.63]])
    lat: list[Degrees] = Field(max_length=_MOST_POINTS, examples=[[34.75, 34.76]])
    datum: Datum = Datum.WGS84


@direct.get("/locate", response_model=Located, openapi_extra=described(Point), summary="The cells that hold a point")
async def locate(request: Request) -> Response:
    """Find the cell of every level that holds a point, taken as exact; of floors a point cannot tell."""
    point = read_query(request, Point)
    served: Served = request.app.state.service.plans.current
    lon, lat = point.lon, point.lat
    if point.datum not in {Datum.WGS84, Datum.CGCS2000}:
        lon, lat = (float(each[0]) for each in to_wgs84(np.array([lon]), np.array([lat]), point.datum))
    row = served.router.index.locate_one(*served.to_plan.transform(lon, lat))
    return Response(served.answers[row], media_type=_JSON)


router.include_router(direct)


@router.post("/locate", response_model=Placed, summary="The cells that hold many points")
async def locate_many(served: PlanInForce, points: Points) -> Response:
    """Find the ground of each of up to a million points: a number in `grounds`, or -1 outside all."""
    if len(points.lon) != len(points.lat):
        raise Problem(422, f"{len(points.lon)} longitudes and {len(points.lat)} latitudes")
    rows = await run_in_threadpool(_locate, served, np.array(points.lon), np.array(points.lat), points.datum)
    said = {"plan_version": served.version, "grounds": _grounds(served), "rows": rows}
    return Response(orjson.dumps(said, option=orjson.OPT_SERIALIZE_NUMPY), media_type=_JSON)


@router.post(
    "/locate/binary",
    summary="The cells that hold very many points",
    response_class=Response,
    responses={200: {"content": {_BINARY: {"schema": {"type": "string", "format": "binary"}}}}},
    openapi_extra={
        "requestBody": {"required": True, "content": {_BINARY: {"schema": {"type": "string", "format": "binary"}}}}
    },
)
async def locate_binary(served: PlanInForce, request: Request, datum: Datum = Datum.WGS84) -> Response:
    """Find the ground of each point: 64-bit floats in, longitude and latitude in turn, 32-bit integers out.

    Both little-endian. An integer is a number in the grounds of `/locate/grounds`, or -1 outside all; the header
    `Wangge-Plan-Version` says of which plan.
    """
    body = await request.body()
    if len(body) % _POINT_BYTES:
        raise Problem(422, f"{len(body)} bytes: a point is {_POINT_BYTES}, two 64-bit floats")
    given = np.frombuffer(body, "<f8").reshape(-1, 2)
    rows = await run_in_threadpool(_locate, served, given[:, 0], given[:, 1], datum)
    headers = {"Wangge-Plan-Version": served.version}
    return Response(rows.astype("<i4").tobytes(), headers=headers, media_type=_BINARY)


class Grounds(BaseModel):
    """What the numbers of located points stand for."""

    plan_version: str
    grounds: list[str] = Field(description="Code of each ground; where floors part it, several cells share it.")


@router.get("/locate/grounds", summary="What the numbers of located points stand for")
async def grounds(served: PlanInForce) -> Grounds:
    """Return the codes of all grounds, in the order of their numbers."""
    return Grounds(plan_version=served.version, grounds=_grounds(served))


class Found(BaseModel):
    """What an address says."""

    plan_version: str
    answer: dict[str, Any] = Field(description="As the columns of `wangge geocode`.")


@router.get("/geocode", summary="The building and cell of an address")
async def geocode(
    served: PlanInForce,
    address: Annotated[str, Query(min_length=1, max_length=200, examples=["西柳街道北环路2号"])],
) -> Found:
    """Find the building of an address, and the cell of its entrance and floor."""
    answer = await run_in_threadpool(_find, served, address)
    return Found(plan_version=served.version, answer=asdict(answer))


def _find(served: Served, address: str) -> "Answer":
    # The gazetteer is made when it is first asked for, which takes a while.
    return served.gazetteer.find(address)


def _grounds(served: Served) -> list[str]:
    return list(served.router.index.grounds["code"])


def _locate(served: Served, lon: Floats, lat: Floats, datum: Datum) -> Ints:
    lon, lat = to_wgs84(lon, lat, datum)
    x, y = served.to_plan.transform(lon, lat)
    return served.router.index.locate(x, y)
