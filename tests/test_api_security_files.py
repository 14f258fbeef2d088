"""Files that are sent name no other file or address, hold no more than they may, and lose what they tell of people."""

import io
import json
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import georeports
import pyogrio
import pytest
import shapely
from georeports import HOUSE
from listening import Listener
from PIL import ExifTags, Image, PngImagePlugin
from serving import Running

from api.jobs.kinds import KINDS
from api.uploads import keep_upload
from gis.errors import InputError

CANARY = "canary-Q7"
LAYERS = (".gpkg", ".geojson", ".parquet", ".zip")


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """Write a file that nobody who sends one should ever read."""
    path = tmp_path / "canary.csv"
    path.write_text(f"lon,lat,said\n1,2,{CANARY}\n")
    return path


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("files")
    with georeports.running(f"sqlite:///{folder / 'wangge.db'}", folder, reports_per_minute=0) as running:
        yield running


@pytest.fixture(scope="module")
def photos(town: Running) -> tuple[str, dict[str, str]]:
    """Report something; return where its photos go, and the header that opens it."""
    sent = {"category": "component-03", "lon": HOUSE["long"], "lat": HOUSE["lat"]}
    made = town.client.post("/api/v1/cases", json=sent).json()
    return f"/api/v1/cases/{made['case']['id']}/photos", {"Wangge-Receipt": made["receipt"]}


def read_all(path: Path) -> str:
    """Read all that a file shows to who reads it."""
    return "".join(str(pyogrio.read_dataframe(path, layer=name).to_csv()) for name, _ in pyogrio.list_layers(path))


def feature(**more: object) -> dict[str, object]:
    return {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2], **more}}


def geojson(address: str, canary: Path) -> dict[str, bytes]:
    """Return texts that GDAL would read as something that names a file or an address."""
    link = {"type": "link", "properties": {"href": address, "url": address}}
    whole = {"type": "FeatureCollection", "features": [feature()]}
    pipeline = {"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {canary} ! write streamed"}
    written: dict[str, object] = {
        "link": whole | {"crs": link},
        "url": whole | {"crs": link | {"type": "URL"}},
        "of a geometry": whole | {"features": [feature(crs=link)]},
        "of a feature": whole | {"features": [feature() | {"crs": link}]},
        "named, of a geometry": whole
        | {"crs": {"type": "name", "properties": {"name": "x"}}, "features": [feature(crs=link)]},
        "within a name": whole | {"crs": {"type": "name", "properties": {"crs": link}}},
        "pipeline": pipeline,
        "esri": {"features": [], "geometryType": "esriGeometryPoint", "spatialReference": {"wkt": address}},
        "stac": {"type": "Catalog", "stac_version": "1.0.0", "links": [{"rel": "item", "href": address}]},
        "topology": {"type": "Topology", "objects": {}},
        "list": [whole],
    }
    layer = f'<OGRVRTLayer name="canary"><SrcDataSource>{canary}</SrcDataSource></OGRVRTLayer>'
    vrt = f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>"
    entity = f'<!DOCTYPE kml [<!ENTITY x SYSTEM "file://{canary}"><!ENTITY y SYSTEM "{address}">]><kml>&x;&y;</kml>'
    return {name: json.dumps(each).encode() for name, each in written.items()} | {
        "escaped": json.dumps(whole | {"crs": link}).replace('"crs"', r'"cr\u0073"').encode(),
        "vrt": vrt.encode(),
        "kml": entity.encode(),
        "gml": f'<?xml version="1.0"?>{entity}'.replace("kml", "gml:FeatureCollection").encode(),
        "not text": b"\xff\xfe<",
        "deep": b'{"type":"FeatureCollection","features":' + b"[" * 100_000,
    }


NAMES = sorted(geojson("", Path()))


