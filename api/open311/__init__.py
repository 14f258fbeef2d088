"""Open311 GeoReport v2: the door for programs that know reports, not grids."""

from fastapi import APIRouter, Depends

from api.open311 import directory, requests
from api.open311.asking import in_area
from api.open311.dialect import PREFIX, Dialect
from api.open311.refusals import REFUSALS

router = APIRouter(prefix=PREFIX, tags=["Open311"], responses=REFUSALS, dependencies=[Depends(in_area)])
router.include_router(directory.router)
router.include_router(requests.router)

__all__ = ["Dialect", "router"]
