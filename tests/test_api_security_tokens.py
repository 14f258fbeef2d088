"""Tokens that are forged, and keys that are lost, open nothing and are told to nobody."""

import base64
import hashlib
import hmac
import io
import json
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import georeports
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from serving import Running

from api.logs import start_logs

ISSUER, AUDIENCE, METRICS = "https://issuer.example.org", "wangge", "m-1"
OURS, OTHER = (rsa.generate_private_key(65537, 2048) for _ in range(2))
CURVE = ec.generate_private_key(ec.SECP256R1())
PUBLIC = OURS.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

# What stands for the subject of the usual token.
DESK = f"sub-{hashlib.sha256(b'desk-9').hexdigest()[:36]}"


def jwks(**keys: Any) -> str:  # noqa: ANN401
    made = []
    for name, key in keys.items():
        algorithm = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
        made.append(json.loads(algorithm.to_jwk(key.public_key())) | {"kid": name})
    secret = {"kty": "oct", "k": "c2VjcmV0", "kid": "shared", "alg": "HS256"}
    return json.dumps({"keys": [*made, secret, {"kty": "of another kind", "kid": "unknown"}]})


def claims(**said: object) -> dict[str, object]:
    now = int(time.time())
    usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": "desk-9", "exp": now + 600, "wangge": {"role": "desk"}}
    return {name: each for name, each in (usual | said).items() if each is not ...}


def signed(key: Any = OURS, kid: object = "rsa", algorithm: str = "RS256", **said: object) -> str:  # noqa: ANN401
    return jwt.encode(claims(**said), key, algorithm, headers={"kid": kid})


def by_hand(header: bytes, body: bytes, secret: bytes = b"") -> str:
    """Write a token that no library would: signed with a text, or not at all."""
    parts = b".".join(base64.urlsafe_b64encode(each).rstrip(b"=") for each in (header, body))
    mark = hmac.digest(secret, parts, hashlib.sha256) if secret else b""
    return (parts + b"." + base64.urlsafe_b64encode(mark).rstrip(b"=")).decode()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("tokens")
    file = folder / "jwks.json"
    file.write_text(jwks(rsa=OURS, curve=CURVE))
    url = f"sqlite:///{folder / 'wangge.db'}"
    with georeports.running(url, folder, oidc_issuer=ISSUER, oidc_keys=file, metrics_token=METRICS) as running:
        yield running


def me(town: Running, token: str) -> tuple[int, dict[str, Any]]:
    answer = town.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.json()


def test_tokens_of_the_issuer_say_who_asks(town: Running) -> None:
    assert me(town, signed()) == (200, {"code": DESK, "role": "desk", "scope": None})
    scoped = signed(CURVE, "curve", "ES256", wangge={"role": "staff", "scope": "130105005001001"}, aud=["x", AUDIENCE])
    assert me(town, scoped)[1] == {"code": DESK, "role": "staff", "scope": "130105005001001"}
    assert me(town, signed(wangge=...))[1]["role"] == "resident"


NOW = int(time.time())
FORGED = {
    "another key": lambda: signed(OTHER),
    "the wrong key of ours": lambda: signed(OURS, "curve"),
    "none": lambda: by_hand(b'{"alg":"none","kid":"rsa"}', json.dumps(claims()).encode()),
    "public key as secret": lambda: by_hand(b'{"alg":"HS256","kid":"rsa"}', json.dumps(claims()).encode(), PUBLIC),
    "shared secret": lambda: by_hand(b'{"alg":"HS256","kid":"shared"}', json.dumps(claims()).encode(), b"secret"),
    "key in the header": lambda: jwt.encode(
        claims(), OTHER, "RS256", headers={"jwk": json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(OTHER.public_key()))}
    ),
    "another issuer": lambda: signed(iss="https://other.example.org"),
    "no issuer": lambda: signed(iss=...),
    "another audience": lambda: signed(aud="another"),
    "no audience": lambda: signed(aud=...),
    "over": lambda: signed(exp=NOW - 60),
    "without end": lambda: signed(exp=...),
    "ends never": lambda: signed(exp=float("inf")),
    "ends in words": lambda: signed(exp="tomorrow"),
    "not yet": lambda: signed(nbf=NOW + 86_400),
    "unknown kid": lambda: signed(kid="../../etc/passwd"),
    "nobody": lambda: signed(sub=...),
    "nobody at all": lambda: signed(sub=""),
    "unknown role": lambda: signed(wangge={"role": "mayor"}),
    "no role": lambda: signed(wangge={}),
    "role in words": lambda: signed(wangge="administrator"),
    "several roles": lambda: signed(wangge=["administrator"]),
    "role of roles": lambda: signed(wangge={"role": ["administrator"]}),
    "changed": lambda: signed()[:-8] + "AAAAAAAA",
    "unsigned": lambda: signed().rpartition(".")[0] + ".",
    "huge": lambda: signed(OTHER, sub="x" * 60_000),
    "deep": lambda: by_hand(b"[" * 40_000, b"{}"),
    "no token": lambda: "a.b.c",
    "empty parts": lambda: "..",
    "not even text": lambda: "\xff\xfe",
}


