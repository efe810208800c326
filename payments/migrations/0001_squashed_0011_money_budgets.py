import datetime
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import pgtrigger.compiler
import portal.triggers
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('payments', '0001_initial'), ('payments', '0002_sealed_export'), ('payments', '0003_payout_people'), ('payments', '0004_remittances'), ('payments', '0005_remittances_of_old_payouts'), ('payments', '0006_rails_and_holds'), ('payments', '0007_testing_sessions'), ('payments', '0008_pay_floors'), ('payments', '0009_disputes'), ('payments', '0010_cohort_reports'), ('payments', '0011_money_budgets')]

    initial = True

    dependencies = [
        ('generation', '0014_forgotten_words'),
        ('review', '0012_fingerprint'),
    ]

    operations = [
        portal.triggers.MakeTables(
            operations=[migrations.CreateModel(
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
            ), migrations.CreateModel(
                name='CohortReport',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('figures', models.JSONField()),
                    ('basis', models.JSONField()),
                    ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ('published_at', models.DateTimeField(editable=False, null=True)),
                    ('withdrawn_at', models.DateTimeField(editable=False, null=True)),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='portal.cohort')),
                    ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['cohort', '-id'], name='report_newest_of_cohort')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('published_at__isnull', True), ('published_by__isnull', True)), models.Q(('published_at__isnull', False), ('published_by__isnull', False)), _connector='OR'), name='report_published_by_someone'), models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at__isnull', True), ('withdrawn_by__isnull', True)), models.Q(('published_at__isnull', False), ('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False)), _connector='OR'), name='report_withdrawn_once_published')],
                },
            ), migrations.CreateModel(
                name='Dispute',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('token', models.UUIDField(default=uuid.uuid4, editable=False)),
                    ('state', models.CharField(choices=[('open', 'Open'), ('answered', 'Answered'), ('settled', 'Settled with an entry'), ('closed', 'Closed')], default='open', editable=False, max_length=10)),
                    ('opened_at', models.DateTimeField(auto_now_add=True)),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to=settings.AUTH_USER_MODEL)),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='portal.cohort')),
                    ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-pk'],
                    'indexes': [models.Index(fields=['state', 'opened_at'], name='dispute_by_state')],
                    'constraints': [models.UniqueConstraint(fields=('artist', 'token'), name='dispute_form_sent_once'), models.CheckConstraint(condition=models.Q(('ended_by', models.F('artist')), _negated=True), name='dispute_not_ended_by_oneself')],
                },
            ), migrations.CreateModel(
                name='DisputeMessage',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('text', models.TextField(max_length=4000, verbose_name='text')),
                    ('at', models.DateTimeField(auto_now_add=True)),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('dispute', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='payments.dispute')),
                ],
                options={
                    'ordering': ['pk'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='dispute_message_says_something')],
                },
            ), migrations.CreateModel(
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
            ), migrations.CreateModel(
                name='MoneyBudget',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('amount_minor', models.BigIntegerField()),
                    ('currency', models.CharField(max_length=3)),
                    ('set_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='money_budgets', to='portal.cohort')),
                    ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-id'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='money_budget_is_some'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='money_budget_currency_code')],
                },
            ), migrations.CreateModel(
                name='PayeeDetails',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('method', models.CharField(choices=[('iban', 'Bank transfer'), ('paypal', 'PayPal')], default='iban', max_length=10, verbose_name='paid by')),
                    ('holder', models.CharField(max_length=70, verbose_name='account holder')),
                    ('account_sealed', models.TextField()),
                    ('account_hint', models.CharField(max_length=80)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                    ('usable_from', models.DateTimeField(editable=False, null=True)),
                    ('artist', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='payee_details', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name_plural': 'payee details',
                    'constraints': [models.CheckConstraint(condition=models.Q(('method__in', ['iban', 'paypal'])), name='payee_method_known'), models.CheckConstraint(condition=models.Q(models.Q(('holder', ''), _negated=True), models.Q(('account_sealed', ''), _negated=True)), name='payee_is_complete')],
                },
            ), migrations.CreateModel(
                name='PayFloor',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('version', models.PositiveIntegerField()),
                    ('amount_minor', models.BigIntegerField()),
                    ('currency', models.CharField(max_length=3)),
                    ('effective_from', models.DateField(verbose_name='from')),
                    ('set_at', models.DateTimeField(auto_now_add=True)),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='floors', to='portal.cohort')),
                    ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['cohort', '-version'],
                    'constraints': [models.UniqueConstraint(fields=('cohort', 'version'), name='floor_version_once'), models.CheckConstraint(condition=models.Q(('amount_minor__gte', 0)), name='floor_not_below_zero'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='floor_currency_code'), models.CheckConstraint(condition=models.Q(('effective_from__day', 1)), name='floor_begins_with_a_month')],
                },
            ), migrations.CreateModel(
                name='PayHold',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('reason', models.CharField(max_length=300, verbose_name='reason')),
                    ('placed_at', models.DateTimeField(auto_now_add=True)),
                    ('lifted_at', models.DateTimeField(null=True)),
                    ('lifted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pay_holds', to=settings.AUTH_USER_MODEL)),
                    ('placed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-id'],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at__isnull', True)), fields=('person',), name='pay_hold_one_at_a_time'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='pay_hold_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('lifted_at__isnull', True), ('lifted_by__isnull', True)), models.Q(('lifted_at__isnull', False), ('lifted_by__isnull', False)), _connector='OR'), name='pay_hold_lifted_by_someone')],
                },
            ), migrations.CreateModel(
                name='Payout',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('currency', models.CharField(max_length=3)),
                    ('total_minor', models.BigIntegerField()),
                    ('state', models.CharField(choices=[('draft', 'Draft'), ('approved', 'Approved'), ('exported', 'Exported'), ('sent', 'Sent'), ('cancelled', 'Cancelled')], default='draft', editable=False, max_length=10)),
                    ('rail', models.CharField(choices=[('sepa', 'SEPA credit transfer'), ('csv', 'CSV table'), ('manual', 'By hand, from a list')], db_default='csv', editable=False, max_length=10)),
                    ('idempotency_key', models.UUIDField(editable=False, unique=True)),
                    ('people', models.PositiveSmallIntegerField(db_default=3, editable=False)),
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
                    'constraints': [models.CheckConstraint(condition=models.Q(('approved_by', models.F('drafted_by')), _negated=True), name='payout_approved_by_another'), models.CheckConstraint(condition=models.Q(('people', 1), models.Q(('sent_by', models.F('approved_by')), _negated=True), _connector='OR'), name='payout_sent_by_another'), models.CheckConstraint(condition=models.Q(('people__lt', 3), models.Q(('sent_by', models.F('drafted_by')), _negated=True), _connector='OR'), name='payout_sent_by_a_third'), models.CheckConstraint(condition=models.Q(('people__in', [2, 3]), models.Q(('people', 1), ('state', 'sent')), _connector='OR'), name='payout_people_known'), models.CheckConstraint(condition=models.Q(('total_minor__gt', 0)), name='payout_pays_something'), models.CheckConstraint(condition=models.Q(('rail__in', ['sepa', 'csv', 'manual'])), name='payout_rail_known'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'approved', 'exported', 'sent', 'cancelled'])), name='payout_state_known'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'cancelled']), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False)), _connector='OR'), name='payout_approved_by_someone'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['exported', 'sent']), _negated=True), models.Q(('exported_at__isnull', False), ('exported_by__isnull', False)), _connector='OR'), name='payout_exported_by_someone'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('sent_by__isnull', False), ('state', 'sent')), models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at__isnull', True), ('sent_by__isnull', True)), _connector='OR'), name='payout_sent_by_someone'), models.CheckConstraint(condition=models.Q(models.Q(('cancelled_at__isnull', False), ('cancelled_by__isnull', False), ('state', 'cancelled')), models.Q(models.Q(('state', 'cancelled'), _negated=True), ('cancelled_at__isnull', True), ('cancelled_by__isnull', True)), _connector='OR'), name='payout_cancelled_by_someone')],
                },
            ), migrations.CreateModel(
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
            ), migrations.CreateModel(
                name='PayoutExport',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('body_sealed', models.TextField()),
                    ('sha256', models.CharField(max_length=64)),
                    ('rows', models.PositiveIntegerField()),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('payout', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='export', to='payments.payout')),
                ],
            ), migrations.CreateModel(
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
            ), migrations.CreateModel(
                name='RateCard',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('brief_clip', 'Clip for a brief'), ('feedback', 'Feedback report'), ('testing_session', 'Testing session')], max_length=20, verbose_name='work')),
                    ('version', models.PositiveIntegerField()),
                    ('amount_minor', models.BigIntegerField()),
                    ('currency', models.CharField(max_length=3)),
                    ('cap_count', models.PositiveIntegerField(null=True, verbose_name='at most')),
                    ('cap_period', models.CharField(choices=[('none', 'No limit'), ('week', 'a week'), ('month', 'a month'), ('cohort', 'the whole cohort')], default='none', max_length=10, verbose_name='in')),
                    ('confirmed_by', models.CharField(choices=[('nobody', 'Nobody: it counts at once'), ('admins', 'An admin of the cohort'), ('finance', 'A finance admin')], db_default='nobody', default='nobody', max_length=10, verbose_name='confirmed by')),
                    ('effective_from', models.DateField(verbose_name='from')),
                    ('set_at', models.DateTimeField(auto_now_add=True)),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rates', to='portal.cohort')),
                    ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['cohort', 'kind', '-version'],
                    'constraints': [models.UniqueConstraint(fields=('cohort', 'kind', 'version'), name='rate_version_once'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='rate_pays_something'), models.CheckConstraint(condition=models.Q(('kind__in', ['brief_clip', 'feedback', 'testing_session'])), name='rate_kind_known'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='rate_currency_code'), models.CheckConstraint(condition=models.Q(models.Q(('cap_count__isnull', True), ('cap_period', 'none')), models.Q(('cap_period__in', ['week', 'month', 'cohort']), ('cap_count__gte', 1)), _connector='OR'), name='rate_cap_has_its_period'), models.CheckConstraint(condition=models.Q(models.Q(('cap_count__isnull', True), ('kind', 'testing_session'), ('confirmed_by__in', ['nobody', 'admins', 'finance'])), models.Q(models.Q(('kind', 'testing_session'), _negated=True), ('confirmed_by', 'nobody')), _connector='OR'), name='rate_by_the_hour_is_confirmed')],
                },
            ), migrations.CreateModel(
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
                    ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='remittances', to=settings.AUTH_USER_MODEL)),
                    ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('payout', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='remittances', to='payments.payout')),
                ],
                options={
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['state', 'sent_at'], name='remittance_by_state')],
                    'constraints': [models.UniqueConstraint(fields=('payout', 'artist'), name='remittance_once_per_payout_and_artist'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='remittance_pays'), models.CheckConstraint(condition=models.Q(('attempt__gt', 0)), name='remittance_attempt_counts'), models.CheckConstraint(condition=models.Q(('state__in', ['created', 'sent', 'unknown', 'settled', 'failed', 'withdrawn'])), name='remittance_state_known'), models.CheckConstraint(condition=models.Q(('key', ''), _negated=True), name='remittance_has_its_key'), models.CheckConstraint(condition=models.Q(models.Q(('account_sealed', ''), ('holder_sealed', ''), ('method', '')), models.Q(('method__in', ['iban', 'paypal']), models.Q(('account_sealed', ''), _negated=True), models.Q(('holder_sealed', ''), _negated=True)), _connector='OR'), name='remittance_account_is_whole'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', True), ('state__in', ['created', 'withdrawn'])), models.Q(models.Q(('state__in', ['created', 'withdrawn']), _negated=True), ('sent_at__isnull', False)), _connector='OR'), name='remittance_sent_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'unknown'), _negated=True), ('unknown_at__isnull', False), _connector='OR'), name='remittance_unknown_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state__in', ['settled', 'failed'])), models.Q(models.Q(('state__in', ['settled', 'failed']), _negated=True), ('closed_at__isnull', True), ('closed_by__isnull', True)), _connector='OR'), name='remittance_closed_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'failed'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='remittance_failed_for_a_reason'), models.CheckConstraint(condition=models.Q(('unknown_at__isnull', True), ('state', 'unknown'), models.Q(('closed_by__isnull', False), models.Q(('bank_reference', ''), _negated=True), models.Q(('note', ''), _negated=True)), _connector='OR'), name='remittance_unknown_is_reconciled')],
                },
            ), migrations.AddField(
                model_name='entry',
                name='remittance',
                field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='payments.remittance'),
            ), migrations.CreateModel(
                name='SessionTerms',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('confirm_days', models.PositiveSmallIntegerField(default=7, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(60)], verbose_name='days to confirm')),
                    ('longest_minutes', models.PositiveSmallIntegerField(default=480, validators=[django.core.validators.MinValueValidator(15), django.core.validators.MaxValueValidator(1440)], verbose_name='longest session')),
                    ('set_at', models.DateTimeField(auto_now_add=True)),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='session_terms', to='portal.cohort')),
                    ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name_plural': 'session terms',
                    'ordering': ['cohort', '-pk'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('confirm_days__gte', 1), ('confirm_days__lte', 60), ('longest_minutes__gte', 15), ('longest_minutes__lte', 1440)), name='session_terms_in_bounds')],
                },
            ), migrations.CreateModel(
                name='TestingSession',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('token', models.UUIDField(default=uuid.uuid4, editable=False)),
                    ('state', models.CharField(choices=[('running', 'Running'), ('recorded', 'Waits for confirmation'), ('asked', 'Asked back'), ('confirmed', 'Confirmed'), ('rejected', 'Not accepted'), ('withdrawn', 'Withdrawn')], editable=False, max_length=10)),
                    ('by_clock', models.BooleanField(editable=False)),
                    ('started_at', models.DateTimeField(verbose_name='began')),
                    ('ended_at', models.DateTimeField(null=True, verbose_name='ended')),
                    ('tested', models.TextField(blank=True, max_length=2000, verbose_name='what you tested')),
                    ('confirmer', models.CharField(blank=True, choices=[('nobody', 'Nobody: it counts at once'), ('admins', 'An admin of the cohort'), ('finance', 'A finance admin')], max_length=10)),
                    ('due_at', models.DateTimeField(null=True)),
                    ('answer', models.CharField(blank=True, max_length=500)),
                    ('answered_at', models.DateTimeField(null=True)),
                    ('confirmed_at', models.DateTimeField(null=True)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='testing_sessions', to=settings.AUTH_USER_MODEL)),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='testing_sessions', to='portal.cohort')),
                    ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-started_at', '-pk'],
                    'indexes': [models.Index(fields=['state', 'due_at'], name='session_by_state'), models.Index(fields=['artist', '-started_at'], name='session_by_artist')],
                    'constraints': [models.UniqueConstraint(fields=('artist', 'token'), name='session_form_sent_once'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('state__in', ['withdrawn', 'rejected']), _negated=True), expressions=[(models.Func(models.F('artist'), models.F('artist'), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.F('started_at'), models.F('ended_at'), django.contrib.postgres.fields.ranges.RangeBoundary(), function='tstzrange'), '&&')], name='session_one_at_a_time'), models.CheckConstraint(condition=models.Q(('state__in', ['running', 'recorded', 'asked', 'confirmed', 'rejected', 'withdrawn'])), name='session_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state', 'running')), models.Q(models.Q(('state', 'running'), _negated=True), ('ended_at__gt', models.F('started_at')), ('ended_at__lte', django.db.models.expressions.CombinedExpression(models.F('started_at'), '+', models.Value(datetime.timedelta(days=1))))), _connector='OR'), name='session_ends_within_a_day'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'recorded'), _negated=True), models.Q(('confirmer__in', ['nobody', 'admins', 'finance']), ('due_at__isnull', False), models.Q(('tested', ''), _negated=True)), _connector='OR'), name='session_recorded_whole'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', False), ('state', 'confirmed'), models.Q(('tested', ''), _negated=True)), models.Q(models.Q(('state', 'confirmed'), _negated=True), ('confirmed_at__isnull', True), ('confirmed_by__isnull', True)), _connector='OR'), name='session_confirmed_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['asked', 'rejected']), _negated=True), models.Q(('answer', ''), _negated=True), _connector='OR'), name='session_answered_in_words'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'rejected'), _negated=True), ('answered_by__isnull', False), _connector='OR'), name='session_rejected_by_a_person'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_by', models.F('artist')), _negated=True), models.Q(('answered_by', models.F('artist')), _negated=True)), name='session_not_of_oneself')],
                },
            ), migrations.CreateModel(
                name='TopUp',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('month', models.DateField()),
                    ('number', models.PositiveIntegerField()),
                    ('minutes', models.PositiveIntegerField()),
                    ('pay_minor', models.BigIntegerField()),
                    ('amount_minor', models.BigIntegerField()),
                    ('reckoned_at', models.DateTimeField(auto_now_add=True)),
                    ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='top_ups', to=settings.AUTH_USER_MODEL)),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='top_ups', to='portal.cohort')),
                    ('floor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='top_ups', to='payments.payfloor')),
                ],
                options={
                    'ordering': ['-pk'],
                    'constraints': [models.UniqueConstraint(fields=('artist', 'cohort', 'month', 'number'), name='top_up_once'), models.CheckConstraint(condition=models.Q(('amount_minor', 0), _negated=True), name='top_up_moves_something'), models.CheckConstraint(condition=models.Q(('month__day', 1)), name='top_up_of_a_month')],
                },
            ), migrations.CreateModel(
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
            ), migrations.CreateModel(
                name='WorkItem',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('brief_clip', 'Clip for a brief'), ('feedback', 'Feedback report'), ('testing_session', 'Testing session'), ('top_up', 'Top-up to the floor'), ('adjustment', 'Adjustment')], max_length=20)),
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
                    ('session', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='work_items', to='payments.testingsession')),
                    ('top_up', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='work', to='payments.topup')),
                ],
                options={
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['artist', '-accrued_at'], name='work_by_artist'), models.Index(fields=['cohort', 'currency'], name='work_by_cohort')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'brief_clip')), fields=('clip',), name='work_once_per_clip'), models.UniqueConstraint(condition=models.Q(('kind', 'feedback')), fields=('feedback',), name='work_once_per_feedback'), models.UniqueConstraint(condition=models.Q(('kind', 'testing_session')), fields=('session',), name='work_once_per_session'), models.CheckConstraint(condition=models.Q(models.Q(('brief__isnull', False), ('clip__isnull', False), ('kind', 'brief_clip'), ('corrects__isnull', True), ('feedback__isnull', True), ('session__isnull', True), ('top_up__isnull', True)), models.Q(('feedback__isnull', False), ('kind', 'feedback'), ('brief__isnull', True), ('clip__isnull', True), ('corrects__isnull', True), ('session__isnull', True), ('top_up__isnull', True)), models.Q(('kind', 'testing_session'), ('session__isnull', False), ('brief__isnull', True), ('clip__isnull', True), ('corrects__isnull', True), ('feedback__isnull', True), ('top_up__isnull', True)), models.Q(('kind', 'top_up'), ('top_up__isnull', False), ('brief__isnull', True), ('clip__isnull', True), ('corrects__isnull', True), ('feedback__isnull', True), ('session__isnull', True), ('rate__isnull', True)), models.Q(('kind', 'adjustment'), ('brief__isnull', True), ('clip__isnull', True), ('feedback__isnull', True), ('session__isnull', True), ('top_up__isnull', True), ('rate__isnull', True)), _connector='OR'), name='work_names_its_cause'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'adjustment'), models.Q(('amount_minor', 0), _negated=True), models.Q(('note', ''), _negated=True)), models.Q(('kind', 'top_up'), models.Q(('amount_minor', 0), _negated=True)), models.Q(('amount_minor__gte', 0), models.Q(('kind__in', ['adjustment', 'top_up']), _negated=True)), _connector='OR'), name='work_amount_fits_kind'), models.CheckConstraint(condition=models.Q(('kind__in', ['adjustment', 'top_up']), ('amount_minor', 0), ('rate__isnull', False), _connector='OR'), name='work_paid_by_a_rate'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='work_currency_code')],
                },
            ), migrations.CreateModel(
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
            ), migrations.AddField(
                model_name='entry',
                name='work',
                field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='payments.workitem'),
            ), migrations.AddField(
                model_name='dispute',
                name='entry_work',
                field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='settles', to='payments.workitem'),
            ), migrations.AddField(
                model_name='dispute',
                name='work',
                field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='payments.workitem'),
            ), migrations.AddConstraint(
                model_name='dispute',
                constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['open', 'answered']), ('work__isnull', False)), fields=('work',), name='dispute_one_at_a_time'),
            ), migrations.AddConstraint(
                model_name='dispute',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['open', 'answered']), ('ended_at__isnull', True), ('ended_by__isnull', True), ('entry_work__isnull', True)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False), ('state', 'settled'), ('entry_work__isnull', False)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False), ('state', 'closed'), ('entry_work__isnull', True)), _connector='OR'), name='dispute_ended_whole'),
            )],
        ),
        portal.triggers.MakeTrigger(
            model_name='account',
            trigger=pgtrigger.compiler.Trigger(name='account_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='97f5b242fcaac022264bce39ca2173009c037418', operation='UPDATE OR DELETE', pgid='pgtrigger_account_fixed_189d0', table='payments_account', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='cohortreport',
            trigger=pgtrigger.compiler.Trigger(name='report_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='1bdf8e91550566cb8a221eafc4e0f758c4775b51', operation='DELETE', pgid='pgtrigger_report_kept_24720', table='payments_cohortreport', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='cohortreport',
            trigger=pgtrigger.compiler.Trigger(name='report_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."figures" IS DISTINCT FROM (NEW."figures") OR OLD."basis" IS DISTINCT FROM (NEW."basis") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."made_by_id" IS DISTINCT FROM (NEW."made_by_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='aaaae5739b8b190e2143273653f0704872d25d1e', operation='UPDATE', pgid='pgtrigger_report_fixed_19fd8', table='payments_cohortreport', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='cohortreport',
            trigger=pgtrigger.compiler.Trigger(name='report_published_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD."published_at" IS NOT NULL AND OLD."published_at" IS DISTINCT FROM (NEW."published_at")) OR (OLD."withdrawn_at" IS NOT NULL AND OLD."withdrawn_at" IS DISTINCT FROM (NEW."withdrawn_at")))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='caeef535020f7873b890d323a31a08c8dc7571fa', operation='UPDATE', pgid='pgtrigger_report_published_once_ee0f1', table='payments_cohortreport', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='disputemessage',
            trigger=pgtrigger.compiler.Trigger(name='dispute_message_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='44e55ef5a311578851156c3e853af0bc728883ca', operation='UPDATE OR DELETE', pgid='pgtrigger_dispute_message_append_only_73a92', table='payments_disputemessage', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='feedback',
            trigger=pgtrigger.compiler.Trigger(name='feedback_filed_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" = \'filed\')', func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='9c43a7dc2fc90f9723b7aa28977b048442c20d75', operation='UPDATE OR DELETE', pgid='pgtrigger_feedback_filed_is_fixed_a935f', table='payments_feedback', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='moneybudget',
            trigger=pgtrigger.compiler.Trigger(name='money_budget_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='fc476e987b24a84eff9db6d3010084fedc9b3334', operation='UPDATE OR DELETE', pgid='pgtrigger_money_budget_append_only_361c2', table='payments_moneybudget', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='payfloor',
            trigger=pgtrigger.compiler.Trigger(name='floor_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f4d0d6a6d74203c7662e986f08a2d225aa8c12b4', operation='UPDATE OR DELETE', pgid='pgtrigger_floor_append_only_1fbc3', table='payments_payfloor', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='payhold',
            trigger=pgtrigger.compiler.Trigger(name='pay_hold_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='ca8f575e77a257ea7ffe94ff13e58510e9205b15', operation='DELETE', pgid='pgtrigger_pay_hold_kept_331d4', table='payments_payhold', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='payhold',
            trigger=pgtrigger.compiler.Trigger(name='pay_hold_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."placed_by_id" IS DISTINCT FROM (NEW."placed_by_id") OR OLD."placed_at" IS DISTINCT FROM (NEW."placed_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='c987df72fe2e7bfc479ea77092bc3c77edbecb52', operation='UPDATE', pgid='pgtrigger_pay_hold_fixed_f4430', table='payments_payhold', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='payhold',
            trigger=pgtrigger.compiler.Trigger(name='pay_hold_lifted_for_good', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."lifted_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='c55c8957589e316373faf3070fedc79c60e4b36c', operation='UPDATE', pgid='pgtrigger_pay_hold_lifted_for_good_5ac6b', table='payments_payhold', when='BEFORE')),
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
            trigger=pgtrigger.compiler.Trigger(name='payout_rail_kept', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."exported_at" IS NOT NULL AND OLD."rail" IS DISTINCT FROM (NEW."rail"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='7a289e216a6055f9b55418a7adba5da918d3aeb7', operation='UPDATE', pgid='pgtrigger_payout_rail_kept_4f854', table='payments_payout', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='payout',
            trigger=pgtrigger.compiler.Trigger(name='payout_terms_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."total_minor" IS DISTINCT FROM (NEW."total_minor") OR OLD."idempotency_key" IS DISTINCT FROM (NEW."idempotency_key") OR OLD."people" IS DISTINCT FROM (NEW."people") OR OLD."drafted_by_id" IS DISTINCT FROM (NEW."drafted_by_id") OR OLD."drafted_at" IS DISTINCT FROM (NEW."drafted_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='4a068523b0a1b9e936a23a7b8e708ac3f80b458d', operation='UPDATE', pgid='pgtrigger_payout_terms_fixed_8ec0a', table='payments_payout', when='BEFORE')),
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
            model_name='remittance',
            trigger=pgtrigger.compiler.Trigger(name='remittance_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='b69cbef99816c9730658c5efe9fd60337a000737', operation='DELETE', pgid='pgtrigger_remittance_kept_91de0', table='payments_remittance', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='remittance',
            trigger=pgtrigger.compiler.Trigger(name='remittance_begins_as_created', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NOT (NEW."state" = \'created\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;", hash='e156a2d6b915882fd99e42d317b50d5fad7ac743', operation='INSERT', pgid='pgtrigger_remittance_begins_as_created_7eb70', table='payments_remittance', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='remittance',
            trigger=pgtrigger.compiler.Trigger(name='remittance_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{created:sent,created:withdrawn,sent:failed,sent:settled,sent:unknown,unknown:failed,unknown:settled}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='c54910ffa88381ea82d8982cf8dcf10b0527ad3c', operation='UPDATE', pgid='pgtrigger_remittance_transitions_76f3a', table='payments_remittance', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='remittance',
            trigger=pgtrigger.compiler.Trigger(name='remittance_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."payout_id" IS DISTINCT FROM (NEW."payout_id") OR OLD."artist_id" IS DISTINCT FROM (NEW."artist_id") OR OLD."attempt" IS DISTINCT FROM (NEW."attempt") OR OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."method" IS DISTINCT FROM (NEW."method") OR OLD."holder_sealed" IS DISTINCT FROM (NEW."holder_sealed") OR OLD."account_sealed" IS DISTINCT FROM (NEW."account_sealed") OR OLD."account_hint" IS DISTINCT FROM (NEW."account_hint") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='5e24c3d1217127446b7f7132cc7d2b08e02b8d04', operation='UPDATE', pgid='pgtrigger_remittance_fixed_1ef32', table='payments_remittance', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='remittance',
            trigger=pgtrigger.compiler.Trigger(name='remittance_times_kept', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD."sent_at" IS NOT NULL AND OLD."sent_at" IS DISTINCT FROM (NEW."sent_at")) OR (OLD."unknown_at" IS NOT NULL AND OLD."unknown_at" IS DISTINCT FROM (NEW."unknown_at")))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='594b288248c840605df43be6509b496553528f02', operation='UPDATE', pgid='pgtrigger_remittance_times_kept_f2ba4', table='payments_remittance', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='remittance',
            trigger=pgtrigger.compiler.Trigger(name='remittance_closed_for_good', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."closed_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='987991df22b4486483ce7113a07e3d94586195d6', operation='UPDATE', pgid='pgtrigger_remittance_closed_for_good_25330', table='payments_remittance', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='remittance',
            trigger=pgtrigger.compiler.Trigger(name='remittance_fits', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NOT EXISTS (\n                        SELECT 1 FROM payments_payout\n                        WHERE id = NEW.payout_id AND state = 'exported'\n                          AND currency = NEW.currency\n                    ) OR NEW.amount_minor IS DISTINCT FROM (\n                        SELECT sum(amount_minor) FROM payments_payoutline\n                        WHERE payout_id = NEW.payout_id AND artist_id = NEW.artist_id AND live\n                    ) THEN\n                        RAISE EXCEPTION 'a remittance of % does not fit payout %',\n                            NEW.amount_minor, NEW.payout_id\n                            USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='82b0b7fd5eae706c1382ae6a295ff63bf9ce9427', operation='INSERT', pgid='pgtrigger_remittance_fits_9d0cf', table='payments_remittance', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='remittance',
            trigger=pgtrigger.compiler.Trigger(name='remittance_goes_with_its_payout', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" = \'created\' AND OLD."state" IS DISTINCT FROM (NEW."state"))', func="\n                    IF NOT EXISTS (\n                        SELECT 1 FROM payments_payout\n                        WHERE id = NEW.payout_id\n                          AND state = CASE NEW.state\n                              WHEN 'sent' THEN 'sent' ELSE 'cancelled' END\n                    ) THEN\n                        RAISE EXCEPTION 'remittance % goes with its payout alone', NEW.id\n                            USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='1e0aa030707ea34ffbd49881fca2e6f1c8c16209', operation='UPDATE', pgid='pgtrigger_remittance_goes_with_its_payout_f0c36', table='payments_remittance', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='sessionterms',
            trigger=pgtrigger.compiler.Trigger(name='session_terms_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='7486f0ff7c5088c6adfe1c455cf5ea8d33b05393', operation='UPDATE OR DELETE', pgid='pgtrigger_session_terms_append_only_06eb2', table='payments_sessionterms', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='testingsession',
            trigger=pgtrigger.compiler.Trigger(name='session_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='702f09724ec3a20da8246918f64d22b5ef548fc8', operation='DELETE', pgid='pgtrigger_session_kept_9794c', table='payments_testingsession', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='testingsession',
            trigger=pgtrigger.compiler.Trigger(name='session_begins', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NOT (NEW."state" IN (\'running\', \'recorded\')))', func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;", hash='c1efc6c93ce108fb11d66b913821771facbbe4f3', operation='INSERT', pgid='pgtrigger_session_begins_7dc07', table='payments_testingsession', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='testingsession',
            trigger=pgtrigger.compiler.Trigger(name='session_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{asked:recorded,asked:withdrawn,recorded:asked,recorded:confirmed,recorded:rejected,recorded:withdrawn,running:asked,running:recorded,running:withdrawn}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='08de4418baf2682924ec450fd5426e49d1afe4a2', operation='UPDATE', pgid='pgtrigger_session_transitions_e3d25', table='payments_testingsession', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='testingsession',
            trigger=pgtrigger.compiler.Trigger(name='session_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."artist_id" IS DISTINCT FROM (NEW."artist_id") OR OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."token" IS DISTINCT FROM (NEW."token") OR OLD."by_clock" IS DISTINCT FROM (NEW."by_clock") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='bad52aa56708dd42210d7cbd4eebdbc233485b3f', operation='UPDATE', pgid='pgtrigger_session_fixed_28518', table='payments_testingsession', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='testingsession',
            trigger=pgtrigger.compiler.Trigger(name='session_ended_for_good', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IN (\'confirmed\', \'rejected\', \'withdrawn\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='efda4009022dd4ecf7fbebdfda3a2dc547854fe6', operation='UPDATE', pgid='pgtrigger_session_ended_for_good_ab5a0', table='payments_testingsession', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='topup',
            trigger=pgtrigger.compiler.Trigger(name='top_up_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='df901b635587c34e1f27094d7494e5134d4f39a2', operation='UPDATE OR DELETE', pgid='pgtrigger_top_up_append_only_c7f36', table='payments_topup', when='BEFORE')),
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
            trigger=pgtrigger.compiler.Trigger(name='payout_line_released_by_cancelling', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."live" IS DISTINCT FROM (NEW."live"))', func="\n                    IF NEW.live OR NOT EXISTS (\n                        SELECT 1 FROM payments_payout\n                        WHERE id = NEW.payout_id AND state = 'cancelled'\n                        UNION ALL\n                        SELECT 1 FROM payments_remittance\n                        WHERE payout_id = NEW.payout_id AND artist_id = NEW.artist_id\n                          AND state = 'failed'\n                    ) THEN\n                        RAISE EXCEPTION 'line % is released only by cancelling its payout '\n                            'or by a remittance that failed', NEW.id\n                            USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='766e972b9b23d1cca31950c224fb8d5cc5683300', operation='UPDATE', pgid='pgtrigger_payout_line_released_by_cancelling_01d52', table='payments_payoutline', when='BEFORE')),
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
        portal.triggers.MakeTrigger(
            model_name='dispute',
            trigger=pgtrigger.compiler.Trigger(name='dispute_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='a53fc66e370301a6a3b2b7d4600b4e339835f7ab', operation='DELETE', pgid='pgtrigger_dispute_kept_0eb1c', table='payments_dispute', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='dispute',
            trigger=pgtrigger.compiler.Trigger(name='dispute_begins_open', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NOT (NEW."state" = \'open\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;", hash='f5a0a468155258145bfaef95ce0b00d805239cba', operation='INSERT', pgid='pgtrigger_dispute_begins_open_cd7ff', table='payments_dispute', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='dispute',
            trigger=pgtrigger.compiler.Trigger(name='dispute_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{answered:closed,answered:open,answered:settled,open:answered,open:closed,open:settled}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='aee44caac1930fc38357172b7d87f5162d95c807', operation='UPDATE', pgid='pgtrigger_dispute_transitions_d88ab', table='payments_dispute', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='dispute',
            trigger=pgtrigger.compiler.Trigger(name='dispute_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."artist_id" IS DISTINCT FROM (NEW."artist_id") OR OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."work_id" IS DISTINCT FROM (NEW."work_id") OR OLD."token" IS DISTINCT FROM (NEW."token") OR OLD."opened_at" IS DISTINCT FROM (NEW."opened_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='aa31e00307621cf4e9dac49d8124936b44a7f6a6', operation='UPDATE', pgid='pgtrigger_dispute_fixed_c8a6e', table='payments_dispute', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='dispute',
            trigger=pgtrigger.compiler.Trigger(name='dispute_ended_for_good', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."ended_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='da6cacbacd41c890dc3c44380349c328fad5e32b', operation='UPDATE', pgid='pgtrigger_dispute_ended_for_good_4de14', table='payments_dispute', when='BEFORE')),
        ),
    ]
