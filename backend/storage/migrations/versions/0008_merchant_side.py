"""The merchant’s side"""

import sqlalchemy as sa
from alembic import op

from backend.storage import tables

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
