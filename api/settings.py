"""What can be set: each by an environment variable `WANGGE_<NAME>`, all of them here."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from gis.errors import InputError

# So long ago is a day that can be named still, and so many megabytes are a number of bytes that fits in a limit.
_MOST_DAYS, _MOST_MB = 365_000, 10**9


class Settings(BaseSettings):
    """Settings of the service; each is read from `WANGGE_<NAME>` unless it is given."""

    model_config = SettingsConfigDict(env_prefix="WANGGE_", frozen=True, extra="forbid")

    database: Annotated[
        str, Field(description="Where everything is kept: `sqlite:///FILE` or `postgresql+psycopg://USER@HOST/NAME`.")
    ] = "sqlite:///wangge.db"
    secret_file: Annotated[
        Path, Field(description="Key that seals reporters' contacts; made at the first start where it is missing.")
    ] = Path("wangge.key")
    rules: Annotated[
        Path | None, Field(description="Folder of tables that replace the presets: categories, deadlines, dispatch ….")
    ] = None
    profile: Annotated[str, Field(description="Profile of the deadlines: default or 13710, or one of your own.")] = (
        "default"
    )
    open_reports: Annotated[bool, Field(description="Whether anybody may report without a key.")] = True
    root_path: Annotated[str, Field(description="Path below which a reverse proxy shows the service.")] = ""
    contact: Annotated[str, Field(description="Whom to ask about the service and for keys: Open311 tells it.")] = (
        "Whoever runs this service."
    )
    requests_per_minute: Annotated[
        int, Field(description="For each key, or address without a key, in each worker; 0: no limit.", ge=0)
    ] = 6000
    reports_per_minute: Annotated[
        int, Field(description="Of these, reports from an address without a key; 0: no limit.", ge=0)
    ] = 30
    upload_mb: Annotated[int, Field(description="Largest body that is read: plans, coverages, batches.", ge=1)] = 200
    photo_mb: Annotated[int, Field(description="Largest photo, and largest body of those without a key.", ge=1)] = 16
    queue_length: Annotated[int, Field(description="Jobs that may wait; beyond, 503.", ge=1)] = 20
    job_memory_mb: Annotated[
        int, Field(description="Memory that one job may take; 0: no limit.", ge=0, le=_MOST_MB)
    ] = 8192
    contact_days: Annotated[
        int, Field(description="Days after closing until a contact is deleted.", ge=0, le=_MOST_DAYS)
    ] = 90
    text_days: Annotated[
        int, Field(description="Days after closing until texts and photos are deleted.", ge=1, le=_MOST_DAYS)
    ] = 365
    oidc_issuer: Annotated[str | None, Field(description="Issuer of bearer tokens; none: only API keys.")] = None
    oidc_audience: Annotated[str, Field(description="Audience that bearer tokens must name.")] = "wangge"
    oidc_keys: Annotated[
        Path | None, Field(description="File with the issuer's public keys (JWKS); read again when it changes.")
    ] = None
    oidc_roles: Annotated[str, Field(description="Claim that holds the role and scope.")] = "wangge"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="debug, info, warning or error.")
    ] = "info"
    metrics_token: Annotated[
        SecretStr | None, Field(description="Bearer token for /metrics; none: whoever reaches it may read it.")
    ] = None


def read_settings() -> Settings:
    """Read the settings from the environment.

    Raises
    ------
    InputError
        Where one of them cannot be meant.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = [f"WANGGE_{str(each['loc'][0]).upper()}: {each['msg']}" for each in error.errors()]
        raise InputError("; ".join(wrong)) from error
