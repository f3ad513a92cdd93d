"""The limits of territories."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from backend.storage.tables.base import Instant


class TerritoryOutline(SQLModel, table=True):
    """The limits of a part of a territory, a commune or a district. `polygons`: as GeoJSON's MultiPolygon."""

    __tablename__ = "territory_outline"
    id: str = Field(primary_key=True)
    territory_id: str = Field(foreign_key="territory.id", index=True)
    name: str
    polygons: list[Any] = Field(sa_type=JSON)
    loaded_at: datetime = Field(sa_type=Instant)
