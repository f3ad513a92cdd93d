"""What the public is told of a sales point and tells the fund: payments, words, addresses, reports, suggestions"""

import sqlalchemy as sa
from alembic import op

from backend.storage import tables

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

ADDED = ('payable', 'payable_note', 'paying', 'paying_note')


def upgrade() -> None:
    op.create_table('publication',
    sa.Column('slug', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('appeared_at', tables.Instant(timezone=True), nullable=False),
    sa.Column('changed_at', tables.Instant(timezone=True), nullable=False),
    sa.Column('left_at', tables.Instant(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('slug', name=op.f('pk_publication'))
    )
    op.create_index(op.f('ix_publication_appeared_at'), 'publication', ['appeared_at'], unique=False)
    op.create_index(op.f('ix_publication_changed_at'), 'publication', ['changed_at'], unique=False)
    op.create_index(op.f('ix_publication_left_at'), 'publication', ['left_at'], unique=False)
    op.create_table('suggestion',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('merchant_id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('postcode', sa.String(), nullable=False),
    sa.Column('city', sa.String(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('email', sa.String(), nullable=True),
    sa.Column('at', tables.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_suggestion_merchant_id_merchant')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suggestion'))
    )
    op.create_index(op.f('ix_suggestion_merchant_id'), 'suggestion', ['merchant_id'], unique=False)
    op.create_table('place_alias',
    sa.Column('slug', sa.String(), nullable=False),
    sa.Column('sales_point_id', sa.String(), nullable=False),
    sa.Column('at', tables.Instant(timezone=True), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['by'], ['person.id'], name=op.f('fk_place_alias_by_person')),
    sa.ForeignKeyConstraint(['sales_point_id'], ['sales_point.id'], name=op.f('fk_place_alias_sales_point_id_sales_point')),
    sa.PrimaryKeyConstraint('slug', name=op.f('pk_place_alias'))
    )
    op.create_index(op.f('ix_place_alias_sales_point_id'), 'place_alias', ['sales_point_id'], unique=False)
    op.create_table('public_words',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('decision_id', sa.String(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('commitments', sa.JSON(), nullable=False),
    sa.Column('at', tables.Instant(timezone=True), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['by'], ['person.id'], name=op.f('fk_public_words_by_person')),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_public_words_decision_id_decision')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_public_words'))
    )
    op.create_index(op.f('ix_public_words_decision_id'), 'public_words', ['decision_id'], unique=False)
    op.create_table('report',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('merchant_id', sa.String(), nullable=False),
    sa.Column('sales_point_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', tables.Instant(timezone=True), nullable=False),
    sa.Column('handled_at', tables.Instant(timezone=True), nullable=True),
    sa.Column('handled_by', sa.String(), nullable=True),
    sa.Column('handled_how', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['handled_by'], ['person.id'], name=op.f('fk_report_handled_by_person')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_report_merchant_id_merchant')),
    sa.ForeignKeyConstraint(['sales_point_id'], ['sales_point.id'], name=op.f('fk_report_sales_point_id_sales_point')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report'))
    )
    op.create_index(op.f('ix_report_handled_at'), 'report', ['handled_at'], unique=False)
    op.create_index(op.f('ix_report_merchant_id'), 'report', ['merchant_id'], unique=False)
    op.create_index(op.f('ix_report_sales_point_id'), 'report', ['sales_point_id'], unique=False)
    with op.batch_alter_table('sales_point') as batch:
        for name in ADDED:
            batch.add_column(sa.Column(name, sa.String(), nullable=False, server_default=''))
    with op.batch_alter_table('sales_point') as batch:
        for name in ADDED:
            batch.alter_column(name, existing_type=sa.String(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('sales_point') as batch:
        for name in ADDED:
            batch.drop_column(name)
    for table in ('report', 'public_words', 'place_alias', 'suggestion', 'publication'):
        op.drop_table(table)
