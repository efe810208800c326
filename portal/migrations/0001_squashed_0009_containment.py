import datetime
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import portal.models.access_key
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('portal', '0001_initial'), ('portal', '0002_budgets'), ('portal', '0003_access_keys'), ('portal', '0004_key_requests'), ('portal', '0005_devices_and_addresses'), ('portal', '0006_webhooks'), ('portal', '0007_device_logins'), ('portal', '0008_leaks'), ('portal', '0009_containment')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='Cohort',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True, verbose_name='name')),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('state', models.CharField(choices=[('open', 'Open'), ('paused', 'Paused'), ('closed', 'Closed')], default='open', editable=False, max_length=10)),
                ('starts_on', models.DateField(verbose_name='starts on')),
                ('ends_on', models.DateField(verbose_name='ends on')),
                ('seats', models.PositiveIntegerField(default=50, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(10000)], verbose_name='seats')),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cohorts', to='portal.agreement', verbose_name='agreement')),
                ('models_on_offer', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), size=None, verbose_name='models on offer')),
                ('gpu_seconds_per_artist_week', models.PositiveIntegerField(blank=True, null=True, verbose_name='GPU seconds per artist and week')),
                ('gpu_seconds_per_artist', models.PositiveIntegerField(blank=True, default=36000, null=True, verbose_name='GPU seconds per artist')),
                ('gpu_seconds_of_cohort_week', models.PositiveIntegerField(blank=True, null=True, verbose_name='GPU seconds of the cohort per week')),
                ('gpu_seconds_of_cohort', models.PositiveIntegerField(blank=True, null=True, verbose_name='GPU seconds of the cohort')),
                ('clips_running_per_artist', models.PositiveSmallIntegerField(blank=True, default=2, null=True, verbose_name='clips running at once per artist')),
                ('clips_waiting_per_artist', models.PositiveSmallIntegerField(blank=True, default=40, null=True, verbose_name='clips waiting per artist')),
                ('review_mode', models.CharField(choices=[('on_submit', 'When the artist submits it'), ('every_clip', 'Every finished clip')], default='on_submit', max_length=12, verbose_name='clips enter review')),
                ('review_hours', models.PositiveIntegerField(default=48, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(720)], verbose_name='hours to a decision')),
                ('currency', models.CharField(default='EUR', max_length=3, verbose_name='currency')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['-starts_on', 'name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='cohort_ends_after_start'), models.CheckConstraint(condition=models.Q(('seats__gte', 1)), name='cohort_has_a_seat'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'paused', 'closed'])), name='cohort_state_known'), models.CheckConstraint(condition=models.Q(('models_on_offer__len__gt', 0)), name='cohort_offers_a_model'), models.CheckConstraint(condition=models.Q(models.Q(('clips_running_per_artist__isnull', True), ('clips_running_per_artist__gte', 1), _connector='OR'), models.Q(('clips_waiting_per_artist__isnull', True), ('clips_waiting_per_artist__gte', 1), _connector='OR')), name='cohort_limits_admit_a_clip')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='cohort',
            trigger=pgtrigger.compiler.Trigger(name='cohort_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{open:closed,open:paused,paused:closed,paused:open}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='671a10a17ec5bbb60bae4830169d0faaf2483b8f', operation='UPDATE', pgid='pgtrigger_cohort_steps_62a5c', table='portal_cohort', when='BEFORE')),
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail address')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('language', models.CharField(choices=[('en', 'English'), ('fr', 'French')], default='en', max_length=5, verbose_name='language')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('date_joined', models.DateTimeField(auto_now_add=True)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_unique_any_case'), models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='user_email_lower')],
            },
        ),
        migrations.CreateModel(
            name='RoleGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='roles', to=settings.AUTH_USER_MODEL)),
                ('role', models.CharField(choices=[('reviewer', 'Reviewer'), ('admin', 'Programme admin')], max_length=20)),
                ('cohort', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portal.cohort')),
                ('granted_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'role', 'cohort'), name='role_granted_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('role__in', ['reviewer', 'admin'])), name='role_known')],
            },
        ),
        migrations.CreateModel(
            name='AgreementVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='portal.agreement')),
                ('number', models.PositiveIntegerField()),
                ('body_en', models.TextField()),
                ('body_fr', models.TextField()),
                ('sha256', models.CharField(max_length=64)),
                ('published_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['agreement', 'number'],
                'constraints': [models.UniqueConstraint(fields=('agreement', 'number'), name='agreement_number_once')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='agreementversion',
            trigger=pgtrigger.compiler.Trigger(name='agreement_version_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='fc4e5be49ba1514c3aaa8f6a7cb825832d2e5f48', operation='UPDATE OR DELETE', pgid='pgtrigger_agreement_version_append_only_89b2c', table='portal_agreementversion', when='BEFORE')),
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='portal.agreementversion')),
                ('sha256', models.CharField(max_length=64)),
                ('name_typed', models.CharField(max_length=120)),
                ('signed_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'version'), name='signature_once')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signature',
            trigger=pgtrigger.compiler.Trigger(name='signature_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='dbb03f5894fb123fb5afb230bb0ca2e3d6a605e0', operation='UPDATE OR DELETE', pgid='pgtrigger_signature_append_only_40825', table='portal_signature', when='BEFORE')),
        ),
        migrations.CreateModel(
            name='WebhookEndpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='webhooks', to=settings.AUTH_USER_MODEL)),
                ('cohort', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='webhooks', to='portal.cohort')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('url', models.CharField(max_length=500, verbose_name='address')),
                ('events', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('video.completed', 'A clip is ready'), ('video.failed', 'A clip failed or was cancelled'), ('video.approved', 'A clip was approved'), ('video.rejected', 'A clip was not approved, or no longer is')], max_length=20), size=None)),
                ('state', models.CharField(choices=[('active', 'Active'), ('paused', 'Paused'), ('stopped', 'Stopped'), ('removed', 'Removed')], default='active', editable=False, max_length=10)),
                ('sealed', models.TextField(editable=False)),
                ('sealed_old', models.TextField(blank=True, editable=False)),
                ('overlap_ends_at', models.DateTimeField(editable=False, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('last_try_at', models.DateTimeField(editable=False, null=True)),
                ('failing_since', models.DateTimeField(editable=False, null=True)),
                ('removed_at', models.DateTimeField(editable=False, null=True)),
            ],
            options={
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(condition=models.Q(('state', 'removed'), _negated=True), fields=['cohort', 'owner'], name='webhook_listening')],
                'constraints': [models.CheckConstraint(condition=models.Q(('name__regex', '^\\s*$'), _negated=True), name='webhook_has_a_name'), models.CheckConstraint(condition=models.Q(('url__regex', '^https?://[^\\s]+$')), name='webhook_url_is_http'), models.CheckConstraint(condition=models.Q(('events__contained_by', ['video.completed', 'video.failed', 'video.approved', 'video.rejected']), ('events__len__gte', 1)), name='webhook_events_known'), models.CheckConstraint(condition=models.Q(('state__in', ['active', 'paused', 'stopped', 'removed'])), name='webhook_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('removed_at__isnull', False), ('sealed', ''), ('state', 'removed')), models.Q(models.Q(('state', 'removed'), _negated=True), ('removed_at__isnull', True), models.Q(('sealed', ''), _negated=True)), _connector='OR'), name='webhook_has_a_secret_until_removed'), models.CheckConstraint(condition=models.Q(models.Q(('overlap_ends_at__isnull', True), ('sealed_old', '')), models.Q(models.Q(('sealed_old', ''), _negated=True), ('overlap_ends_at__isnull', False)), _connector='OR'), name='webhook_old_secret_ends')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='webhookendpoint',
            trigger=pgtrigger.compiler.Trigger(name='webhook_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{active:paused,active:removed,active:stopped,paused:active,paused:removed,stopped:active,stopped:removed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='5d39d088f944d676316e49ba77ed7474576be9c3', operation='UPDATE', pgid='pgtrigger_webhook_steps_b6554', table='portal_webhookendpoint', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='webhookendpoint',
            trigger=pgtrigger.compiler.Trigger(name='webhook_is_whose_it_was', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='ff8ab792dde5546312c42d4e1219d33339566b3f', operation='UPDATE', pgid='pgtrigger_webhook_is_whose_it_was_0c684', table='portal_webhookendpoint', when='BEFORE')),
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='portal.webhookendpoint')),
                ('event_id', models.UUIDField()),
                ('type', models.CharField(choices=[('video.completed', 'A clip is ready'), ('video.failed', 'A clip failed or was cancelled'), ('video.approved', 'A clip was approved'), ('video.rejected', 'A clip was not approved, or no longer is')], max_length=20)),
                ('subject', models.CharField(max_length=60)),
                ('happened_at', models.DateTimeField()),
                ('is_test', models.BooleanField(default=False)),
                ('is_repeat', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sending', 'Sending'), ('delivered', 'Delivered'), ('given_up', 'Given up')], default='waiting', max_length=10)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('next_try_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('first_try_at', models.DateTimeField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('settled_at', models.DateTimeField(null=True)),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('took_ms', models.PositiveIntegerField(null=True)),
                ('answer', models.CharField(blank=True, max_length=1024)),
                ('error', models.CharField(blank=True, max_length=40)),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'sending'])), fields=['endpoint', 'subject', 'id'], name='delivery_to_send'), models.Index(fields=['endpoint', '-id'], name='delivery_log'), models.Index(fields=['created_at'], name='delivery_age')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'sending', 'delivered', 'given_up'])), name='delivery_state_known'), models.CheckConstraint(condition=models.Q(('type__in', ['video.completed', 'video.failed', 'video.approved', 'video.rejected'])), name='delivery_type_known'), models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('state', 'sending')), models.Q(models.Q(('state', 'sending'), _negated=True), ('lease_until__isnull', True)), _connector='OR'), name='delivery_sending_has_a_lease'), models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', False), ('state__in', ['delivered', 'given_up'])), models.Q(('state__in', ['waiting', 'sending']), ('settled_at__isnull', True)), _connector='OR'), name='delivery_settled_at_a_moment'), models.CheckConstraint(condition=models.Q(('status__isnull', True), models.Q(('status__gte', 100), ('status__lte', 999)), _connector='OR'), name='delivery_status_is_http'), models.UniqueConstraint(condition=models.Q(('is_repeat', False)), fields=('endpoint', 'event_id'), name='delivery_once_per_event'), models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'sending'])), fields=('endpoint', 'event_id'), name='delivery_waits_once'), models.UniqueConstraint(condition=models.Q(('is_test', True), ('state__in', ['waiting', 'sending'])), fields=('endpoint',), name='delivery_one_test_at_a_time')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='webhookdelivery',
            trigger=pgtrigger.compiler.Trigger(name='delivery_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{sending:delivered,sending:given_up,sending:waiting,waiting:sending}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='ef1a9ac02102e82e875ae8611a9d2138eba3723d', operation='UPDATE', pgid='pgtrigger_delivery_steps_5fe68', table='portal_webhookdelivery', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='webhookdelivery',
            trigger=pgtrigger.compiler.Trigger(name='delivery_says_what_it_said', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."endpoint_id" IS DISTINCT FROM (NEW."endpoint_id") OR OLD."event_id" IS DISTINCT FROM (NEW."event_id") OR OLD."type" IS DISTINCT FROM (NEW."type") OR OLD."subject" IS DISTINCT FROM (NEW."subject") OR OLD."happened_at" IS DISTINCT FROM (NEW."happened_at") OR OLD."is_test" IS DISTINCT FROM (NEW."is_test") OR OLD."is_repeat" IS DISTINCT FROM (NEW."is_repeat") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='a55aef33cb127a5ef4c1a17112b3cd4d7f3c8da0', operation='UPDATE', pgid='pgtrigger_delivery_says_what_it_said_7f7fe', table='portal_webhookdelivery', when='BEFORE')),
        ),
        migrations.CreateModel(
            name='Brief',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='briefs', to='portal.cohort')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('text', models.TextField(verbose_name='what is asked')),
                ('due_on', models.DateField(verbose_name='by')),
                ('takes_wanted', models.PositiveIntegerField(default=1, verbose_name='takes')),
                ('is_open', models.BooleanField(default=True, verbose_name='open')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['due_on', 'id'],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('request_id', models.CharField(blank=True, max_length=36)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('actor_label', models.CharField(max_length=160)),
                ('action', models.CharField(db_index=True, max_length=60)),
                ('target_type', models.CharField(max_length=60)),
                ('target_id', models.CharField(max_length=40)),
                ('cohort', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.cohort')),
                ('before', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('after', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('reason', models.TextField(blank=True)),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['target_type', 'target_id'], name='audit_by_target'), django.contrib.postgres.indexes.BrinIndex(fields=['at'], name='audit_by_time')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditentry',
            trigger=pgtrigger.compiler.Trigger(name='audit_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='929cc2ef5f5a4f8acbd1572ee29ef17ea7ae8c47', operation='UPDATE OR DELETE', pgid='pgtrigger_audit_append_only_dfaf5', table='portal_auditentry', when='BEFORE')),
        ),
        migrations.CreateModel(
            name='AccessKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='access_keys', to=settings.AUTH_USER_MODEL)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='access_keys', to='portal.cohort')),
                ('kind', models.CharField(choices=[('person', 'A person’s key'), ('canary', 'Canary key')], default='person', editable=False, max_length=10)),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('hint', models.CharField(editable=False, max_length=16)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('clips:read', 'See clips'), ('clips:write', 'Make clips'), ('feedback:write', 'Give feedback'), ('earnings:read', 'See earnings')], max_length=20), size=None)),
                ('ip_ranges', django.contrib.postgres.fields.ArrayField(base_field=portal.models.access_key.CidrField(), blank=True, default=list, size=None)),
                ('gpu_seconds', models.PositiveIntegerField(blank=True, null=True)),
                ('rate_per_minute', models.PositiveIntegerField(blank=True, null=True)),
                ('state', models.CharField(choices=[('active', 'Active'), ('frozen', 'Frozen'), ('revoked', 'Revoked')], default='active', editable=False, max_length=10)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('expires_at', models.DateTimeField()),
                ('replaces', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='portal.accesskey')),
                ('overlap_ends_at', models.DateTimeField(editable=False, null=True)),
                ('last_used_at', models.DateTimeField(editable=False, null=True)),
                ('last_used_from', portal.models.access_key.CidrField(editable=False, null=True)),
                ('last_used_client', models.CharField(blank=True, editable=False, max_length=120)),
                ('frozen_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('revoked_at', models.DateTimeField(editable=False, null=True)),
                ('reported_at', models.DateTimeField(editable=False, null=True)),
                ('found_on', models.CharField(blank=True, editable=False, max_length=100)),
                ('alarmed_at', models.DateTimeField(editable=False, null=True)),
                ('reason', models.TextField(blank=True, editable=False)),
            ],
            options={
                'ordering': ['-created_at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('name__regex', '^\\s*$'), _negated=True), name='key_has_a_name'), models.CheckConstraint(condition=models.Q(('state__in', ['active', 'frozen', 'revoked'])), name='key_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'person'), ('owner__isnull', False)), models.Q(('kind', 'canary'), ('owner__isnull', True)), _connector='OR'), name='key_is_somebodys_or_a_canary'), models.CheckConstraint(condition=models.Q(('digest__regex', '^[0-9a-f]{64}$')), name='key_is_hashed'), models.CheckConstraint(condition=models.Q(('scopes__contained_by', ['clips:read', 'clips:write', 'feedback:write', 'earnings:read']), ('scopes__len__gte', 1)), name='key_scopes_known'), models.CheckConstraint(condition=models.Q(('ip_ranges__len__lte', 20)), name='key_has_few_ranges'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at')), ('expires_at__lte', django.db.models.expressions.CombinedExpression(models.F('created_at'), '+', models.Value(datetime.timedelta(days=365))))), name='key_lives_a_year_at_most'), models.CheckConstraint(condition=models.Q(models.Q(('gpu_seconds__isnull', True), ('gpu_seconds__gte', 1), _connector='OR'), models.Q(('rate_per_minute__isnull', True), ('rate_per_minute__gte', 1), _connector='OR')), name='key_limits_admit_something'), models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', False), ('state', 'revoked')), models.Q(models.Q(('state', 'revoked'), _negated=True), ('revoked_at__isnull', True)), _connector='OR'), name='key_revoked_at_a_moment'), models.CheckConstraint(condition=models.Q(('frozen_by__isnull', True), ('state', 'frozen'), _connector='OR'), name='key_frozen_by_when_frozen'), models.CheckConstraint(condition=models.Q(('reported_at__isnull', True), ('state', 'revoked'), _connector='OR'), name='key_reported_is_revoked'), models.CheckConstraint(condition=models.Q(('alarmed_at__isnull', True), models.Q(('kind', 'canary'), ('state__in', ['frozen', 'revoked'])), _connector='OR'), name='key_alarmed_is_a_dead_canary'), models.UniqueConstraint(condition=models.Q(('kind', 'canary'), models.Q(('state', 'revoked'), _negated=True)), fields=('cohort',), name='key_one_canary_per_cohort')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accesskey',
            trigger=pgtrigger.compiler.Trigger(name='key_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{active:frozen,active:revoked,frozen:active,frozen:revoked}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='a3fc673bf6670a59e19789cec63a6174fa8d5a23', operation='UPDATE', pgid='pgtrigger_key_steps_97db1', table='portal_accesskey', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accesskey',
            trigger=pgtrigger.compiler.Trigger(name='key_terms_stay', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."scopes" IS DISTINCT FROM (NEW."scopes") OR OLD."ip_ranges" IS DISTINCT FROM (NEW."ip_ranges") OR OLD."gpu_seconds" IS DISTINCT FROM (NEW."gpu_seconds") OR OLD."rate_per_minute" IS DISTINCT FROM (NEW."rate_per_minute") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."replaces_id" IS DISTINCT FROM (NEW."replaces_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='168bfcfc2874b1763552b75759933a1f7dd3d743', operation='UPDATE', pgid='pgtrigger_key_terms_stay_4e656', table='portal_accesskey', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accesskey',
            trigger=pgtrigger.compiler.Trigger(name='key_is_not_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='b8a17a0f771b0df3f1952fb3d13072efb7c892b0', operation='DELETE', pgid='pgtrigger_key_is_not_deleted_fb2b4', table='portal_accesskey', when='BEFORE')),
        ),
        migrations.CreateModel(
            name='Containment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(choices=[('key', 'One access key'), ('person', 'One person'), ('cohort', 'One cohort'), ('model', 'One model'), ('sharing', 'All sharing'), ('generation', 'All generation'), ('everything', 'Everything')], max_length=12)),
                ('key', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='containments', to='portal.accesskey')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='containments', to=settings.AUTH_USER_MODEL)),
                ('cohort', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='containments', to='portal.cohort')),
                ('model_key', models.CharField(blank=True, max_length=80)),
                ('reason', models.CharField(max_length=500)),
                ('words_en', models.CharField(blank=True, max_length=500)),
                ('words_fr', models.CharField(blank=True, max_length=500)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until', models.DateTimeField()),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['until'], name='containment_running')],
                'constraints': [models.CheckConstraint(condition=models.Q(('stage__in', ['key', 'person', 'cohort', 'model', 'sharing', 'generation', 'everything'])), name='containment_stage_known'), models.CheckConstraint(condition=models.Q(models.Q(('stage__in', ['everything', 'generation', 'sharing']), ('key__isnull', True), ('person__isnull', True), ('cohort__isnull', True), ('model_key', '')), models.Q(('stage', 'key'), ('key__isnull', False), ('person__isnull', True), ('cohort__isnull', True), ('model_key', '')), models.Q(('stage', 'person'), ('person__isnull', False), ('key__isnull', True), ('cohort__isnull', True), ('model_key', '')), models.Q(('stage', 'cohort'), ('cohort__isnull', False), ('key__isnull', True), ('person__isnull', True), ('model_key', '')), models.Q(('stage', 'model'), models.Q(('model_key', ''), _negated=True), ('key__isnull', True), ('person__isnull', True), ('cohort__isnull', True)), _connector='OR'), name='containment_right_target'), models.CheckConstraint(condition=models.Q(('reason__regex', '^\\s*$'), _negated=True), name='containment_says_why'), models.CheckConstraint(condition=models.Q(('words_en', ''), ('words_fr', ''), _negated=True), name='containment_has_words'), models.CheckConstraint(condition=models.Q(('until__gt', models.F('at')), ('until__lte', django.db.models.expressions.CombinedExpression(models.F('at'), '+', models.Value(datetime.timedelta(days=90))))), name='containment_has_an_end'), models.CheckConstraint(condition=models.Q(('ended_by__isnull', True), ('ended_at__isnull', False), _connector='OR'), name='containment_ended_by_when_ended'), models.CheckConstraint(condition=models.Q(('by', models.F('person')), ('stage', 'person'), _negated=True), name='containment_not_of_oneself')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='containment',
            trigger=pgtrigger.compiler.Trigger(name='containment_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."stage" IS DISTINCT FROM (NEW."stage") OR OLD."key_id" IS DISTINCT FROM (NEW."key_id") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."model_key" IS DISTINCT FROM (NEW."model_key") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."words_en" IS DISTINCT FROM (NEW."words_en") OR OLD."words_fr" IS DISTINCT FROM (NEW."words_fr") OR OLD."by_id" IS DISTINCT FROM (NEW."by_id") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."until" IS DISTINCT FROM (NEW."until"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='68dbd5f1844c2a9226ad1db4088816e73ed4df94', operation='UPDATE', pgid='pgtrigger_containment_fixed_d3d11', table='portal_containment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='containment',
            trigger=pgtrigger.compiler.Trigger(name='containment_ends_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."ended_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='2ddc39fd9b476c9663644d48cf90338aa597d5b4', operation='UPDATE', pgid='pgtrigger_containment_ends_once_085ca', table='portal_containment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='containment',
            trigger=pgtrigger.compiler.Trigger(name='containment_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='f6fb02aaad76b37b6523bb680e1e5e42e3efdda2', operation='DELETE', pgid='pgtrigger_containment_kept_ba828', table='portal_containment', when='BEFORE')),
        ),
        migrations.CreateModel(
            name='DeviceLogin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('device_digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('user_digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('client', models.CharField(editable=False, max_length=60)),
                ('address', models.GenericIPAddressField(editable=False, null=True)),
                ('state', models.CharField(choices=[('asked', 'Asked'), ('confirmed', 'Confirmed'), ('refused', 'Refused'), ('used', 'Signed in')], default='asked', editable=False, max_length=10)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('expires_at', models.DateTimeField(editable=False)),
                ('interval', models.PositiveSmallIntegerField(editable=False)),
                ('asked_at', models.DateTimeField(editable=False, null=True)),
                ('decided_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='device_logins', to=settings.AUTH_USER_MODEL)),
                ('decided_at', models.DateTimeField(editable=False, null=True)),
                ('cohort', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portal.cohort')),
                ('key_name', models.CharField(blank=True, editable=False, max_length=60)),
                ('key_days', models.PositiveSmallIntegerField(editable=False, null=True)),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['created_at'], name='device_login_by_age')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'confirmed', 'refused', 'used'])), name='device_login_state_known'), models.CheckConstraint(condition=models.Q(('device_digest__regex', '^[0-9a-f]{64}$'), ('user_digest__regex', '^[0-9a-f]{64}$')), name='device_login_is_hashed'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='device_login_lives'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('state', 'asked')), models.Q(models.Q(('state', 'asked'), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='device_login_decided_by_somebody'), models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'refused']), models.Q(('cohort__isnull', False), ('key_days__gte', 1), models.Q(('key_name', ''), _negated=True)), _connector='OR'), name='device_login_confirmed_with_terms')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='devicelogin',
            trigger=pgtrigger.compiler.Trigger(name='device_login_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{asked:confirmed,asked:refused,confirmed:used}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='1b51f7cd119f15533724269b031a1c196f301c4a', operation='UPDATE', pgid='pgtrigger_device_login_steps_639c4', table='portal_devicelogin', when='BEFORE')),
        ),
        migrations.CreateModel(
            name='EmailChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='email_changes', to=settings.AUTH_USER_MODEL)),
                ('old', models.EmailField(max_length=254)),
                ('new', models.EmailField(max_length=254)),
                ('old_token_hash', models.CharField(max_length=64, unique=True)),
                ('new_token_hash', models.CharField(max_length=64, unique=True)),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('expires_at', models.DateTimeField()),
                ('old_confirmed_at', models.DateTimeField(null=True)),
                ('new_confirmed_at', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('dropped_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('done_at', None), ('dropped_at', None)), fields=('user',), name='email_change_one_at_a_time'), models.CheckConstraint(condition=models.Q(('done_at', None), models.Q(('dropped_at__isnull', True), ('new_confirmed_at__isnull', False), ('old_confirmed_at__isnull', False)), _connector='OR'), name='email_change_done_when_both_confirmed')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='portal.cohort')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('name', models.CharField(blank=True, max_length=120, verbose_name='name')),
                ('language', models.CharField(choices=[('en', 'English'), ('fr', 'French')], default='en', max_length=5, verbose_name='language')),
                ('note', models.TextField(blank=True, max_length=2000, verbose_name='personal note')),
                ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                ('state', models.CharField(choices=[('invited', 'Invited'), ('opened', 'Opened'), ('accepted', 'Accepted'), ('revoked', 'Revoked'), ('expired', 'Expired')], default='invited', editable=False, max_length=10)),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invited_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
                ('opened_at', models.DateTimeField(editable=False, null=True)),
                ('accepted_at', models.DateTimeField(editable=False, null=True)),
                ('accepted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('replaces', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='portal.invitation')),
            ],
            options={
                'ordering': ['-invited_at', '-id'],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), models.F('cohort'), condition=models.Q(('state__in', ['invited', 'opened'])), name='invitation_one_live_per_address'), models.CheckConstraint(condition=models.Q(('state__in', ['invited', 'opened', 'accepted', 'revoked', 'expired'])), name='invitation_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('accepted_by__isnull', False), ('state', 'accepted')), models.Q(models.Q(('state', 'accepted'), _negated=True), ('accepted_by__isnull', True)), _connector='OR'), name='invitation_accepted_by_someone')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invitation',
            trigger=pgtrigger.compiler.Trigger(name='invitation_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{invited:accepted,invited:expired,invited:opened,invited:revoked,opened:accepted,opened:expired,opened:revoked}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='260fee5c5df17787554f08cce4d60a7c6ab5df43', operation='UPDATE', pgid='pgtrigger_invitation_steps_035eb', table='portal_invitation', when='BEFORE')),
        ),
        migrations.CreateModel(
            name='KeyRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('access_key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='portal.accesskey')),
                ('name', models.CharField(blank=True, max_length=64)),
                ('body', models.CharField(max_length=64)),
                ('token', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['access_key', 'body', '-id'], name='key_request_by_body'), models.Index(fields=['created_at'], name='key_request_by_age')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('name', ''), _negated=True), fields=('access_key', 'name'), name='key_request_once_per_name'), models.CheckConstraint(condition=models.Q(('body__regex', '^[0-9a-f]{64}$'), ('name__regex', '^([0-9a-f]{64})?$')), name='key_request_is_hashed')],
            },
        ),
        migrations.CreateModel(
            name='KnownDevice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='known_devices', to=settings.AUTH_USER_MODEL)),
                ('mark_hash', models.CharField(max_length=64)),
                ('last_seen', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'indexes': [models.Index(fields=['last_seen'], name='device_by_last_seen')],
                'constraints': [models.UniqueConstraint(fields=('user', 'mark_hash'), name='device_known_once')],
            },
        ),
        migrations.CreateModel(
            name='LeakBaseline',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='leak_baseline', to=settings.AUTH_USER_MODEL)),
                ('networks', models.PositiveSmallIntegerField(default=0)),
                ('networks_at_once', models.PositiveSmallIntegerField(default=0)),
                ('start_networks', models.PositiveSmallIntegerField(default=0)),
                ('clients', models.PositiveSmallIntegerField(default=0)),
                ('page_networks', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('clients__lte', 40), ('networks__lte', 40), ('networks_at_once__lte', 40), ('page_networks__lte', 40), ('start_networks__lte', 40)), name='leak_baseline_is_bounded')],
            },
        ),
        migrations.CreateModel(
            name='LeakPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cohort', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='leak_policy', to='portal.cohort')),
                ('line', models.PositiveSmallIntegerField(default=100, validators=[django.core.validators.MinValueValidator(60), django.core.validators.MaxValueValidator(500)])),
                ('more_networks', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(40)])),
                ('is_shadow', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('line__gte', 60), ('line__lte', 500)), name='leak_line_in_range'), models.CheckConstraint(condition=models.Q(('more_networks__lte', 40)), name='leak_networks_in_range')],
            },
        ),
        migrations.CreateModel(
            name='LeakReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='leak_reports', to='portal.accesskey')),
                ('score', models.PositiveIntegerField()),
                ('line', models.PositiveSmallIntegerField()),
                ('facts', models.JSONField()),
                ('findings', models.JSONField()),
                ('of_person', models.BooleanField(default=False)),
                ('networks', models.JSONField(default=list)),
                ('clients', models.JSONField(default=list)),
                ('page', models.CharField(blank=True, max_length=100)),
                ('is_shadow', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('open', 'Open'), ('confirmed', 'It was the artist'), ('rotated', 'Key replaced'), ('thawed', 'Key released'), ('revoked', 'Key revoked'), ('noted', 'Noted')], default='open', max_length=10)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reason', models.TextField(blank=True)),
            ],
            options={
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(fields=['created_at'], name='leak_by_age')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['open', 'confirmed', 'rotated', 'thawed', 'revoked', 'noted'])), name='leak_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='leak_closed_at_a_moment'), models.CheckConstraint(condition=models.Q(('score__gte', models.F('line'))), name='leak_over_the_line'), models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('key', 'is_shadow'), name='leak_one_open_report_per_key')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='leakreport',
            trigger=pgtrigger.compiler.Trigger(name='leak_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{open:confirmed,open:noted,open:revoked,open:rotated,open:thawed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='fa585b990d1aab523c2dbef43b9b186c5c5841c1', operation='UPDATE', pgid='pgtrigger_leak_steps_d7d27', table='portal_leakreport', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='leakreport',
            trigger=pgtrigger.compiler.Trigger(name='leak_evidence_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."key_id" IS DISTINCT FROM (NEW."key_id") OR OLD."score" IS DISTINCT FROM (NEW."score") OR OLD."line" IS DISTINCT FROM (NEW."line") OR OLD."facts" IS DISTINCT FROM (NEW."facts") OR OLD."findings" IS DISTINCT FROM (NEW."findings") OR OLD."of_person" IS DISTINCT FROM (NEW."of_person") OR OLD."page" IS DISTINCT FROM (NEW."page") OR OLD."is_shadow" IS DISTINCT FROM (NEW."is_shadow") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='4a83814ff745e69941223973a07e61df0464b6ad', operation='UPDATE', pgid='pgtrigger_leak_evidence_stays_8040e', table='portal_leakreport', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='leakreport',
            trigger=pgtrigger.compiler.Trigger(name='leak_is_not_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='fe306bc4cb95353e06265dea3c3df2a6829cd80e', operation='DELETE', pgid='pgtrigger_leak_is_not_deleted_eb14a', table='portal_leakreport', when='BEFORE')),
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='portal.cohort')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('joined_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['-joined_at'],
                'constraints': [models.UniqueConstraint(fields=('cohort', 'user'), name='member_of_a_cohort_once')],
            },
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(max_length=40)),
                ('title', models.CharField(max_length=160)),
                ('text', models.TextField(blank=True)),
                ('url', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('read_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('read_at__isnull', True)), fields=['user'], name='notification_unread')],
            },
        ),
        migrations.CreateModel(
            name='OutgoingMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('to', models.CharField(max_length=400)),
                ('subject', models.CharField(max_length=255)),
                ('sealed', models.TextField(blank=True)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sending', 'Sending'), ('sent', 'Sent'), ('failed', 'Could not be delivered')], default='waiting', editable=False, max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_try_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('lease_until', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('error', models.CharField(blank=True, max_length=255)),
                ('target_type', models.CharField(blank=True, max_length=60)),
                ('target_id', models.CharField(blank=True, max_length=40)),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'sending'])), fields=['next_try_at'], name='mail_to_send'), models.Index(condition=models.Q(('target_type', ''), _negated=True), fields=['target_type', 'target_id'], name='mail_by_target')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'sending', 'sent', 'failed'])), name='mail_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('sealed', ''), ('sent_at__isnull', False), ('state', 'sent')), models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at__isnull', True)), _connector='OR'), name='mail_sent_is_emptied'), models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('state', 'sending')), models.Q(models.Q(('state', 'sending'), _negated=True), ('lease_until__isnull', True)), _connector='OR'), name='mail_sending_has_a_lease')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='outgoingmail',
            trigger=pgtrigger.compiler.Trigger(name='mail_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{sending:failed,sending:sent,sending:waiting,waiting:sending}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='fde5293e8497003d2f68c773aa2998a7d10ec803', operation='UPDATE', pgid='pgtrigger_mail_steps_328da', table='portal_outgoingmail', when='BEFORE')),
        ),
    ]
