"""documents"""

import sqlalchemy as sa
from alembic import op

from backend.storage import tables

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('merchant_document',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('merchant_id', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('media', sa.String(), nullable=False),
    sa.Column('bytes', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('added_at', tables.Instant(timezone=True), nullable=False),
    sa.Column('added_by', sa.String(), nullable=False),
    sa.Column('removed_at', tables.Instant(timezone=True), nullable=True),
    sa.Column('removed_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(
        ['added_by'], ['person.id'], name=op.f('fk_merchant_document_added_by_person')
    ),
    sa.ForeignKeyConstraint(
        ['merchant_id'], ['merchant.id'], name=op.f('fk_merchant_document_merchant_id_merchant')
    ),
    sa.ForeignKeyConstraint(
        ['removed_by'], ['person.id'], name=op.f('fk_merchant_document_removed_by_person')
    ),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merchant_document'))
    )
    with op.batch_alter_table('merchant_document', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_merchant_document_merchant_id'), ['merchant_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_merchant_document_sha256'), ['sha256'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('merchant_document', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_merchant_document_sha256'))
        batch_op.drop_index(batch_op.f('ix_merchant_document_merchant_id'))
    op.drop_table('merchant_document')
