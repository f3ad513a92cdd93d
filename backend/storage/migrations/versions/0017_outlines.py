"""The limits of territories"""

import sqlalchemy as sa
from alembic import op

from backend.storage import tables

revision = '0017'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'territory_outline',
        sa.Column('id', sa.String(), nullable=False),
        sa.Column('territory_id', sa.String(), nullable=False),
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('polygons', sa.JSON(), nullable=False),
        sa.Column('loaded_at', tables.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_territory_outline_territory_id_territory')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_territory_outline')),
    )
    op.create_index('ix_territory_outline_territory_id', 'territory_outline', ['territory_id'])


def downgrade() -> None:
    op.drop_table('territory_outline')