@pytest.mark.parametrize("name", NAMES)
def test_geojson_names_nothing(listener: Listener, canary: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="area: what was sent is no"):
        keep_upload(geojson(listener.address, canary)[name], "a.geojson", "area", LAYERS, tmp_path, 1 << 20)
    assert not (tmp_path / "area.geojson").exists()
    assert listener.seen == []


def test_geojson_says_each_thing_once(listener: Listener, tmp_path: Path) -> None:
    named = b'{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}'
    link = b'{"type":"link","properties":{"href":"%s"}}' % listener.address.encode()
    rest = b'"type":"FeatureCollection","features":[%s]}' % json.dumps(feature()).encode()
    sent = b'{"crs":' + link + b',"crs":' + named + b"," + rest
    path = keep_upload(sent, "A.GEOJSON", "area", LAYERS, tmp_path, 1 << 20)
    assert path == tmp_path / "area.geojson"
    assert len(pyogrio.read_dataframe(path)) == 1
    assert listener.seen == []


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "plain.gpkg"
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(1, 2)], crs=4326).to_file(path, layer="l")
    return path


def attack(path: Path, name: str, sql: str) -> None:
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA writable_schema = 1")
        # A root page of its own, as that of a true table: what is made is told by the text alone.
        row = ("table", name, name, 0, sql)
        file.execute("INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES (?, ?, ?, ?, ?)", row)
        file.execute("INSERT INTO gpkg_contents (table_name, data_type) VALUES (?, 'attributes')", (name,))
        file.commit()


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE VIRTUAL TABLE c USING VirtualText('{canary}', 'UTF-8', 1)",
        "CREATE/**/VIRTUAL/**/TABLE c USING VirtualText('{canary}', 'UTF-8', 1)",
        "create virtual table c using VirtualOGR('{canary}')",
        "CREATE VIRTUAL TABLE c USING VirtualOGR('{address}')",
        "CREATE VIEW c AS SELECT fid, ogr_geocode('x', 'geometry', 'OGR_GEOCODE_QUERY_TEMPLATE={address}') FROM l",
        "CREATE VIEW c AS SELECT fid, load_extension('{canary}') AS a FROM l",
    ],
)
def test_geopackages_hold_what_they_show(
    listener: Listener, canary: Path, plain: Path, tmp_path: Path, sql: str
) -> None:
    attack(plain, "c", sql.format(canary=canary, address=listener.address))
    with pytest.raises(InputError, match="area: the file has views or virtual tables"):
        keep_upload(plain.read_bytes(), "a.gpkg", "area", LAYERS, tmp_path, 1 << 20)
    assert listener.seen == []


def test_other_geopackages_are_read(plain: Path, tmp_path: Path) -> None:
    kept = keep_upload(plain.read_bytes(), "x/../../y.GPKG", "area", LAYERS, tmp_path, 1 << 20)
    assert kept == tmp_path / "area.gpkg"
    assert "POINT" in read_all(kept)
    damaged = plain.read_bytes()[:4096] + b"\xff" * 4096
    with pytest.raises(InputError):
        keep_upload(damaged, "a.gpkg", "area", LAYERS, tmp_path, 1 << 20)


def archive(*parts: tuple[str, bytes], **more: object) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **more) as made:
        for name, content in parts:
            made.writestr(name, content)
    return out.getvalue()


SHAPES = b"\0\0\x27\x0a" + bytes(96)
LINK = zipfile.ZipInfo("a.shp")
LINK.external_attr = 0o120777 << 16


def lying() -> bytes:
    """Return an archive that says that its part is small."""
    made = archive(("a.shp", SHAPES + bytes(2 << 20)))
    size, said = (struct.pack("<I", each) for each in (100 + (2 << 20), 100))
    return made.replace(size, said)


def damaged() -> bytes:
    made = bytearray(archive(("a.shp", SHAPES + bytes(range(256)) * 40)))
    made[40:60] = b"\xff" * 20
    return bytes(made)


