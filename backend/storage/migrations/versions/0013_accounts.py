"""Who took a role back; what was erased"""

import sqlalchemy as sa
from alembic import op

from backend.storage import tables


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'erasure',
        sa.Column('id', sa.String(), nullable=False),
        sa.Column('person_id', sa.String(), nullable=False),
        sa.Column('entry_id', sa.String(), nullable=True),
        sa.Column('reason', sa.String(), nullable=False),
        sa.Column('at', tables.Instant(timezone=True), nullable=False),
        sa.Column('by', sa.String(), nullable=True),
        sa.ForeignKeyConstraint(['by'], ['person.id'], name='fk_erasure_by_person'),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name='fk_erasure_person_id_person'),
        sa.PrimaryKeyConstraint('id', name='pk_erasure'),
        sa.UniqueConstraint('entry_id', name='uq_erasure_entry_id'),
    )
    op.create_index('ix_erasure_person_id', 'erasure', ['person_id'])
    with op.batch_alter_table('entry') as batch:
        batch.add_column(sa.Column('erased_at', tables.Instant(timezone=True), nullable=True))
    with op.batch_alter_table('role_grant') as batch:
        batch.add_column(sa.Column('revoked_by', sa.String(), nullable=True))
        batch.create_foreign_key('fk_role_grant_revoked_by_person', 'person', ['revoked_by'], ['id'])


def downgrade() -> None:
    with op.batch_alter_table('role_grant') as batch:
        batch.drop_constraint('fk_role_grant_revoked_by_person', type_='foreignkey')
        batch.drop_column('revoked_by')
    with op.batch_alter_table('entry') as batch:
        batch.drop_column('erased_at')
    op.drop_index('ix_erasure_person_id', 'erasure')
    op.drop_table('erasure')
