
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0005_remittances_of_old_payouts'),
        ('portal', '0023_deletions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PayHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('placed_at', models.DateTimeField(auto_now_add=True)),
                ('lifted_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.AddField(
            model_name='payeedetails',
            name='usable_from',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='payout',
            name='rail',
            field=models.CharField(choices=[('sepa', 'SEPA credit transfer'), ('csv', 'CSV table'), ('manual', 'By hand, from a list')], db_default='csv', editable=False, max_length=10),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payout',
            trigger=pgtrigger.compiler.Trigger(name='payout_rail_kept', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."exported_at" IS NOT NULL AND OLD."rail" IS DISTINCT FROM (NEW."rail"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='7a289e216a6055f9b55418a7adba5da918d3aeb7', operation='UPDATE', pgid='pgtrigger_payout_rail_kept_4f854', table='payments_payout', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(('rail__in', ['sepa', 'csv', 'manual'])), name='payout_rail_known'),
        ),
        migrations.AddField(
            model_name='payhold',
            name='lifted_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='payhold',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pay_holds', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='payhold',
            name='placed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='payhold',
            constraint=models.UniqueConstraint(condition=models.Q(('lifted_at__isnull', True)), fields=('person',), name='pay_hold_one_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='payhold',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='pay_hold_says_why'),
        ),
        migrations.AddConstraint(
            model_name='payhold',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lifted_at__isnull', True), ('lifted_by__isnull', True)), models.Q(('lifted_at__isnull', False), ('lifted_by__isnull', False)), _connector='OR'), name='pay_hold_lifted_by_someone'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payhold',
            trigger=pgtrigger.compiler.Trigger(name='pay_hold_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='ca8f575e77a257ea7ffe94ff13e58510e9205b15', operation='DELETE', pgid='pgtrigger_pay_hold_kept_331d4', table='payments_payhold', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payhold',
            trigger=pgtrigger.compiler.Trigger(name='pay_hold_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."placed_by_id" IS DISTINCT FROM (NEW."placed_by_id") OR OLD."placed_at" IS DISTINCT FROM (NEW."placed_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='c987df72fe2e7bfc479ea77092bc3c77edbecb52', operation='UPDATE', pgid='pgtrigger_pay_hold_fixed_f4430', table='payments_payhold', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payhold',
            trigger=pgtrigger.compiler.Trigger(name='pay_hold_lifted_for_good', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."lifted_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='c55c8957589e316373faf3070fedc79c60e4b36c', operation='UPDATE', pgid='pgtrigger_pay_hold_lifted_for_good_5ac6b', table='payments_payhold', when='BEFORE')),
        ),
    ]