@pytest.mark.parametrize("kind", FORGED)
def test_forged_tokens_are_refused(town: Running, kind: str) -> None:
    token = FORGED[kind]()
    answer = town.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}".encode("latin-1")})
    assert answer.status_code == 401, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "invalid_token" in answer.headers["www-authenticate"]
    assert token not in answer.text


def test_subjects_are_kept_apart_and_are_no_names(town: Running) -> None:
    long = [f"{'x' * 45}{end}" for end in "ab"]
    codes = [
        me(town, signed(sub=sub))[1]["code"]
        for sub in (*long, "li.lei@example.org", "a key", "\N{NULL}", "13800138000", "of-260304-0123456789")
    ]
    assert len(set(codes)) == len(codes)
    assert all(code.startswith("sub-") and len(code) == 40 for code in codes)


def test_keys_of_the_issuer_change(town: Running) -> None:
    file = town.settings.oidc_keys
    assert isinstance(file, Path)
    before, token = file.read_text(), signed(OTHER, "new")
    assert me(town, token)[0] == 401
    file.write_text(jwks(new=OTHER))
    os.utime(file, (1, 1))
    assert me(town, token)[0] == 200
    town.clock.advance(seconds=6)
    assert me(town, signed(sub="late"))[0] == 401
    file.write_text(before)
    os.utime(file, (2, 2))
    assert me(town, signed(sub="late"))[0] == 200


def test_keys_end_and_cannot_be_guessed(town: Running) -> None:
    desk = town.client.post("/api/v1/keys", json={"code": "d-1", "role": "desk"}, headers=town.to("administrator"))
    ends = town.clock.now.replace(year=2027).isoformat()
    soon = {"code": "d-2", "role": "desk", "ends_at": ends}
    ending = town.client.post("/api/v1/keys", json=soon, headers=town.to("administrator"))
    keys = [answer.json()["key"] for answer in (desk, ending)]
    assert [me(town, key)[0] for key in keys] == [200, 200]
    for guess in (keys[0][:-1], keys[0] + "A", keys[0].swapcase(), "wg_", "wg_%", "wg_' OR '1'='1", "d-1"):
        assert me(town, guess)[0] == 401, guess
    before = town.clock.now
    town.client.delete("/api/v1/keys/d-1", headers=town.to("administrator"))
    town.clock.now = before.replace(year=2028)
    try:
        assert [me(town, key)[0] for key in keys] == [401, 401]
    finally:
        town.clock.now = before


def test_keys_stand_in_the_query_to_read_only(town: Running) -> None:
    key = town.keys["desk"]
    assert town.client.get("/api/v1/cases", params={"key": key}).status_code == 200
    assert town.client.post("/api/v1/visits", params={"key": key}, json={}).status_code in (401, 422)
    sent = {"plan": "daily-visit", "cell": "130105005001001", "day": "2026-03-01"}
    assert town.client.post("/api/v1/visits", params={"key": key}, json=sent).status_code == 401
    assert town.client.put("/api/v1/cells/A/unit", params={"key": key}, json={}).status_code == 401


def test_keys_and_tokens_are_told_to_nobody(town: Running) -> None:
    root = logging.getLogger()
    before, level, said = root.handlers[:], root.level, io.StringIO()
    start_logs("debug")
    root.handlers[0].setStream(said)
    secrets = [town.keys["desk"], town.keys["resident"], "wg_guessed-Q", signed()]
    told = ""
    try:
        for key in secrets:
            for headers, query in (
                ({"Authorization": f"Bearer {key}"}, {}),
                ({"X-API-Key": key}, {}),
                ({}, {"key": key}),
            ):
                for method, path in (("GET", "me"), ("GET", "keys"), ("POST", "cases"), ("DELETE", "keys/none")):
                    answer = town.client.request(method, f"/api/v1/{path}", headers=headers, params=query)
                    told += answer.text + str(answer.headers)
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    # Without what the test's own client says of its requests.
    logged = "".join(line for line in said.getvalue().splitlines() if '"from": "httpx' not in line)
    told += logged + town.client.get("/metrics", headers={"Authorization": f"Bearer {METRICS}"}).text
    assert '"what": "request"' in told
    assert "wangge_requests_total" in told
    for key in secrets:
        assert key not in told
        assert hashlib.sha256(key.encode()).hexdigest() not in told


def test_metrics_are_for_their_token(town: Running) -> None:
    for headers in ({}, town.to("administrator"), {"Authorization": "Bearer m-2"}):
        assert town.client.get("/metrics", headers=headers).status_code == 401
    assert town.client.get("/metrics", headers={"Authorization": f"Bearer {METRICS}"}).status_code == 200
