"""What Moneko's software is told, and who agreed that Moneko has their details"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'announcement',
        sa.Column('id', sa.String(), nullable=False),
        sa.Column('merchant_id', sa.String(), nullable=False),
        sa.Column('topic', sa.String(), nullable=False),
        sa.Column('body', sa.Text(), nullable=False),
        sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('trouble', sa.String(), nullable=False),
        sa.Column('said', sa.String(), nullable=False),
        sa.Column('trying_since', sa.DateTime(timezone=True), nullable=True),
        sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name='fk_announcement_merchant_id_merchant'),
        sa.PrimaryKeyConstraint('id', name='pk_announcement'),
    )
    op.create_index('ix_announcement_merchant_id', 'announcement', ['merchant_id'])
    op.create_index('ix_announcement_next_try_at', 'announcement', ['next_try_at'])
    op.add_column('merchant_contact', sa.Column('shared_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('merchant_contact', 'shared_at')
    op.drop_table('announcement')