ARCHIVES = {
    "bomb": archive(("a.shp", SHAPES + bytes(64 << 20))),
    "several bombs": archive(*((f"a{end}", SHAPES + bytes(900_000)) for end in (".shp", ".shx", ".dbf"))),
    "nested": archive(("a.zip", archive(("a.shp", SHAPES)))),
    "many": archive(*((f"{k}.dbf", b"") for k in range(10_000)), ("a.shp", SHAPES)),
    "two": archive(("a.shp", SHAPES), ("b.shp", SHAPES)),
    "lying": lying(),
    "damaged": damaged(),
    "cut": archive(("a.shp", SHAPES))[:-30],
    "vrt": archive(("a.shp", b'<OGRVRTDataSource><OGRVRTLayer name="x"/></OGRVRTDataSource>')),
    "pipeline": archive(("a.shp", b'{"type": "gdal_streamed_alg"}')),
    "link": archive((LINK, b"/etc/passwd")),
    "no archive": b"PK\x03\x04" + bytes(200),
}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_archives_that_are_none_are_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(InputError, match="area: "):
        keep_upload(ARCHIVES[kind], "a.zip", "area", LAYERS, tmp_path, 1 << 20)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 1 << 20


def test_archives_write_only_where_they_should(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    sent = archive(("../../x.shp", SHAPES), ("/tmp/x.dbf", b"d"), ("..\\..\\x.prj", b"p"), ("../evil.py", b"print()"))  # noqa: S108
    assert keep_upload(sent, "../../a.zip", "area", LAYERS, folder, 1 << 20) == folder / "area.shp"
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["area.dbf", "area.prj", "area.shp"]
    assert all(path.parent == folder for path in tmp_path.rglob("area.*"))


@pytest.mark.parametrize("name", ["vrt", "kml", "gml"])
def test_tables_of_text_are_no_xml(canary: Path, tmp_path: Path, name: str) -> None:
    for before in (b"", b"\xef\xbb\xbf \n"):
        with pytest.raises(InputError):
            keep_upload(before + geojson("", canary)[name], "a.csv", "households", (".csv",), tmp_path, 1 << 20)


def test_a_job_whose_file_is_refused_ends(town: Running, listener: Listener, canary: Path) -> None:
    planner = town.to("planner")
    sent = {"file": ("a.geojson", geojson(listener.address, canary)["link"])}
    number = town.client.post("/api/v1/jobs/check", files=sent, headers=planner).json()["id"]
    assert "event: end" in town.client.get(f"/api/v1/jobs/{number}/progress", headers=planner).text
    job = town.client.get(f"/api/v1/jobs/{number}", headers=planner).json()
    assert job["state"] == "failed"
    assert "file:" in job["outcome"]["error"]
    assert listener.seen == []


@pytest.mark.parametrize("said", ["/etc/passwd", "../../etc/passwd", "canary.csv", "a.gpkg:l", "http://127.0.0.1/a"])
def test_options_are_no_paths(town: Running, said: str) -> None:
    for kind in KINDS.values():
        for option in kind.files:
            options = {"options": json.dumps({option: said})}
            answer = town.client.post(f"/api/v1/jobs/{kind.name}", data=options, headers=town.to("planner"))
            assert answer.status_code == 422, (kind.name, option)


def test_results_are_no_paths(town: Running) -> None:
    planner = town.to("planner")
    for name in ("../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "file", "plan.gpkg%00"):
        answer = town.client.get(f"/api/v1/jobs/1/files/{name}", headers=planner)
        assert answer.status_code == 404, name
        assert "root:" not in answer.text


def png(width: int, height: int, rows: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def picture(form: str, **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(out, form, **more)
    return out.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
PHOTOS = {
    "gigantic": (png(2**31 - 1, 2**31 - 1), 413),
    "many pixels": (png(60_000, 60_000, bytes(60_000 * 7501)), 413),
    "gif": (picture("GIF"), 422),
    "tiff": (picture("TIFF"), 422),
    "bmp": (picture("BMP"), 422),
    "pdf": (picture("PDF"), 422),
    "svg": (SVG, 422),
    "cut": (picture("JPEG")[:-200], 422),
    "header only": (picture("JPEG")[:20], 422),
    "none": (b"", 422),
    "page": (b"<!DOCTYPE html><script>alert(1)</script>", 422),
    "text in a png": (png(64, 64)[:-20], 422),
}


@pytest.mark.parametrize("kind", PHOTOS)
def test_photos_that_are_none_are_not_kept(town: Running, photos: tuple[str, dict[str, str]], kind: str) -> None:
    content, status = PHOTOS[kind]
    path, receipt = photos
    assert town.client.post(path, content=content, headers=receipt).status_code == status


def test_strangers_photos_are_not_even_looked_at(town: Running, photos: tuple[str, dict[str, str]]) -> None:
    path, _ = photos
    for headers in ({}, {"Wangge-Receipt": "A" * 24}, town.to("resident")):
        assert town.client.post(path, content=PHOTOS["gigantic"][0], headers=headers).status_code == 404


def talking(form: str) -> bytes:
    """Return a picture that says all that a file can say of who took it, and ends as an archive and a page."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = exif[ExifTags.Base.ImageDescription] = CANARY
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote] = CANARY.encode() * 20
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (38.0, 3.0, 0.0), 3: "E", 4: (114.0, 28.0, 0.0)})
    more: dict[str, object] = {"exif": exif, "icc_profile": CANARY.encode() * 30}
    if form == "JPEG":
        more["comment"] = CANARY
    if form == "PNG":
        more["pnginfo"] = PngImagePlugin.PngInfo()
        more["pnginfo"].add_text("Author", CANARY)
    return picture(form, **more) + archive(("a.txt", CANARY.encode() * 9)) + f"<script>{CANARY}</script>".encode()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_photos_say_nothing_of_who_took_them(town: Running, photos: tuple[str, dict[str, str]], form: str) -> None:
    path, receipt = photos
    sent = talking(form)
    assert sent.count(CANARY.encode()) > 20
    made = town.client.post(path, content=sent, headers=receipt)
    assert made.status_code == 201, made.text
    assert (made.json()["lat"], made.json()["lon"]) == pytest.approx((38.05, 114 + 28 / 60))
    kept = town.client.get(f"{path}/{made.json()['id']}", headers=receipt)
    assert kept.headers["x-content-type-options"] == "nosniff"
    assert CANARY.encode() not in kept.content
    for mark in (b"Exif", b"ICC_PROFILE", b"GPS", b"PK\x03\x04", b"<script", b"\xff\xfe"):
        assert mark not in kept.content
    with Image.open(io.BytesIO(kept.content)) as drawn:
        assert drawn.format == "JPEG"
        assert set(drawn.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not drawn.getexif()


def test_no_body_is_read_as_xml(town: Running, listener: Listener, canary: Path) -> None:
    body = geojson(listener.address, canary)["kml"]
    paths = {
        each["path"]
        for each in (
            {"path": path, "how": how}
            for path, doors in town.client.get("/openapi.json").json()["paths"].items()
            for how in doors
        )
        if each["how"] == "post"
    }
    for path in paths:
        for kind in ("application/xml", "text/xml", "application/json", "application/x-www-form-urlencoded"):
            headers = town.to("administrator") | {"Content-Type": kind}
            where = path.replace("{form}", "xml").replace("{number}", "1").replace("{plan_id}", "1")
            answer = town.client.post(where.replace("{case_id}", "x"), content=body, headers=headers)
            # Points in bytes are whatever bytes are; an activation needs nothing said.
            assert 400 <= answer.status_code < 500 or "/jobs/" in path or "/locate/binary" in path, (path, answer.text)
            assert CANARY not in answer.text
    assert listener.seen == []
