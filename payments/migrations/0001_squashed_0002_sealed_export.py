import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import portal.triggers
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('payments', '0001_initial'), ('payments', '0002_sealed_export')]

    initial = True

    dependencies = [
        ('generation', '0013_extension_leads'),
        ('review', '0002_approvals'),
    ]

    operations = [
        portal.triggers.MakeTables([
            migrations.CreateModel(
                name='Account',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.CharField(max_length=120)),
                    ('kind', models.CharField(choices=[('asset', 'Asset'), ('liability', 'Liability'), ('expense', 'Expense')], max_length=10)),
                    ('currency', models.CharField(max_length=3)),
                    ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ledger_accounts', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['code', 'currency'],
                    'constraints': [models.UniqueConstraint(fields=('code', 'currency'), name='account_once_per_currency'), models.CheckConstraint(condition=models.Q(('kind__in', ['asset', 'liability', 'expense'])), name='account_kind_known'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='account_currency_code')],
                },
            ),
            migrations.CreateModel(
                name='Feedback',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('token', models.UUIDField(default=uuid.uuid4, editable=False)),
                    ('state', models.CharField(choices=[('draft', 'Draft'), ('filed', 'Filed')], default='draft', editable=False, max_length=10)),
                    ('model_key', models.CharField(max_length=80, verbose_name='model')),
                    ('tried', models.TextField(blank=True, max_length=8000, verbose_name='what you tried')),
                    ('happened', models.TextField(blank=True, max_length=8000, verbose_name='what happened')),
                    ('change', models.TextField(blank=True, max_length=8000, verbose_name='what should change')),
                    ('opinion', models.TextField(blank=True, max_length=8000, verbose_name='anything else')),
                    ('minutes', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(6000)], verbose_name='minutes spent')),
                    ('picture', models.CharField(blank=True, editable=False, max_length=200)),
                    ('picture_sha256', models.CharField(blank=True, editable=False, max_length=64)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                    ('filed_at', models.DateTimeField(editable=False, null=True)),
                    ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='feedback', to=settings.AUTH_USER_MODEL)),
                    ('clip', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='feedback', to='generation.clip', verbose_name='clip')),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='feedback', to='portal.cohort')),
                ],
                options={
                    'verbose_name_plural': 'feedback',
                    'ordering': ['-id'],
                    'constraints': [models.UniqueConstraint(fields=('author', 'token'), name='feedback_form_sent_once'), models.CheckConstraint(condition=models.Q(models.Q(('filed_at__isnull', False), ('state', 'filed')), models.Q(('filed_at__isnull', True), ('state', 'draft')), _connector='OR'), name='feedback_filed_at_a_time'), models.CheckConstraint(condition=models.Q(('state', 'draft'), models.Q(('tried', ''), _negated=True), models.Q(('happened', ''), _negated=True), models.Q(('change', ''), _negated=True), models.Q(('opinion', ''), _negated=True), _connector='OR'), name='feedback_filed_says_something')],
                },
            ),
            migrations.CreateModel(
                name='PayeeDetails',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('method', models.CharField(choices=[('iban', 'Bank transfer'), ('paypal', 'PayPal')], default='iban', max_length=10, verbose_name='paid by')),
                    ('holder', models.CharField(max_length=70, verbose_name='account holder')),
                    ('account_sealed', models.TextField()),
                    ('account_hint', models.CharField(max_length=80)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                    ('artist', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='payee_details', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name_plural': 'payee details',
                    'constraints': [models.CheckConstraint(condition=models.Q(('method__in', ['iban', 'paypal'])), name='payee_method_known'), models.CheckConstraint(condition=models.Q(models.Q(('holder', ''), _negated=True), models.Q(('account_sealed', ''), _negated=True)), name='payee_is_complete')],
                },
            ),
            migrations.CreateModel(
                name='Payout',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('currency', models.CharField(max_length=3)),
                    ('total_minor', models.BigIntegerField()),
                    ('state', models.CharField(choices=[('draft', 'Draft'), ('approved', 'Approved'), ('exported', 'Exported'), ('sent', 'Sent'), ('cancelled', 'Cancelled')], default='draft', editable=False, max_length=10)),
                    ('idempotency_key', models.UUIDField(editable=False, unique=True)),
                    ('drafted_at', models.DateTimeField(auto_now_add=True)),
                    ('approved_at', models.DateTimeField(null=True)),
                    ('exported_at', models.DateTimeField(null=True)),
                    ('sent_at', models.DateTimeField(null=True)),
                    ('cancelled_at', models.DateTimeField(null=True)),
                    ('cancel_reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                    ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('cancelled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='portal.cohort')),
                    ('drafted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('exported_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('sent_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-id'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('approved_by', models.F('drafted_by')), _negated=True), name='payout_approved_by_another'), models.CheckConstraint(condition=models.Q(('total_minor__gt', 0)), name='payout_pays_something'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'approved', 'exported', 'sent', 'cancelled'])), name='payout_state_known'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'cancelled']), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False)), _connector='OR'), name='payout_approved_by_someone'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['exported', 'sent']), _negated=True), models.Q(('exported_at__isnull', False), ('exported_by__isnull', False)), _connector='OR'), name='payout_exported_by_someone'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('sent_by__isnull', False), ('state', 'sent')), models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at__isnull', True), ('sent_by__isnull', True)), _connector='OR'), name='payout_sent_by_someone'), models.CheckConstraint(condition=models.Q(models.Q(('cancelled_at__isnull', False), ('cancelled_by__isnull', False), ('state', 'cancelled')), models.Q(models.Q(('state', 'cancelled'), _negated=True), ('cancelled_at__isnull', True), ('cancelled_by__isnull', True)), _connector='OR'), name='payout_cancelled_by_someone')],
                },
            ),
            migrations.CreateModel(
                name='Entry',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('cause', models.CharField(max_length=80, unique=True)),
                    ('description', models.CharField(max_length=200)),
                    ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ('transaction', models.BigIntegerField(db_default=models.Value(0), editable=False)),
                    ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('payout', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='payments.payout')),
                ],
                options={
                    'verbose_name_plural': 'entries',
                    'ordering': ['-id'],
                },
            ),
            migrations.CreateModel(
                name='PayoutExport',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('body_sealed', models.TextField()),
                    ('sha256', models.CharField(max_length=64)),
                    ('rows', models.PositiveIntegerField()),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('payout', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='export', to='payments.payout')),
                ],
            ),
            migrations.CreateModel(
                name='Posting',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('currency', models.CharField(max_length=3)),
                    ('amount_minor', models.BigIntegerField()),
                    ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='payments.account')),
                    ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='payments.entry')),
                ],
                options={
                    'ordering': ['id'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor', 0), _negated=True), name='posting_moves_something')],
                },
            ),
            migrations.CreateModel(
                name='RateCard',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('brief_clip', 'Clip for a brief'), ('feedback', 'Feedback report')], max_length=20, verbose_name='work')),
                    ('version', models.PositiveIntegerField()),
                    ('amount_minor', models.BigIntegerField()),
                    ('currency', models.CharField(max_length=3)),
                    ('cap_count', models.PositiveIntegerField(null=True, verbose_name='at most')),
                    ('cap_period', models.CharField(choices=[('none', 'No limit'), ('week', 'a week'), ('month', 'a month'), ('cohort', 'the whole cohort')], default='none', max_length=10, verbose_name='in')),
                    ('effective_from', models.DateField(verbose_name='from')),
                    ('set_at', models.DateTimeField(auto_now_add=True)),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rates', to='portal.cohort')),
                    ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['cohort', 'kind', '-version'],
                    'constraints': [models.UniqueConstraint(fields=('cohort', 'kind', 'version'), name='rate_version_once'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='rate_pays_something'), models.CheckConstraint(condition=models.Q(('kind__in', ['brief_clip', 'feedback'])), name='rate_kind_known'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='rate_currency_code'), models.CheckConstraint(condition=models.Q(models.Q(('cap_count__isnull', True), ('cap_period', 'none')), models.Q(('cap_period__in', ['week', 'month', 'cohort']), ('cap_count__gte', 1)), _connector='OR'), name='rate_cap_has_its_period')],
                },
            ),
            migrations.CreateModel(
                name='Triage',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('status', models.CharField(choices=[('read', 'Read'), ('planned', 'Planned'), ('changed', 'Led to a change'), ('known', 'Already known'), ('not_planned', 'Not planned')], max_length=12, verbose_name='status')),
                    ('note', models.CharField(blank=True, max_length=1000, verbose_name='note to the author')),
                    ('at', models.DateTimeField(auto_now_add=True)),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('feedback', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='triage', to='payments.feedback')),
                ],
                options={
                    'verbose_name_plural': 'triage',
                    'ordering': ['-id'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['read', 'planned', 'changed', 'known', 'not_planned'])), name='triage_status_known')],
                },
            ),
            migrations.CreateModel(
                name='WorkItem',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('brief_clip', 'Clip for a brief'), ('feedback', 'Feedback report'), ('adjustment', 'Adjustment')], max_length=20)),
                    ('amount_minor', models.BigIntegerField()),
                    ('currency', models.CharField(max_length=3)),
                    ('accrued_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                    ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='work_items', to=settings.AUTH_USER_MODEL)),
                    ('brief', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='work_items', to='portal.brief')),
                    ('clip', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='work_items', to='generation.clip')),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='work_items', to='portal.cohort')),
                    ('corrects', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='correction', to='payments.workitem')),
                    ('feedback', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='work_items', to='payments.feedback')),
                    ('rate', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='work_items', to='payments.ratecard')),
                ],
                options={
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['artist', '-accrued_at'], name='work_by_artist'), models.Index(fields=['cohort', 'currency'], name='work_by_cohort')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'brief_clip')), fields=('clip',), name='work_once_per_clip'), models.UniqueConstraint(condition=models.Q(('kind', 'feedback')), fields=('feedback',), name='work_once_per_feedback'), models.CheckConstraint(condition=models.Q(models.Q(('brief__isnull', False), ('clip__isnull', False), ('kind', 'brief_clip'), ('corrects__isnull', True), ('feedback__isnull', True)), models.Q(('feedback__isnull', False), ('kind', 'feedback'), ('brief__isnull', True), ('clip__isnull', True), ('corrects__isnull', True)), models.Q(('kind', 'adjustment'), ('rate__isnull', True), ('brief__isnull', True), ('clip__isnull', True), ('feedback__isnull', True)), _connector='OR'), name='work_names_its_cause'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'adjustment'), models.Q(('amount_minor', 0), _negated=True), models.Q(('note', ''), _negated=True)), models.Q(('amount_minor__gte', 0), models.Q(('kind', 'adjustment'), _negated=True)), _connector='OR'), name='work_amount_fits_kind'), models.CheckConstraint(condition=models.Q(('kind', 'adjustment'), ('amount_minor', 0), ('rate__isnull', False), _connector='OR'), name='work_paid_by_a_rate'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='work_currency_code')],
                },
            ),
            migrations.CreateModel(
                name='PayoutLine',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('amount_minor', models.BigIntegerField()),
                    ('live', models.BooleanField(default=True)),
                    ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payout_lines', to=settings.AUTH_USER_MODEL)),
                    ('payout', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='payments.payout')),
                    ('work', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payout_lines', to='payments.workitem')),
                ],
                options={
                    'ordering': ['id'],
                    'indexes': [models.Index(fields=['payout', 'artist'], name='payout_line_by_artist')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('live', True)), fields=('work',), name='payout_line_one_live_per_work'), models.CheckConstraint(condition=models.Q(('amount_minor', 0), _negated=True), name='payout_line_pays_something')],
                },
            ),
            migrations.AddField(
                model_name='entry',
                name='work',
                field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='payments.workitem'),
            ),
        ]),
        portal.triggers.MakeTrigger(
            model_name='account',
            trigger=pgtrigger.compiler.Trigger(name='account_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='97f5b242fcaac022264bce39ca2173009c037418', operation='UPDATE OR DELETE', pgid='pgtrigger_account_fixed_189d0', table='payments_account', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='feedback',
            trigger=pgtrigger.compiler.Trigger(name='feedback_filed_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" = \'filed\')', func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='9c43a7dc2fc90f9723b7aa28977b048442c20d75', operation='UPDATE OR DELETE', pgid='pgtrigger_feedback_filed_is_fixed_a935f', table='payments_feedback', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='payout',
            trigger=pgtrigger.compiler.Trigger(name='payout_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='c0e985b6516eb4224c425738a478b7e8f010a935', operation='DELETE', pgid='pgtrigger_payout_kept_bc4d7', table='payments_payout', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='payout',
            trigger=pgtrigger.compiler.Trigger(name='payout_begins_as_draft', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NOT (NEW."state" = \'draft\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;", hash='02a75cff543fb985932038c03bdcde48437e96bf', operation='INSERT', pgid='pgtrigger_payout_begins_as_draft_0fa5a', table='payments_payout', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='payout',
            trigger=pgtrigger.compiler.Trigger(name='payout_total', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\nIF (SELECT total_minor FROM payments_payout WHERE id = NEW.id) <>\n   (SELECT coalesce(sum(amount_minor), 0) FROM payments_payoutline WHERE payout_id = NEW.id)\nTHEN\n    RAISE EXCEPTION 'the lines of payout % do not add up to its total', NEW.id\n        USING ERRCODE = 'check_violation';\nEND IF;\nRETURN NULL;\n", hash='6c4a078ce363504956ba564858b8faa91e6f359b', operation='INSERT', pgid='pgtrigger_payout_total_e065c', table='payments_payout', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        portal.triggers.MakeTrigger(
            model_name='payout',
            trigger=pgtrigger.compiler.Trigger(name='payout_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{draft:approved,draft:cancelled,approved:cancelled,approved:exported,exported:cancelled,exported:sent}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='2bdc1f506d312d3212f7dba0b5e5fc31736492d6', operation='UPDATE', pgid='pgtrigger_payout_transitions_18f5b', table='payments_payout', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='payout',
            trigger=pgtrigger.compiler.Trigger(name='payout_terms_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."total_minor" IS DISTINCT FROM (NEW."total_minor") OR OLD."idempotency_key" IS DISTINCT FROM (NEW."idempotency_key") OR OLD."drafted_by_id" IS DISTINCT FROM (NEW."drafted_by_id") OR OLD."drafted_at" IS DISTINCT FROM (NEW."drafted_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='db60170d4a80bde228ce68e0891f215082ca9047', operation='UPDATE', pgid='pgtrigger_payout_terms_fixed_8ec0a', table='payments_payout', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='payoutexport',
            trigger=pgtrigger.compiler.Trigger(name='payout_export_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='ac3c669bc52b95bee8ad6295058891ffbec98226', operation='UPDATE OR DELETE', pgid='pgtrigger_payout_export_append_only_197f4', table='payments_payoutexport', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='posting',
            trigger=pgtrigger.compiler.Trigger(name='posting_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='75b3b6c0d8724ea89ee7c5e2cc27523ddb015b63', operation='UPDATE OR DELETE', pgid='pgtrigger_posting_append_only_1037d', table='payments_posting', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='posting',
            trigger=pgtrigger.compiler.Trigger(name='posting_fits', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NOT EXISTS (\n                        SELECT 1 FROM payments_entry\n                        WHERE id = NEW.entry_id AND at = now()\n                          AND transaction = pg_current_xact_id()::text::bigint\n                    ) THEN\n                        RAISE EXCEPTION 'a posting cannot join entry %: it is closed', NEW.entry_id\n                            USING ERRCODE = 'check_violation';\n                    END IF;\n                    IF NOT EXISTS (\n                        SELECT 1 FROM payments_account\n                        WHERE id = NEW.account_id AND currency = NEW.currency\n                    ) THEN\n                        RAISE EXCEPTION 'a posting in % cannot go to account %: other currency',\n                            NEW.currency, NEW.account_id\n                            USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='12e41c3fd248edd698dd0c6b97e75e5f03b6802e', operation='INSERT', pgid='pgtrigger_posting_fits_f9953', table='payments_posting', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='posting',
            trigger=pgtrigger.compiler.Trigger(name='posting_balanced', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\nIF (SELECT count(*) FROM payments_posting WHERE entry_id = NEW.entry_id) < 2 THEN\n    RAISE EXCEPTION 'ledger entry % has fewer than two postings', NEW.entry_id\n        USING ERRCODE = 'check_violation';\nEND IF;\nIF EXISTS (\n    SELECT 1 FROM payments_posting WHERE entry_id = NEW.entry_id\n    GROUP BY currency HAVING sum(amount_minor) <> 0\n) THEN\n    RAISE EXCEPTION 'ledger entry % does not add up to zero in each currency', NEW.entry_id\n        USING ERRCODE = 'check_violation';\nEND IF;\nRETURN NULL;\n", hash='0160ef6c0314cc64da305784fb25ec12357342c0', operation='INSERT', pgid='pgtrigger_posting_balanced_b8f19', table='payments_posting', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        portal.triggers.MakeTrigger(
            model_name='ratecard',
            trigger=pgtrigger.compiler.Trigger(name='rate_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3b7c34f06b06764ca4752960ac651a09fedd7785', operation='UPDATE OR DELETE', pgid='pgtrigger_rate_append_only_2d9a9', table='payments_ratecard', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='triage',
            trigger=pgtrigger.compiler.Trigger(name='triage_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d4b16a9871e679a866038859d7b7118c61c89a12', operation='UPDATE OR DELETE', pgid='pgtrigger_triage_append_only_44f8f', table='payments_triage', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='workitem',
            trigger=pgtrigger.compiler.Trigger(name='work_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d4ed7e73e74d551722e0c2b2f9f22c4e73592245', operation='UPDATE OR DELETE', pgid='pgtrigger_work_append_only_100f3', table='payments_workitem', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='payoutline',
            trigger=pgtrigger.compiler.Trigger(name='payout_line_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='a7ccdb518cdbac1d1956e9bd7f39972801352715', operation='DELETE', pgid='pgtrigger_payout_line_kept_bbac0', table='payments_payoutline', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='payoutline',
            trigger=pgtrigger.compiler.Trigger(name='payout_line_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."payout_id" IS DISTINCT FROM (NEW."payout_id") OR OLD."work_id" IS DISTINCT FROM (NEW."work_id") OR OLD."artist_id" IS DISTINCT FROM (NEW."artist_id") OR OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='f0c6d39b2ffd4d12f203e657f6ebe2d6cd6e36a2', operation='UPDATE', pgid='pgtrigger_payout_line_fixed_02484', table='payments_payoutline', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='payoutline',
            trigger=pgtrigger.compiler.Trigger(name='payout_line_fits', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NOT EXISTS (\n                        SELECT 1 FROM payments_payout p JOIN payments_workitem w\n                          ON w.id = NEW.work_id AND w.cohort_id = p.cohort_id\n                         AND w.currency = p.currency\n                        WHERE p.id = NEW.payout_id AND p.state = 'draft'\n                          AND w.artist_id = NEW.artist_id AND w.amount_minor = NEW.amount_minor\n                    ) THEN\n                        RAISE EXCEPTION 'work % does not fit payout %', NEW.work_id, NEW.payout_id\n                            USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='81f8452261a8a4ee48560f4f6b12b453d90b0e71', operation='INSERT', pgid='pgtrigger_payout_line_fits_094b4', table='payments_payoutline', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='payoutline',
            trigger=pgtrigger.compiler.Trigger(name='payout_line_total', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\nIF (SELECT total_minor FROM payments_payout WHERE id = NEW.payout_id) <>\n   (SELECT coalesce(sum(amount_minor), 0) FROM payments_payoutline WHERE payout_id = NEW.payout_id)\nTHEN\n    RAISE EXCEPTION 'the lines of payout % do not add up to its total', NEW.payout_id\n        USING ERRCODE = 'check_violation';\nEND IF;\nRETURN NULL;\n", hash='4adf7470d3cdce01e85ea3cc3de619310733183c', operation='INSERT', pgid='pgtrigger_payout_line_total_5555b', table='payments_payoutline', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        portal.triggers.MakeTrigger(
            model_name='payoutline',
            trigger=pgtrigger.compiler.Trigger(name='payout_line_released_by_cancelling', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."live" IS DISTINCT FROM (NEW."live"))', func="\n                    IF NEW.live OR NOT EXISTS (\n                        SELECT 1 FROM payments_payout\n                        WHERE id = NEW.payout_id AND state = 'cancelled'\n                    ) THEN\n                        RAISE EXCEPTION 'line % is released only by cancelling its payout', NEW.id\n                            USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='20102b0bb63d41abe9bbd0d86734d3cd011e1a0f', operation='UPDATE', pgid='pgtrigger_payout_line_released_by_cancelling_01d52', table='payments_payoutline', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='entry',
            trigger=pgtrigger.compiler.Trigger(name='entry_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='aa2ef36d64e5705d34cb443b0ec3b75493adba02', operation='UPDATE OR DELETE', pgid='pgtrigger_entry_append_only_27a22', table='payments_entry', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='entry',
            trigger=pgtrigger.compiler.Trigger(name='entry_stamped', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    NEW.at := now();\n                    NEW.transaction := pg_current_xact_id()::text::bigint;\n                    RETURN NEW;\n                ', hash='480d2bb3896c7a241f2c0990f011d0c887ad3125', operation='INSERT', pgid='pgtrigger_entry_stamped_c4e36', table='payments_entry', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='entry',
            trigger=pgtrigger.compiler.Trigger(name='entry_balanced', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\nIF (SELECT count(*) FROM payments_posting WHERE entry_id = NEW.id) < 2 THEN\n    RAISE EXCEPTION 'ledger entry % has fewer than two postings', NEW.id\n        USING ERRCODE = 'check_violation';\nEND IF;\nIF EXISTS (\n    SELECT 1 FROM payments_posting WHERE entry_id = NEW.id\n    GROUP BY currency HAVING sum(amount_minor) <> 0\n) THEN\n    RAISE EXCEPTION 'ledger entry % does not add up to zero in each currency', NEW.id\n        USING ERRCODE = 'check_violation';\nEND IF;\nRETURN NULL;\n", hash='7bbc07a0eddb86daf452aabc0dcfa02ac57d56fb', operation='INSERT', pgid='pgtrigger_entry_balanced_e4d93', table='payments_entry', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
    ]
