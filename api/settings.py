"""The one settings object: built in ``create_app`` and in the command line, never at import."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.checkout import CHECKOUT
from geo.limits import RiskLimits, WhereLimits
from geo.postgres import PrivateCluster

__all__ = ["Settings"]


class Settings(BaseSettings):
    """Every limit of the service, each with bounds; from the environment, ``ONEMAP_`` before the name."""

    model_config = SettingsConfigDict(env_prefix="ONEMAP_", extra="ignore")

    database_url: SecretStr | None = Field(
        default=None, description="a PostGIS of one's own, postgresql://…; absent: the private cluster"
    )
    state_directory: Path = Field(
        default=CHECKOUT / ".onemap", description="where the private cluster and the service's pid and log live"
    )
    pool_size: int = Field(default=8, ge=1, le=200, description="database connections of one service process")
    acquire_timeout_s: float = Field(default=5.0, gt=0, le=60, description="longest wait for a connection, then 503")
    statement_timeout_s: float = Field(default=30.0, gt=0, le=600, description="longest statement, then 503")
    radius_max_m: float = Field(default=200_000, gt=0, le=200_000, description="largest radius of a risk question")
    rings_max: int = Field(default=10, ge=1, le=50, description="most rings of a risk question")
    features_max: int = Field(default=50_000, ge=1, le=500_000, description="most features listed in one answer")
    features_default: int = Field(default=1000, ge=1, description="features listed when no limit is given")
    ruleset: Path | None = Field(default=None, description="a bureau's own rule set of the risk index (TOML)")
    rulesets: Path | None = Field(
        default=None, description="a directory of further rule sets (NAME.toml), chosen with rules=NAME"
    )
    presets: Path | None = Field(default=None, description="a bureau's own rings by kind of event (TOML)")
    scenes: Path | None = Field(default=None, description="a bureau's own scenes of the wall, by duty (TOML)")
    wall_pitch_mm: float | None = Field(default=None, ge=0.3, le=10, description="pixel pitch of the wall's screen, mm")
    tour_s: float = Field(default=30.0, ge=5, le=3600, description="seconds that the wall's tour shows a view")
    tour_rest_s: float = Field(default=180.0, ge=5, le=86_400, description="rest after a touch until the tour goes on")
    shape_vertices_max: int = Field(default=100_000, ge=4, le=5_000_000, description="most vertices of an asked shape")
    shape_area_max_km2: float = Field(default=500_000, gt=0, le=20_000_000, description="largest asked shape")
    river_snap_m: float = Field(default=500, ge=0, le=5000, description="a river this near is what a pond drains into")
    downstream_breadth_m: float = Field(default=200, ge=1, le=2000, description="breadth to either side of that water")
    body_max_mb: int = Field(default=16, ge=1, le=1000, description="largest JSON that may be sent, MB, then 413")
    batch_sites_max: int = Field(default=100_000, ge=1, le=1_000_000, description="most sites of one batch")
    batch_bytes_max: int = Field(default=50_000_000, ge=1000, le=1_000_000_000, description="largest batch sent")
    nearest_max: int = Field(default=20, ge=0, le=100, description="most nearest resources of each kind")
    image_max_px: int = Field(default=4096, ge=64, le=10_000, description="longest edge of a rendered map")
    render_threads: int = Field(default=2, ge=1, le=64, description="maps rendered at a time")
    render_queue: int = Field(default=16, ge=0, le=1000, description="maps waiting to be rendered, then 503")
    picture_cache_mb: int = Field(default=64, ge=0, le=65_536, description="memory for drawn maps of one process, MB")
    icon_themes_max: int = Field(default=32, ge=1, le=1000, description="themes whose icons are kept drawn")
    themes: Path | None = Field(default=None, description="a bureau's own themes, a folder of TOML files")
    basemap: Path | None = Field(
        default=None, description="raster tiles of one's own under the maps: a folder z/x/y, .mbtiles or .pmtiles"
    )
    basemap_attribution: str = Field(default="", max_length=100, description="whose tiles they are, said on every map")
    tianditu_key: SecretStr | None = Field(default=None, description="a key of 天地图, where there is a network")
    tianditu_layers: str = Field(default="vec,cva", max_length=60, description="its layers, the lowest first")
    tianditu_url: str = Field(
        default="https://t{s}.tianditu.gov.cn", pattern="^https?://", description="where its WMTS is"
    )
    tianditu_timeout_s: float = Field(default=5.0, gt=0, le=60, description="longest wait for one of its tiles")
    tile_cache_mb: int = Field(default=64, ge=0, le=65_536, description="memory for vector tiles of one process, MB")
    atlas_plates_max: int = Field(default=2000, ge=1, le=20_000, description="most plates of one atlas")
    templates: Path | None = Field(default=None, description="a bureau's own exhibit templates: a folder of TOML files")
    heartbeat_s: float = Field(default=5.0, gt=0, le=60, description="seconds between the beats of an event stream")
    upload_max_mb: int = Field(default=200, ge=1, le=10_000, description="largest file that may be sent, MB, then 413")
    import_worker: bool = Field(default=True, description="whether the service performs import jobs itself")
    import_workers: int = Field(default=1, ge=1, le=32, description="imports performed at a time by one worker")
    worker_silence_s: float = Field(default=10.0, ge=2, le=600, description="a worker silent for so long is dead")
    import_memory_mb: int = Field(default=4096, ge=256, le=262_144, description="address space of one import, MB")
    import_cpu_s: int = Field(default=900, ge=1, le=86_400, description="processor seconds of one import")
    import_wall_s: float = Field(default=1800.0, gt=0, le=172_800, description="seconds of one import by the clock")
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

    def where_limits(self) -> WhereLimits:
        """The bounds of an asked shape."""
        return WhereLimits(vertices=self.shape_vertices_max, area_km2=self.shape_area_max_km2)

    def risk_limits(self) -> RiskLimits:
        """The bounds of one risk question."""
        return RiskLimits(self.radius_max_m, self.rings_max, self.features_max, self.nearest_max)
