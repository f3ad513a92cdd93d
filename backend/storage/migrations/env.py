"""Alembic's entry: the connection comes from `Database.migrate`, or from `alembic -x url=…` when writing one."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlmodel import AutoString, SQLModel

import backend.storage.tables  # noqa: F401  (registers the tables)


def plainly(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """Write SQLModel's strings as SQLAlchemy's own, so that old migrations need no SQLModel."""
    return "sa.String()" if kind == "type" and isinstance(item, AutoString) else False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        user_module_prefix="tables.",
        render_item=plainly,
    )
    with context.begin_transaction():
        context.run_migrations()


if (given := context.config.attributes.get("connection")) is not None:
    run(given)
else:
    with create_engine(context.get_x_argument(as_dictionary=True)["url"]).connect() as opened:
        run(opened)
