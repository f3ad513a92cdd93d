"""What a merchant says and is told, behind a link of their own"""

import sqlalchemy as sa
from alembic import op

from backend.storage import tables

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('merchant_link',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('merchant_id', sa.String(), nullable=False),
    sa.Column('secret_hash', sa.String(), nullable=False),
    sa.Column('form_hash', sa.String(), nullable=False),
    sa.Column('created_at', tables.Instant(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(), nullable=False),
    sa.Column('expires_at', tables.Instant(timezone=True), nullable=False),
    sa.Column('revoked_at', tables.Instant(timezone=True), nullable=True),
    sa.Column('revoked_by', sa.String(), nullable=True),
    sa.Column('opened_at', tables.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], name=op.f('fk_merchant_link_created_by_person')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_merchant_link_merchant_id_merchant')),
    sa.ForeignKeyConstraint(['revoked_by'], ['person.id'], name=op.f('fk_merchant_link_revoked_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merchant_link')),
    sa.UniqueConstraint('form_hash', name=op.f('uq_merchant_link_form_hash')),
    sa.UniqueConstraint('secret_hash', name=op.f('uq_merchant_link_secret_hash'))
    )
    op.create_index(op.f('ix_merchant_link_merchant_id'), 'merchant_link', ['merchant_id'], unique=False)
    op.create_table('appeal',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('decision_id', sa.String(), nullable=False),
    sa.Column('merchant_id', sa.String(), nullable=False),
    sa.Column('link_id', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', tables.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_appeal_decision_id_decision')),
    sa.ForeignKeyConstraint(['link_id'], ['merchant_link.id'], name=op.f('fk_appeal_link_id_merchant_link')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_appeal_merchant_id_merchant')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appeal')),
    sa.UniqueConstraint('decision_id', name=op.f('uq_appeal_decision_id'))
    )
    op.create_index(op.f('ix_appeal_merchant_id'), 'appeal', ['merchant_id'], unique=False)
    op.create_table('decision_release',
    sa.Column('decision_id', sa.String(), nullable=False),
    sa.Column('released_at', tables.Instant(timezone=True), nullable=False),
    sa.Column('released_by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_decision_release_decision_id_decision')),
    sa.ForeignKeyConstraint(['released_by'], ['person.id'], name=op.f('fk_decision_release_released_by_person')),
    sa.PrimaryKeyConstraint('decision_id', name=op.f('pk_decision_release'))
    )
    op.create_table('declaration',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('merchant_id', sa.String(), nullable=False),
    sa.Column('link_id', sa.String(), nullable=False),
    sa.Column('grid_id', sa.String(), nullable=False),
    sa.Column('criterion', sa.String(), nullable=False),
    sa.Column('points', sa.String(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('at', tables.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['link_id'], ['merchant_link.id'], name=op.f('fk_declaration_link_id_merchant_link')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_declaration_merchant_id_merchant')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_declaration'))
    )
    op.create_index(op.f('ix_declaration_merchant_id'), 'declaration', ['merchant_id'], unique=False)
    op.create_table('merchant_reply',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('merchant_id', sa.String(), nullable=False),
    sa.Column('decision_id', sa.String(), nullable=False),
    sa.Column('link_id', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', tables.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_merchant_reply_decision_id_decision')),
    sa.ForeignKeyConstraint(['link_id'], ['merchant_link.id'], name=op.f('fk_merchant_reply_link_id_merchant_link')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_merchant_reply_merchant_id_merchant')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merchant_reply'))
    )
    op.create_index(op.f('ix_merchant_reply_decision_id'), 'merchant_reply', ['decision_id'], unique=False)
    op.create_index(op.f('ix_merchant_reply_merchant_id'), 'merchant_reply', ['merchant_id'], unique=False)
    op.create_table('merchant_sign_in',
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('link_id', sa.String(), nullable=False),
    sa.Column('created_at', tables.Instant(timezone=True), nullable=False),
    sa.Column('expires_at', tables.Instant(timezone=True), nullable=False),
    sa.Column('ended_at', tables.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['link_id'], ['merchant_link.id'], name=op.f('fk_merchant_sign_in_link_id_merchant_link')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_merchant_sign_in'))
    )
    op.create_index(op.f('ix_merchant_sign_in_link_id'), 'merchant_sign_in', ['link_id'], unique=False)
    op.create_table('place_report',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('place_id', sa.String(), nullable=False),
    sa.Column('merchant_id', sa.String(), nullable=False),
    sa.Column('link_id', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', tables.Instant(timezone=True), nullable=False),
    sa.Column('handled_at', tables.Instant(timezone=True), nullable=True),
    sa.Column('handled_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['handled_by'], ['person.id'], name=op.f('fk_place_report_handled_by_person')),
    sa.ForeignKeyConstraint(['link_id'], ['merchant_link.id'], name=op.f('fk_place_report_link_id_merchant_link')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_place_report_merchant_id_merchant')),
    sa.ForeignKeyConstraint(['place_id'], ['sales_point.id'], name=op.f('fk_place_report_place_id_sales_point')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_place_report'))
    )
    op.create_index(op.f('ix_place_report_merchant_id'), 'place_report', ['merchant_id'], unique=False)
    op.create_index(op.f('ix_place_report_place_id'), 'place_report', ['place_id'], unique=False)
    op.create_table('appeal_step',
    sa.Column('appeal_id', sa.String(), nullable=False),
    sa.Column('step', sa.String(), nullable=False),
    sa.Column('at', tables.Instant(timezone=True), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['appeal_id'], ['appeal.id'], name=op.f('fk_appeal_step_appeal_id_appeal')),
    sa.ForeignKeyConstraint(['by'], ['person.id'], name=op.f('fk_appeal_step_by_person')),
    sa.PrimaryKeyConstraint('appeal_id', 'step', name=op.f('pk_appeal_step'))
    )


def downgrade() -> None:
    op.drop_table('appeal_step')
    op.drop_index(op.f('ix_place_report_merchant_id'), table_name='place_report')
    op.drop_index(op.f('ix_place_report_place_id'), table_name='place_report')
    op.drop_table('place_report')
    op.drop_index(op.f('ix_merchant_sign_in_link_id'), table_name='merchant_sign_in')
    op.drop_table('merchant_sign_in')
    op.drop_index(op.f('ix_merchant_reply_decision_id'), table_name='merchant_reply')
    op.drop_index(op.f('ix_merchant_reply_merchant_id'), table_name='merchant_reply')
    op.drop_table('merchant_reply')
    op.drop_index(op.f('ix_declaration_merchant_id'), table_name='declaration')
    op.drop_table('declaration')
    op.drop_table('decision_release')
    op.drop_index(op.f('ix_appeal_merchant_id'), table_name='appeal')
    op.drop_table('appeal')
    op.drop_index(op.f('ix_merchant_link_merchant_id'), table_name='merchant_link')
    op.drop_table('merchant_link')
