import hashlib
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis.errors import CrsError, InputError
from gis.sources.columns import USUAL, find_column, text_column
from gis.sources.files import Source, looks_like_file, read_layer, read_table
from gis.sources.left_out import LeftOut
from gis.sources.privacy import is_personal, refuse_personal

UTM = "EPSG:32649"
SQUARES = [shapely.box(500_000 + x, 3_800_000, 500_010 + x, 3_800_010) for x in (0, 20, 40)]


def squares(crs: str | None = UTM, **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=SQUARES, crs=crs)


def read(path: Path | str, shapes: str = "polygon", layer: str = "buildings") -> gpd.GeoDataFrame:
    return read_layer(Source.of(path), LeftOut(), layer, shapes)


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.shp", "a.parquet", "a.fgb"])
def test_every_format_gives_the_same(tmp_path: Path, name: str) -> None:
    given = squares(code=["a", "b", "c"])
    path = tmp_path / name
    if name.endswith("parquet"):
        given.to_parquet(path)
    else:
        given.to_file(path)
    layer = read(path)
    assert sorted(layer["code"]) == ["a", "b", "c"]  # FlatGeobuf sorts rows by place
    assert layer.index.tolist() == [1, 2, 3]
    assert layer.to_crs(UTM).geometry.area.sum() == pytest.approx(300, abs=0.1)


def test_zipped_shapefile(tmp_path: Path) -> None:
    squares(code=["a", "b", "c"]).to_file(tmp_path / "b.shp")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        for part in tmp_path.glob("b.*"):
            if part.suffix != ".zip":
                archive.write(part, part.name)
    assert len(read(tmp_path / "b.zip")) == 3


