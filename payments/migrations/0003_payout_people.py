import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0002_sealed_export'),
        ('portal', '0022_approvals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='payout',
            name='payout_terms_fixed',
        ),
        migrations.AddField(
            model_name='payout',
            name='people',
            field=models.PositiveSmallIntegerField(db_default=3, editable=False),
        ),
        # What was drafted under the old rule is finished under it; 1 is what no new payout can be.
        migrations.RunSQL(
            """
            UPDATE payments_payout
            SET people = CASE WHEN sent_by_id = approved_by_id THEN 1 ELSE 2 END
            """,
            migrations.RunSQL.noop,
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payout',
            trigger=pgtrigger.compiler.Trigger(name='payout_terms_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."total_minor" IS DISTINCT FROM (NEW."total_minor") OR OLD."idempotency_key" IS DISTINCT FROM (NEW."idempotency_key") OR OLD."people" IS DISTINCT FROM (NEW."people") OR OLD."drafted_by_id" IS DISTINCT FROM (NEW."drafted_by_id") OR OLD."drafted_at" IS DISTINCT FROM (NEW."drafted_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='4a068523b0a1b9e936a23a7b8e708ac3f80b458d', operation='UPDATE', pgid='pgtrigger_payout_terms_fixed_8ec0a', table='payments_payout', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(('people', 1), models.Q(('sent_by', models.F('approved_by')), _negated=True), _connector='OR'), name='payout_sent_by_another'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(('people__lt', 3), models.Q(('sent_by', models.F('drafted_by')), _negated=True), _connector='OR'), name='payout_sent_by_a_third'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(('people__in', [2, 3]), models.Q(('people', 1), ('state', 'sent')), _connector='OR'), name='payout_people_known'),
        ),
    ]
