"""The one settings object: built in ``create_app`` and in the command line, never at import."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from geo.postgres import PrivateCluster
from geo.risk import RiskLimits

__all__ = ["Settings"]

_CHECKOUT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Every limit of the service, each with bounds; from the environment, ``ONEMAP_`` before the name."""

    model_config = SettingsConfigDict(env_prefix="ONEMAP_", extra="ignore")

    database_url: SecretStr | None = Field(
        default=None, description="a PostGIS of one's own, postgresql://…; absent: the private cluster"
    )
    state_directory: Path = Field(
        default=_CHECKOUT / ".onemap", description="where the private cluster and the service's pid and log live"
    )
    pool_size: int = Field(default=8, ge=1, le=200, description="database connections of one service process")
    acquire_timeout_s: float = Field(default=5.0, gt=0, le=60, description="longest wait for a connection, then 503")
    statement_timeout_s: float = Field(default=30.0, gt=0, le=600, description="longest statement, then 503")
    radius_max_m: float = Field(default=200_000, gt=0, le=200_000, description="largest radius of a risk question")
    rings_max: int = Field(default=10, ge=1, le=50, description="most rings of a risk question")
    features_max: int = Field(default=50_000, ge=1, le=500_000, description="most features listed in one answer")
    features_default: int = Field(default=1000, ge=1, description="features listed when no limit is given")
    nearest_max: int = Field(default=20, ge=0, le=100, description="most nearest resources of each kind")
    image_max_px: int = Field(default=4096, ge=64, le=10_000, description="longest edge of a rendered map")
    render_threads: int = Field(default=2, ge=1, le=64, description="maps rendered at a time")
    render_queue: int = Field(default=16, ge=0, le=1000, description="maps waiting to be rendered, then 503")
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="least level logged")

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("ONEMAP_DATABASE_URL should start with postgresql:// (its value is not shown)")
        return value

    @model_validator(mode="after")
    def _limits_agree(self) -> Self:
        if self.features_default > self.features_max:
            raise ValueError("features_default is more than features_max")
        return self

    def dsn(self) -> str:
        """The database's address as a libpq URL: the user's own, or the private cluster's."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return PrivateCluster(self.state_directory).dsn()

    def risk_limits(self) -> RiskLimits:
        """The bounds of one risk question."""
        return RiskLimits(self.radius_max_m, self.rings_max, self.features_max, self.nearest_max)