def test_a_layer_is_named_after_a_colon(tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    squares().to_file(path, layer="old")
    squares(code=["a", "b", "c"]).to_file(path, layer="new")
    assert "code" in read(f"{path}:new").columns
    with pytest.raises(InputError, match=r"^town\.gpkg: no layer 'newer': it has old, new$"):
        read(f"{path}:newer")
    with pytest.raises(InputError, match=r"say which one holds the buildings, as town\.gpkg:old$"):
        read(path)


def test_the_layer_called_like_its_use_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    squares().to_file(path, layer="land")
    squares(code=["a", "b", "c"]).to_file(path, layer="buildings")
    assert "code" in read(path).columns


@pytest.mark.parametrize(("lon", "lat"), [("lon", "lat"), ("LONG", "LAT"), ("经度", "纬度"), ("x", "y")])
def test_points_in_a_csv_file(tmp_path: Path, lon: str, lat: str) -> None:
    path = tmp_path / "p.csv"
    pd.DataFrame({lon: [114.1, 114.2], lat: [34.1, None]}).to_csv(path, index=False)
    ledger = LeftOut()
    layer = read_layer(Source.of(path), ledger, "buildings", "point")
    assert shapely.get_coordinates(layer.geometry.to_numpy()).tolist() == [[114.1, 34.1]]
    assert layer.crs.to_epsg() == 4326
    assert ledger.counts == {("buildings", "empty or NaN geometry"): 1}


def test_degrees_are_found_beside_metres() -> None:
    assert find_column(["X", "Y", "LAT", "LONG"], "lon") == "LONG"


def test_a_csv_file_of_an_older_computer(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes("地址,户数\n建设路12号,30\n".encode("gb18030"))
    assert read_table(Source.of(path))["地址"].tolist() == ["建设路12号"]


def test_a_table_is_no_layer(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("address,households\nA,3\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^p\.csv: no geometry in it: give points in columns lon and lat"):
        read(path)


def test_a_missing_file() -> None:
    with pytest.raises(InputError, match=r"^gone\.gpkg: no such file: check the path$"):
        read("gone.gpkg")


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.shp", "a.parquet", "a.zip"])
def test_an_unreadable_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("nothing of the kind", encoding="utf-8")
    with pytest.raises(InputError, match=rf"^{name}: cannot be read") as caught:
        read(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "lon,lat\n"])
def test_no_rows(tmp_path: Path, content: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"^p\.csv: no rows in it: check that the right file"):
        read(path, "point")


def test_no_reference_system(tmp_path: Path) -> None:
    squares(None, code=[1, 2, 3]).to_parquet(tmp_path / "b.parquet")
    with pytest.raises(CrsError, match=r"^b\.parquet: no coordinate reference system: store one"):
        read(tmp_path / "b.parquet")


def test_metres_called_degrees(tmp_path: Path) -> None:
    squares("EPSG:4326").to_parquet(tmp_path / "b.parquet")
    with pytest.raises(CrsError, match=r"such as 500050, 3800010 are metres, but its .* 'WGS 84', in degrees"):
        read(tmp_path / "b.parquet")


def test_degrees_called_metres(tmp_path: Path) -> None:
    path = tmp_path / "b.gpkg"
    gpd.GeoDataFrame(geometry=[shapely.box(114, 34, 114.1, 34.1)], crs=UTM).to_file(path)
    with pytest.raises(CrsError, match=r"such as 114\.1000, 34\.1000 are degrees, but its .* projected"):
        read(path)


@pytest.mark.parametrize("old", ["EPSG:4214", "EPSG:2415", "EPSG:4610", "EPSG:2364"])
def test_datums_without_public_parameters(tmp_path: Path, old: str) -> None:
    place = [114, 34, 114.1, 34.1] if old in {"EPSG:4214", "EPSG:4610"} else [5e5, 38e5, 5.1e5, 38.1e5]
    path = tmp_path / "b.gpkg"
    gpd.GeoDataFrame(geometry=[shapely.box(*place)], crs=old).to_file(path)
    with pytest.raises(CrsError, match=r"is not read, since only the survey office has its parameters"):
        read(path)


def test_streets_that_are_polygons(tmp_path: Path) -> None:
    squares().to_file(tmp_path / "s.gpkg")
    with pytest.raises(InputError, match=r"^s\.gpkg, row 1: a Polygon among the streets \(3 rows\): give lines"):
        read(tmp_path / "s.gpkg", "line", "streets")


def test_a_few_empty_geometries_are_counted(tmp_path: Path) -> None:
    layer = squares()
    layer.geometry = [SQUARES[0], None, shapely.Polygon()]
    layer.to_file(tmp_path / "b.gpkg")
    ledger = LeftOut()
    kept = read_layer(Source.of(tmp_path / "b.gpkg"), ledger, "buildings", "polygon")
    assert kept.index.tolist() == [1]
    assert ledger.counts == {("buildings", "empty or NaN geometry"): 2}


def test_nan_coordinates_are_counted(tmp_path: Path) -> None:
    with np.errstate(invalid="ignore"):
        broken = shapely.from_wkt("LINESTRING (500000 3800000, nan 3800000, 500010 3800000)")
    lines = gpd.GeoDataFrame(geometry=[broken, shapely.LineString([(5e5, 38e5), (5.1e5, 38e5)])], crs=UTM)
    lines.to_parquet(tmp_path / "s.parquet")
    assert read(tmp_path / "s.parquet", "line", "streets").index.tolist() == [2]


def test_nothing_but_empty_geometries(tmp_path: Path) -> None:
    layer = squares()
    layer.geometry = [None, None, shapely.Polygon()]
    layer.to_parquet(tmp_path / "b.parquet")
    with pytest.raises(InputError, match=r"^b\.parquet: all 3 rows have empty or NaN geometry: export the buil"):
        read(tmp_path / "b.parquet")


def test_hashes_name_files_without_folders(tmp_path: Path) -> None:
    squares(code=["a", "b", "c"]).to_file(tmp_path / "b.shp")
    names = dict(Source.of(tmp_path / "b.shp").hashes())
    assert set(names) == {"b.shp", "b.dbf"}
    assert names["b.shp"] == hashlib.sha256((tmp_path / "b.shp").read_bytes()).hexdigest()


def test_names_are_not_files() -> None:
    assert looks_like_file("area.geojson")
    assert looks_like_file("town.gpkg:area")
    assert not looks_like_file("Schweiz/Suisse/Svizzera")
    assert not looks_like_file("中原区")


@pytest.mark.parametrize(
    "column",
    [
     "姓名", "户主姓名", "身份证号", "联系电话", "手机", "证件号码", "信访次数", "犯罪记录", "宗教信仰",
     "Phone", "contact:phone", "mobile", "mobile_number", "ID number", "idCard", "first_name", "SURNAME",
     "e-mail", "date_of_birth", "religion", "criminal_record", "owner", "face", "riskScore",
    ],
)  # fmt: skip
def test_personal_columns_are_refused(column: str) -> None:
    with pytest.raises(InputError, match=r"^b\.csv: personal columns are not read \(.*\): give counts only$"):
        refuse_personal(["building_id", column], "b.csv")


@pytest.mark.parametrize(
    "column", ["name", "名称", "street_name", "building_id", "mobile_homes", "block_face", "race_track",
               "楼龄", "id", "households", "户数", "villages", "facade", "PLN_AREA_N", "personnel_door"]
)  # fmt: skip
def test_other_columns_are_not(column: str) -> None:
    assert not is_personal(column)
    refuse_personal([column], "b.csv")


def test_personal_columns_are_refused_in_files(tmp_path: Path) -> None:
    squares(手机=["1", "2", "3"]).to_file(tmp_path / "b.gpkg")
    with pytest.raises(InputError, match=r"^b\.gpkg: personal columns are not read \(手机\)"):
        read(tmp_path / "b.gpkg")


def test_no_usual_column_is_personal() -> None:
    assert not [name for names in USUAL.values() for name in names if is_personal(name)]


def test_codes_kept_as_floats_are_whole() -> None:
    table = pd.DataFrame({"code": [410102.0, None, 1.5]})
    assert text_column(table, "code").tolist() == ["410102", "", "1.5"]
    assert text_column(table, None).tolist() == ["", "", ""]
