"""What was handed over to Moneko, and what came back"""

import sqlalchemy as sa
from alembic import op

from backend.storage import tables

revision = '0009'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('known_partner',
    sa.Column('external_id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('siret', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('postcode', sa.String(), nullable=False),
    sa.Column('city', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('imported_at', tables.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('external_id', name=op.f('pk_known_partner'))
    )
    op.create_table('handover',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('model', sa.String(), nullable=False),
    sa.Column('made_at', tables.Instant(timezone=True), nullable=False),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['made_by'], ['person.id'], name=op.f('fk_handover_made_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handover'))
    )
    op.create_index(op.f('ix_handover_made_at'), 'handover', ['made_at'], unique=False)
    op.create_table('moneko_file',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('filename', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('sent_at', tables.Instant(timezone=True), nullable=False),
    sa.Column('sent_by', sa.String(), nullable=False),
    sa.Column('applied_at', tables.Instant(timezone=True), nullable=True),
    sa.Column('result', sa.JSON(), nullable=True),
    sa.ForeignKeyConstraint(['sent_by'], ['person.id'], name=op.f('fk_moneko_file_sent_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_moneko_file'))
    )
    op.create_table('handover_line',
    sa.Column('handover_id', sa.String(), nullable=False),
    sa.Column('merchant_id', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('sent_before', sa.Boolean(), nullable=False),
    sa.Column('cells', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['handover_id'], ['handover.id'], name=op.f('fk_handover_line_handover_id_handover')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_handover_line_merchant_id_merchant')),
    sa.PrimaryKeyConstraint('handover_id', 'merchant_id', name=op.f('pk_handover_line'))
    )
    op.create_index(op.f('ix_handover_line_merchant_id'), 'handover_line', ['merchant_id'], unique=False)
    op.create_table('moneko_partner',
    sa.Column('merchant_id', sa.String(), nullable=False),
    sa.Column('external_id', sa.String(), nullable=False),
    sa.Column('took_already', sa.Boolean(), nullable=False),
    sa.Column('at', tables.Instant(timezone=True), nullable=False),
    sa.Column('by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['by'], ['person.id'], name=op.f('fk_moneko_partner_by_person')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_moneko_partner_merchant_id_merchant')),
    sa.PrimaryKeyConstraint('merchant_id', name=op.f('pk_moneko_partner')),
    sa.UniqueConstraint('external_id', name=op.f('uq_moneko_partner_external_id'))
    )
    op.create_table('unlike_partner',
    sa.Column('merchant_id', sa.String(), nullable=False),
    sa.Column('external_id', sa.String(), nullable=False),
    sa.Column('at', tables.Instant(timezone=True), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['by'], ['person.id'], name=op.f('fk_unlike_partner_by_person')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_unlike_partner_merchant_id_merchant')),
    sa.PrimaryKeyConstraint('merchant_id', 'external_id', name=op.f('pk_unlike_partner'))
    )


def downgrade() -> None:
    op.drop_table('unlike_partner')
    op.drop_table('moneko_partner')
    op.drop_table('handover_line')
    op.drop_table('moneko_file')
    op.drop_table('handover')
    op.drop_table('known_partner')
