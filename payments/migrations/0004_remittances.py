
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0003_payout_people'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Remittance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attempt', models.PositiveSmallIntegerField(default=1)),
                ('key', models.CharField(editable=False, max_length=35, unique=True)),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('method', models.CharField(blank=True, choices=[('iban', 'Bank transfer'), ('paypal', 'PayPal')], max_length=10)),
                ('holder_sealed', models.TextField(blank=True)),
                ('account_sealed', models.TextField(blank=True)),
                ('account_hint', models.CharField(blank=True, max_length=80)),
                ('state', models.CharField(choices=[('created', 'Ready to go'), ('sent', 'In transit'), ('unknown', 'Unknown'), ('settled', 'Arrived'), ('failed', 'Came back'), ('withdrawn', 'Withdrawn')], default='created', editable=False, max_length=10)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('sent_at', models.DateTimeField(null=True)),
                ('unknown_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('bank_reference', models.CharField(blank=True, max_length=64, verbose_name='bank reference')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='payoutline',
            name='payout_line_released_by_cancelling',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payoutline',
            trigger=pgtrigger.compiler.Trigger(name='payout_line_released_by_cancelling', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."live" IS DISTINCT FROM (NEW."live"))', func="\n                    IF NEW.live OR NOT EXISTS (\n                        SELECT 1 FROM payments_payout\n                        WHERE id = NEW.payout_id AND state = 'cancelled'\n                        UNION ALL\n                        SELECT 1 FROM payments_remittance\n                        WHERE payout_id = NEW.payout_id AND artist_id = NEW.artist_id\n                          AND state = 'failed'\n                    ) THEN\n                        RAISE EXCEPTION 'line % is released only by cancelling its payout '\n                            'or by a remittance that failed', NEW.id\n                            USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='766e972b9b23d1cca31950c224fb8d5cc5683300', operation='UPDATE', pgid='pgtrigger_payout_line_released_by_cancelling_01d52', table='payments_payoutline', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='remittance',
            name='artist',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='remittances', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='remittance',
            name='closed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='remittance',
            name='payout',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='remittances', to='payments.payout'),
        ),
        migrations.AddField(
            model_name='entry',
            name='remittance',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='payments.remittance'),
        ),
        migrations.AddIndex(
            model_name='remittance',
            index=models.Index(fields=['state', 'sent_at'], name='remittance_by_state'),
        ),
        migrations.AddConstraint(
            model_name='remittance',
            constraint=models.UniqueConstraint(fields=('payout', 'artist'), name='remittance_once_per_payout_and_artist'),
        ),
        migrations.AddConstraint(
            model_name='remittance',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='remittance_pays'),
        ),
        migrations.AddConstraint(
            model_name='remittance',
            constraint=models.CheckConstraint(condition=models.Q(('attempt__gt', 0)), name='remittance_attempt_counts'),
        ),
        migrations.AddConstraint(
            model_name='remittance',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['created', 'sent', 'unknown', 'settled', 'failed', 'withdrawn'])), name='remittance_state_known'),
        ),
        migrations.AddConstraint(
            model_name='remittance',
            constraint=models.CheckConstraint(condition=models.Q(('key', ''), _negated=True), name='remittance_has_its_key'),
        ),
        migrations.AddConstraint(
            model_name='remittance',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('account_sealed', ''), ('holder_sealed', ''), ('method', '')), models.Q(('method__in', ['iban', 'paypal']), models.Q(('account_sealed', ''), _negated=True), models.Q(('holder_sealed', ''), _negated=True)), _connector='OR'), name='remittance_account_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='remittance',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', True), ('state__in', ['created', 'withdrawn'])), models.Q(models.Q(('state__in', ['created', 'withdrawn']), _negated=True), ('sent_at__isnull', False)), _connector='OR'), name='remittance_sent_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='remittance',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'unknown'), _negated=True), ('unknown_at__isnull', False), _connector='OR'), name='remittance_unknown_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='remittance',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state__in', ['settled', 'failed'])), models.Q(models.Q(('state__in', ['settled', 'failed']), _negated=True), ('closed_at__isnull', True), ('closed_by__isnull', True)), _connector='OR'), name='remittance_closed_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='remittance',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'failed'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='remittance_failed_for_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='remittance',
            constraint=models.CheckConstraint(condition=models.Q(('unknown_at__isnull', True), ('state', 'unknown'), models.Q(('closed_by__isnull', False), models.Q(('bank_reference', ''), _negated=True), models.Q(('note', ''), _negated=True)), _connector='OR'), name='remittance_unknown_is_reconciled'),
        ),
    ]
