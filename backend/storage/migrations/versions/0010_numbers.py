"""Who of the coordination looks after each merchant"""

import sqlalchemy as sa
from alembic import op


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('merchant') as batch:
        batch.add_column(sa.Column('followed_by', sa.String(), nullable=True))
        batch.create_index('ix_merchant_followed_by', ['followed_by'])
        batch.create_foreign_key('fk_merchant_followed_by_person', 'person', ['followed_by'], ['id'])
    op.create_index('ix_visit_territory_id_state', 'visit', ['territory_id', 'state'])


def downgrade() -> None:
    op.drop_index('ix_visit_territory_id_state', 'visit')
    with op.batch_alter_table('merchant') as batch:
        batch.drop_constraint('fk_merchant_followed_by_person', type_='foreignkey')
        batch.drop_index('ix_merchant_followed_by')
        batch.drop_column('followed_by')
