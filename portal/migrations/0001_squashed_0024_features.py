import datetime
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.math
import django.db.models.functions.text
import django.db.models.lookups
import django.db.models.manager
import django.utils.timezone
import pgtrigger.compiler
import portal.models.access_key
import portal.triggers
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('portal', '0001_initial'), ('portal', '0002_budgets'), ('portal', '0003_access_keys'), ('portal', '0004_key_requests'), ('portal', '0005_devices_and_addresses'), ('portal', '0006_webhooks'), ('portal', '0007_device_logins'), ('portal', '0008_leaks'), ('portal', '0009_containment'), ('portal', '0010_containment_notices'), ('portal', '0012_invitations'), ('portal', '0013_leaving'), ('portal', '0014_log'), ('portal', '0015_roles'), ('portal', '0016_profiles'), ('portal', '0017_takeouts'), ('portal', '0018_consents'), ('portal', '0019_invitation_batches'), ('portal', '0020_invitation_reminders'), ('portal', '0021_waiting_list'), ('portal', '0022_approvals'), ('portal', '0023_deletions'), ('portal', '0024_features')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        portal.triggers.MakeTables(
            operations=[migrations.CreateModel(
                name='User',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('password', models.CharField(max_length=128, verbose_name='password')),
                    ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                    ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                    ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail address')),
                    ('name', models.CharField(max_length=120, verbose_name='name')),
                    ('credit_name', models.CharField(blank=True, db_default='', max_length=120, verbose_name='credit name')),
                    ('language', models.CharField(choices=[('en', 'English'), ('fr', 'French')], default='en', max_length=5, verbose_name='language')),
                    ('is_active', models.BooleanField(default=True, verbose_name='active')),
                    ('date_joined', models.DateTimeField(auto_now_add=True)),
                    ('deleted_at', models.DateTimeField(editable=False, null=True)),
                    ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                    ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_unique_any_case'), models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='user_email_lower'), models.CheckConstraint(condition=models.Q(('deleted_at__isnull', True), models.Q(('credit_name', ''), ('email__endswith', '@deleted.invalid'), ('is_active', False), ('is_superuser', False), ('password__startswith', '!')), _connector='OR'), name='user_deleted_is_nobody')],
                },
            ), migrations.CreateModel(
                name='Agreement',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('title', models.CharField(max_length=120)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                ],
            ), migrations.CreateModel(
                name='RoleGrant',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('role', models.CharField(choices=[('reviewer', 'Reviewer'), ('lead', 'Lead reviewer'), ('admin', 'Programme admin'), ('finance', 'Finance admin'), ('operator', 'Operator')], max_length=20)),
                    ('granted_at', models.DateTimeField(auto_now_add=True)),
                    ('revoked_at', models.DateTimeField(null=True)),
                    ('granted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='roles', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'default_manager_name': 'live',
                    'constraints': [models.CheckConstraint(condition=models.Q(('role__in', ['reviewer', 'lead', 'admin', 'finance', 'operator'])), name='role_known'), models.CheckConstraint(condition=models.Q(('granted_by__isnull', True), models.Q(('granted_by', models.F('user')), _negated=True), _connector='OR'), name='role_given_by_another'), models.CheckConstraint(condition=models.Q(('revoked_by__isnull', True), models.Q(('revoked_at__isnull', False), models.Q(('revoked_by', models.F('user')), _negated=True)), _connector='OR'), name='role_taken_back_by_another')],
                },
                managers=[
                    ('live', django.db.models.manager.Manager()),
                ],
            ), migrations.CreateModel(
                name='Signature',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('sha256', models.CharField(max_length=64)),
                    ('name_typed', models.CharField(max_length=120)),
                    ('signed_at', models.DateTimeField(auto_now_add=True)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to=settings.AUTH_USER_MODEL)),
                ],
            ), migrations.CreateModel(
                name='Takeout',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('state', models.CharField(choices=[('asked', 'Asked for'), ('building', 'Being made'), ('ready', 'Ready'), ('failed', 'Failed'), ('expired', 'Over')], default='asked', editable=False, max_length=10)),
                    ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('holder', models.UUIDField(null=True)),
                    ('lease_until', models.DateTimeField(null=True)),
                    ('tries', models.PositiveSmallIntegerField(default=0)),
                    ('part', models.CharField(blank=True, max_length=40)),
                    ('parts_done', models.PositiveSmallIntegerField(default=0)),
                    ('parts_all', models.PositiveSmallIntegerField(default=0)),
                    ('file', models.CharField(blank=True, max_length=200)),
                    ('size', models.BigIntegerField(null=True)),
                    ('sha256', models.CharField(blank=True, max_length=64)),
                    ('ready_at', models.DateTimeField(null=True)),
                    ('expires_at', models.DateTimeField(null=True)),
                    ('fetched_at', models.DateTimeField(null=True)),
                    ('problem', models.CharField(blank=True, max_length=20)),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='takeouts', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-id'],
                    'indexes': [models.Index(condition=models.Q(('state__in', ['asked', 'building'])), fields=['asked_at'], name='takeout_to_build'), models.Index(condition=models.Q(('state', 'ready')), fields=['expires_at'], name='takeout_to_end')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['asked', 'building'])), fields=('person',), name='takeout_one_live_per_person'), models.UniqueConstraint(condition=models.Q(('state', 'building')), fields=('state',), name='takeout_one_built_at_a_time'), models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'building', 'ready', 'failed', 'expired'])), name='takeout_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('file__gt', ''), ('holder__isnull', False), ('lease_until__isnull', False), ('state', 'building')), models.Q(models.Q(('state', 'building'), _negated=True), ('holder__isnull', True), ('lease_until__isnull', True)), _connector='OR'), name='takeout_building_is_held'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'ready'), _negated=True), models.Q(('expires_at__gt', models.F('ready_at')), ('file__gt', ''), ('ready_at__isnull', False), ('sha256__regex', '^[0-9a-f]{64}$'), ('size__gt', 0)), _connector='OR'), name='takeout_ready_has_a_file'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'failed'), _negated=True), models.Q(('problem', ''), _negated=True), _connector='OR'), name='takeout_failed_says_why')],
                },
            ), migrations.CreateModel(
                name='WebhookDelivery',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
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
                    'indexes': [models.Index(fields=['created_at'], name='delivery_age')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'sending', 'delivered', 'given_up'])), name='delivery_state_known'), models.CheckConstraint(condition=models.Q(('type__in', ['video.completed', 'video.failed', 'video.approved', 'video.rejected'])), name='delivery_type_known'), models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('state', 'sending')), models.Q(models.Q(('state', 'sending'), _negated=True), ('lease_until__isnull', True)), _connector='OR'), name='delivery_sending_has_a_lease'), models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', False), ('state__in', ['delivered', 'given_up'])), models.Q(('state__in', ['waiting', 'sending']), ('settled_at__isnull', True)), _connector='OR'), name='delivery_settled_at_a_moment'), models.CheckConstraint(condition=models.Q(('status__isnull', True), models.Q(('status__gte', 100), ('status__lte', 999)), _connector='OR'), name='delivery_status_is_http')],
                },
            ), migrations.CreateModel(
                name='WebhookEndpoint',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
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
                    ('owner', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='webhooks', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-created_at', '-id'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('name__regex', '^\\s*$'), _negated=True), name='webhook_has_a_name'), models.CheckConstraint(condition=models.Q(('url__regex', '^https?://[^\\s]+$')), name='webhook_url_is_http'), models.CheckConstraint(condition=models.Q(('events__contained_by', ['video.completed', 'video.failed', 'video.approved', 'video.rejected']), ('events__len__gte', 1)), name='webhook_events_known'), models.CheckConstraint(condition=models.Q(('state__in', ['active', 'paused', 'stopped', 'removed'])), name='webhook_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('removed_at__isnull', False), ('sealed', ''), ('state', 'removed')), models.Q(models.Q(('state', 'removed'), _negated=True), ('removed_at__isnull', True), models.Q(('sealed', ''), _negated=True)), _connector='OR'), name='webhook_has_a_secret_until_removed'), models.CheckConstraint(condition=models.Q(models.Q(('overlap_ends_at__isnull', True), ('sealed_old', '')), models.Q(models.Q(('sealed_old', ''), _negated=True), ('overlap_ends_at__isnull', False)), _connector='OR'), name='webhook_old_secret_ends')],
                },
            ), migrations.CreateModel(
                name='Profile',
                fields=[
                    ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='profile', serialize=False, to=settings.AUTH_USER_MODEL)),
                    ('bio', models.CharField(blank=True, max_length=600)),
                    ('links', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None)),
                    ('portrait', models.CharField(blank=True, max_length=120)),
                    ('portrait_sha256', models.CharField(blank=True, max_length=64)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('links__len__lte', 5)), name='profile_links_few'), models.CheckConstraint(condition=models.Q(django.db.models.lookups.Regex(models.Func(models.F('links'), models.Value(' '), function='array_to_string', output_field=models.TextField()), '^(https://[^[:space:]]+( |$))*$')), name='profile_links_https'), models.CheckConstraint(condition=models.Q(models.Q(('portrait', ''), ('portrait_sha256', '')), models.Q(models.Q(('portrait', ''), _negated=True), models.Q(('portrait_sha256', ''), _negated=True)), _connector='OR'), name='profile_portrait_whole')],
                },
            ), migrations.CreateModel(
                name='AgreementVersion',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.PositiveIntegerField()),
                    ('body_en', models.TextField()),
                    ('body_fr', models.TextField()),
                    ('sha256', models.CharField(max_length=64)),
                    ('published_at', models.DateTimeField(auto_now_add=True)),
                    ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='portal.agreement')),
                ],
                options={
                    'ordering': ['agreement', 'number'],
                    'constraints': [models.UniqueConstraint(fields=('agreement', 'number'), name='agreement_number_once')],
                },
            ), migrations.CreateModel(
                name='AuditEntry',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('request_id', models.CharField(blank=True, max_length=36)),
                    ('network', portal.models.access_key.CidrField(null=True)),
                    ('key_hint', models.CharField(blank=True, db_default='', max_length=16)),
                    ('actor_label', models.CharField(max_length=160)),
                    ('action', models.CharField(max_length=60)),
                    ('target_type', models.CharField(max_length=60)),
                    ('target_id', models.CharField(max_length=40)),
                    ('before', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                    ('after', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                    ('reason', models.TextField(blank=True)),
                    ('xid', models.BigIntegerField(db_default=django.db.models.functions.comparison.Cast(django.db.models.functions.comparison.Cast(models.Func(function='pg_current_xact_id', output_field=models.TextField()), models.TextField()), models.BigIntegerField()), editable=False)),
                    ('actor', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['action', 'id'], name='audit_by_action'), models.Index(fields=['actor', 'id'], name='audit_by_actor'), models.Index(fields=['xid', 'id'], name='audit_by_transaction'), models.Index(fields=['target_type', 'target_id'], name='audit_by_target'), django.contrib.postgres.indexes.BrinIndex(fields=['at'], name='audit_by_time')],
                },
            ), migrations.CreateModel(
                name='Cohort',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=80, unique=True, verbose_name='name')),
                    ('slug', models.SlugField(max_length=80, unique=True)),
                    ('state', models.CharField(choices=[('open', 'Open'), ('paused', 'Paused'), ('closed', 'Closed')], default='open', editable=False, max_length=10)),
                    ('starts_on', models.DateField(verbose_name='starts on')),
                    ('ends_on', models.DateField(verbose_name='ends on')),
                    ('seats', models.PositiveIntegerField(default=50, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(10000)], verbose_name='seats')),
                    ('models_on_offer', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), size=None, verbose_name='models on offer')),
                    ('gpu_seconds_per_artist_week', models.PositiveIntegerField(blank=True, null=True, verbose_name='GPU seconds per artist and week')),
                    ('gpu_seconds_per_artist', models.PositiveIntegerField(blank=True, default=36000, null=True, verbose_name='GPU seconds per artist')),
                    ('gpu_seconds_of_cohort_week', models.PositiveIntegerField(blank=True, null=True, verbose_name='GPU seconds of the cohort per week')),
                    ('gpu_seconds_of_cohort', models.PositiveIntegerField(blank=True, null=True, verbose_name='GPU seconds of the cohort')),
                    ('clips_running_per_artist', models.PositiveSmallIntegerField(blank=True, default=2, null=True, verbose_name='clips running at once per artist')),
                    ('clips_waiting_per_artist', models.PositiveSmallIntegerField(blank=True, default=40, null=True, verbose_name='clips waiting per artist')),
                    ('review_mode', models.CharField(choices=[('on_submit', 'When the artist submits it'), ('every_clip', 'Every finished clip')], default='on_submit', max_length=12, verbose_name='clips enter review')),
                    ('review_hours', models.PositiveIntegerField(default=48, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(720)], verbose_name='hours to a decision')),
                    ('approvals_needed', models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name='approvals needed')),
                    ('features_off', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('start_picture', 'Start from a picture or a video of one’s own'), ('remix', 'Remix'), ('extend', 'Extend'), ('shared_presets', 'Presets shared in the cohort'), ('access_keys', 'Access keys'), ('share_links', 'Share links')], max_length=20), blank=True, db_default=[], default=list, size=None, verbose_name='switched off')),
                    ('currency', models.CharField(default='EUR', max_length=3, verbose_name='currency')),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cohorts', to='portal.agreement', verbose_name='agreement')),
                ],
                options={
                    'ordering': ['-starts_on', 'name'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='cohort_ends_after_start'), models.CheckConstraint(condition=models.Q(('seats__gte', 1)), name='cohort_has_a_seat'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'paused', 'closed'])), name='cohort_state_known'), models.CheckConstraint(condition=models.Q(('approvals_needed__in', [1, 2])), name='cohort_one_or_two_approvals'), models.CheckConstraint(condition=models.Q(('models_on_offer__len__gt', 0)), name='cohort_offers_a_model'), models.CheckConstraint(condition=models.Q(('features_off__contained_by', ['start_picture', 'remix', 'extend', 'shared_presets', 'access_keys', 'share_links'])), name='cohort_features_known'), models.CheckConstraint(condition=models.Q(models.Q(('clips_running_per_artist__isnull', True), ('clips_running_per_artist__gte', 1), _connector='OR'), models.Q(('clips_waiting_per_artist__isnull', True), ('clips_waiting_per_artist__gte', 1), _connector='OR')), name='cohort_limits_admit_a_clip')],
                },
            ), migrations.CreateModel(
                name='Brief',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('title', models.CharField(max_length=120, verbose_name='title')),
                    ('text', models.TextField(verbose_name='what is asked')),
                    ('due_on', models.DateField(verbose_name='by')),
                    ('takes_wanted', models.PositiveIntegerField(default=1, verbose_name='takes')),
                    ('is_open', models.BooleanField(default=True, verbose_name='open')),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='briefs', to='portal.cohort')),
                ],
                options={
                    'ordering': ['due_on', 'id'],
                },
            ), migrations.CreateModel(
                name='AuditSeal',
                fields=[
                    ('seq', models.BigIntegerField(primary_key=True, serialize=False)),
                    ('entry_hash', models.BinaryField(max_length=32)),
                    ('previous', models.BinaryField(max_length=32)),
                    ('head', models.BinaryField(max_length=32)),
                    ('cohort_seq', models.BigIntegerField(null=True)),
                    ('cohort_previous', models.BinaryField(max_length=32, null=True)),
                    ('cohort_head', models.BinaryField(max_length=32, null=True)),
                    ('sealed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='seal', to='portal.auditentry')),
                    ('cohort', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.cohort')),
                ],
                options={
                    'ordering': ['seq'],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('cohort__isnull', False)), fields=('cohort', 'cohort_seq'), name='audit_seal_of_cohort'), models.CheckConstraint(condition=models.Q(('seq__gte', 1), models.Q(('cohort_seq', None), ('cohort_seq__gte', 1), _connector='OR')), name='audit_seal_counts_from_one'), models.CheckConstraint(condition=models.Q(models.Q(('cohort', None), ('cohort_head', None), ('cohort_previous', None), ('cohort_seq', None)), models.Q(('cohort__isnull', False), ('cohort_head__isnull', False), ('cohort_previous__isnull', False), ('cohort_seq__isnull', False)), _connector='OR'), name='audit_seal_of_cohort_is_whole'), models.CheckConstraint(condition=models.Q(django.db.models.lookups.Exact(models.Func(models.F('entry_hash'), function='octet_length', output_field=models.IntegerField()), 32)), name='audit_seal_entry_hash_is_sha256'), models.CheckConstraint(condition=models.Q(django.db.models.lookups.Exact(models.Func(models.F('previous'), function='octet_length', output_field=models.IntegerField()), 32)), name='audit_seal_previous_is_sha256'), models.CheckConstraint(condition=models.Q(django.db.models.lookups.Exact(models.Func(models.F('head'), function='octet_length', output_field=models.IntegerField()), 32)), name='audit_seal_head_is_sha256'), models.CheckConstraint(condition=models.Q(django.db.models.lookups.Exact(models.Func(models.F('cohort_previous'), function='octet_length', output_field=models.IntegerField()), 32)), name='audit_seal_cohort_previous_is_sha256'), models.CheckConstraint(condition=models.Q(django.db.models.lookups.Exact(models.Func(models.F('cohort_head'), function='octet_length', output_field=models.IntegerField()), 32)), name='audit_seal_cohort_head_is_sha256')],
                },
            ), migrations.AddField(
                model_name='auditentry',
                name='cohort',
                field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.cohort'),
            ), migrations.CreateModel(
                name='ApplicationCall',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('is_open', models.BooleanField(default=False)),
                    ('opens_on', models.DateField(null=True)),
                    ('closes_on', models.DateField(null=True)),
                    ('intro_en', models.TextField(blank=True, max_length=2000)),
                    ('intro_fr', models.TextField(blank=True, max_length=2000)),
                    ('cohort', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='application_call', to='portal.cohort')),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('is_open', False), models.Q(('closes_on__gte', models.F('opens_on')), ('closes_on__isnull', False), ('opens_on__isnull', False)), _connector='OR'), name='application_call_open_between_days')],
                },
            ), migrations.CreateModel(
                name='AccessKey',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
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
                    ('overlap_ends_at', models.DateTimeField(editable=False, null=True)),
                    ('last_used_at', models.DateTimeField(editable=False, null=True)),
                    ('last_used_from', portal.models.access_key.CidrField(editable=False, null=True)),
                    ('last_used_client', models.CharField(blank=True, editable=False, max_length=120)),
                    ('revoked_at', models.DateTimeField(editable=False, null=True)),
                    ('reported_at', models.DateTimeField(editable=False, null=True)),
                    ('found_on', models.CharField(blank=True, editable=False, max_length=100)),
                    ('alarmed_at', models.DateTimeField(editable=False, null=True)),
                    ('reason', models.TextField(blank=True, editable=False)),
                    ('frozen_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='access_keys', to=settings.AUTH_USER_MODEL)),
                    ('replaces', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='portal.accesskey')),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='access_keys', to='portal.cohort')),
                ],
                options={
                    'ordering': ['-created_at', '-id'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('name__regex', '^\\s*$'), _negated=True), name='key_has_a_name'), models.CheckConstraint(condition=models.Q(('state__in', ['active', 'frozen', 'revoked'])), name='key_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'person'), ('owner__isnull', False)), models.Q(('kind', 'canary'), ('owner__isnull', True)), _connector='OR'), name='key_is_somebodys_or_a_canary'), models.CheckConstraint(condition=models.Q(('digest__regex', '^[0-9a-f]{64}$')), name='key_is_hashed'), models.CheckConstraint(condition=models.Q(('scopes__contained_by', ['clips:read', 'clips:write', 'feedback:write', 'earnings:read']), ('scopes__len__gte', 1)), name='key_scopes_known'), models.CheckConstraint(condition=models.Q(('ip_ranges__len__lte', 20)), name='key_has_few_ranges'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at')), ('expires_at__lte', django.db.models.expressions.CombinedExpression(models.F('created_at'), '+', models.Value(datetime.timedelta(days=365))))), name='key_lives_a_year_at_most'), models.CheckConstraint(condition=models.Q(models.Q(('gpu_seconds__isnull', True), ('gpu_seconds__gte', 1), _connector='OR'), models.Q(('rate_per_minute__isnull', True), ('rate_per_minute__gte', 1), _connector='OR')), name='key_limits_admit_something'), models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', False), ('state', 'revoked')), models.Q(models.Q(('state', 'revoked'), _negated=True), ('revoked_at__isnull', True)), _connector='OR'), name='key_revoked_at_a_moment'), models.CheckConstraint(condition=models.Q(('frozen_by__isnull', True), ('state', 'frozen'), _connector='OR'), name='key_frozen_by_when_frozen'), models.CheckConstraint(condition=models.Q(('reported_at__isnull', True), ('state', 'revoked'), _connector='OR'), name='key_reported_is_revoked'), models.CheckConstraint(condition=models.Q(('alarmed_at__isnull', True), models.Q(('kind', 'canary'), ('state__in', ['frozen', 'revoked'])), _connector='OR'), name='key_alarmed_is_a_dead_canary'), models.UniqueConstraint(condition=models.Q(('kind', 'canary'), models.Q(('state', 'revoked'), _negated=True)), fields=('cohort',), name='key_one_canary_per_cohort')],
                },
            ), migrations.CreateModel(
                name='Consent',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('sharing', 'Sharing'), ('publicity', 'Publicity'), ('training', 'Training')], max_length=12)),
                    ('number', models.PositiveIntegerField()),
                    ('given', models.BooleanField()),
                    ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('text_number', models.PositiveIntegerField()),
                    ('text_sha256', models.CharField(max_length=64)),
                    ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to=settings.AUTH_USER_MODEL)),
                    ('signature', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='portal.signature')),
                ],
                options={
                    'ordering': ['id'],
                    'constraints': [models.UniqueConstraint(fields=('person', 'kind', 'number'), name='consent_step_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['sharing', 'publicity', 'training'])), name='consent_kind_known'), models.CheckConstraint(condition=models.Q(('actor_id', models.F('person_id'))), name='consent_by_the_person_alone'), models.CheckConstraint(condition=models.Q(('given', django.db.models.lookups.Exact(django.db.models.functions.math.Mod(models.F('number'), models.Value(2)), models.Value(1))), ('number__gt', 0)), name='consent_given_then_withdrawn')],
                },
            ), migrations.CreateModel(
                name='Containment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('stage', models.CharField(choices=[('key', 'One access key'), ('person', 'One person'), ('cohort', 'One cohort'), ('model', 'One model'), ('sharing', 'All sharing'), ('generation', 'All generation'), ('everything', 'Everything')], max_length=12)),
                    ('model_key', models.CharField(blank=True, max_length=80)),
                    ('reason', models.CharField(max_length=500)),
                    ('words_en', models.CharField(blank=True, max_length=500)),
                    ('words_fr', models.CharField(blank=True, max_length=500)),
                    ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('until', models.DateTimeField()),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('cohort', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='containments', to='portal.cohort')),
                    ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('key', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='containments', to='portal.accesskey')),
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='containments', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-at', '-id'],
                    'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['until'], name='containment_running')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('stage__in', ['key', 'person', 'cohort', 'model', 'sharing', 'generation', 'everything'])), name='containment_stage_known'), models.CheckConstraint(condition=models.Q(models.Q(('stage__in', ['everything', 'generation', 'sharing']), ('key__isnull', True), ('person__isnull', True), ('cohort__isnull', True), ('model_key', '')), models.Q(('stage', 'key'), ('key__isnull', False), ('person__isnull', True), ('cohort__isnull', True), ('model_key', '')), models.Q(('stage', 'person'), ('person__isnull', False), ('key__isnull', True), ('cohort__isnull', True), ('model_key', '')), models.Q(('stage', 'cohort'), ('cohort__isnull', False), ('key__isnull', True), ('person__isnull', True), ('model_key', '')), models.Q(('stage', 'model'), models.Q(('model_key', ''), _negated=True), ('key__isnull', True), ('person__isnull', True), ('cohort__isnull', True)), _connector='OR'), name='containment_right_target'), models.CheckConstraint(condition=models.Q(('reason__regex', '^\\s*$'), _negated=True), name='containment_says_why'), models.CheckConstraint(condition=models.Q(('words_en', ''), ('words_fr', ''), _negated=True), name='containment_has_words'), models.CheckConstraint(condition=models.Q(('until__gt', models.F('at')), ('until__lte', django.db.models.expressions.CombinedExpression(models.F('at'), '+', models.Value(datetime.timedelta(days=90))))), name='containment_has_an_end'), models.CheckConstraint(condition=models.Q(('ended_by__isnull', True), ('ended_at__isnull', False), _connector='OR'), name='containment_ended_by_when_ended'), models.CheckConstraint(condition=models.Q(('by', models.F('person')), ('stage', 'person'), _negated=True), name='containment_not_of_oneself')],
                },
            ), migrations.CreateModel(
                name='ContainmentNotice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('began_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('containment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='portal.containment')),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='containment_notices', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['containment'], name='containment_notice_open')],
                    'constraints': [models.UniqueConstraint(fields=('containment', 'person'), name='containment_notice_once'), models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('began_at')), _connector='OR'), name='containment_notice_ends_after_it_began')],
                },
            ), migrations.CreateModel(
                name='Deletion',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('state', models.CharField(choices=[('waiting', 'Waiting'), ('undone', 'Taken back'), ('done', 'Done')], default='waiting', editable=False, max_length=10)),
                    ('reason', models.CharField(blank=True, max_length=500)),
                    ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('due_at', models.DateTimeField()),
                    ('held_by', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('files', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None)),
                    ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deletions', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-id'],
                    'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['due_at'], name='deletion_to_carry_out')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'done'])), fields=('person',), name='deletion_one_that_counts_per_person'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'undone', 'done'])), name='deletion_state_known'), models.CheckConstraint(condition=models.Q(('asked_by', models.F('person')), ('reason__regex', '\\S'), _connector='OR'), name='deletion_by_another_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by__isnull', True), ('state', 'waiting')), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False), ('state', 'undone')), models.Q(('ended_at__gte', models.F('due_at')), ('ended_at__isnull', False), ('ended_by__isnull', True), ('state', 'done')), _connector='OR'), name='deletion_ended_whole'), models.CheckConstraint(condition=models.Q(('held_by__len', 0), ('state', 'waiting'), _connector='OR'), name='deletion_held_while_waiting'), models.CheckConstraint(condition=models.Q(('files__len', 0), ('state', 'done'), _connector='OR'), name='deletion_files_when_done')],
                },
            ), migrations.CreateModel(
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
                    ('decided_at', models.DateTimeField(editable=False, null=True)),
                    ('key_name', models.CharField(blank=True, editable=False, max_length=60)),
                    ('key_days', models.PositiveSmallIntegerField(editable=False, null=True)),
                    ('cohort', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portal.cohort')),
                    ('decided_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='device_logins', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['created_at'], name='device_login_by_age')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'confirmed', 'refused', 'used'])), name='device_login_state_known'), models.CheckConstraint(condition=models.Q(('device_digest__regex', '^[0-9a-f]{64}$'), ('user_digest__regex', '^[0-9a-f]{64}$')), name='device_login_is_hashed'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='device_login_lives'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('state', 'asked')), models.Q(models.Q(('state', 'asked'), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='device_login_decided_by_somebody'), models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'refused']), models.Q(('cohort__isnull', False), ('key_days__gte', 1), models.Q(('key_name', ''), _negated=True)), _connector='OR'), name='device_login_confirmed_with_terms')],
                },
            ), migrations.CreateModel(
                name='EmailChange',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
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
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='email_changes', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(condition=models.Q(('done_at', None), ('dropped_at', None)), fields=('user',), name='email_change_one_at_a_time'), models.CheckConstraint(condition=models.Q(('done_at', None), models.Q(('dropped_at__isnull', True), ('new_confirmed_at__isnull', False), ('old_confirmed_at__isnull', False)), _connector='OR'), name='email_change_done_when_both_confirmed')],
                },
            ), migrations.CreateModel(
                name='Invitation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                    ('name', models.CharField(blank=True, max_length=120, verbose_name='name')),
                    ('language', models.CharField(choices=[('en', 'English'), ('fr', 'French')], default='en', max_length=5, verbose_name='language')),
                    ('note', models.TextField(blank=True, max_length=2000, verbose_name='personal note')),
                    ('token_hash', models.CharField(editable=False, max_length=64, null=True, unique=True)),
                    ('state', models.CharField(choices=[('requested', 'Asked for'), ('invited', 'Invited'), ('opened', 'Opened'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('revoked', 'Revoked'), ('expired', 'Expired')], default='invited', editable=False, max_length=10)),
                    ('requested_at', models.DateTimeField(editable=False, null=True)),
                    ('invited_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, null=True)),
                    ('expires_at', models.DateTimeField(null=True)),
                    ('opened_at', models.DateTimeField(editable=False, null=True)),
                    ('accepted_at', models.DateTimeField(editable=False, null=True)),
                    ('declined_at', models.DateTimeField(editable=False, null=True)),
                    ('declined_note', models.CharField(blank=True, editable=False, max_length=500)),
                    ('accepted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='portal.cohort')),
                    ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('replaces', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='portal.invitation')),
                    ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-id'],
                    'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), models.F('cohort'), condition=models.Q(('state__in', ['requested', 'invited', 'opened'])), name='invitation_one_live_per_address'), models.CheckConstraint(condition=models.Q(models.Q(models.Q(('state', 'requested'), _negated=True), ('expires_at__isnull', False), ('invited_at__isnull', False), ('invited_by__isnull', False), ('token_hash__isnull', False)), models.Q(('expires_at__isnull', True), ('invited_at__isnull', True), ('invited_by__isnull', True), ('requested_at__isnull', False), ('state__in', ['requested', 'revoked']), ('token_hash__isnull', True)), _connector='OR'), name='invitation_sent_whole_or_not_at_all'), models.CheckConstraint(condition=models.Q(models.Q(('declined_at__isnull', False), ('state', 'declined')), models.Q(models.Q(('state', 'declined'), _negated=True), ('declined_at__isnull', True)), _connector='OR'), name='invitation_declined_at_some_time'), models.CheckConstraint(condition=models.Q(('state__in', ['requested', 'invited', 'opened', 'accepted', 'declined', 'revoked', 'expired'])), name='invitation_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('accepted_by__isnull', False), ('state', 'accepted')), models.Q(models.Q(('state', 'accepted'), _negated=True), ('accepted_by__isnull', True)), _connector='OR'), name='invitation_accepted_by_someone')],
                },
            ), migrations.CreateModel(
                name='Application',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                    ('name', models.CharField(max_length=120, verbose_name='name')),
                    ('language', models.CharField(choices=[('en', 'English'), ('fr', 'French')], max_length=5, verbose_name='language')),
                    ('links', django.contrib.postgres.fields.ArrayField(base_field=models.URLField(max_length=300), default=list, size=5)),
                    ('note', models.TextField(blank=True, max_length=2000, verbose_name='note')),
                    ('state', models.CharField(choices=[('unconfirmed', 'Address not confirmed'), ('applied', 'Applied'), ('shortlisted', 'Shortlisted'), ('set_aside', 'Set aside'), ('invited', 'Invited')], default='unconfirmed', editable=False, max_length=12)),
                    ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                    ('remark', models.TextField(blank=True, max_length=2000)),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('confirmed_at', models.DateTimeField(editable=False, null=True)),
                    ('told_at', models.DateTimeField(editable=False, null=True)),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='applications', to='portal.cohort')),
                    ('invitation', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='application', to='portal.invitation')),
                ],
                options={
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['cohort', 'state', '-id'], name='application_list'), models.Index(fields=['created_at'], name='application_by_age')],
                    'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), models.F('cohort'), name='application_one_per_address'), models.CheckConstraint(condition=models.Q(('state__in', ['unconfirmed', 'applied', 'shortlisted', 'set_aside', 'invited'])), name='application_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', True), ('state', 'unconfirmed')), models.Q(models.Q(('state', 'unconfirmed'), _negated=True), ('confirmed_at__isnull', False)), _connector='OR'), name='application_counts_when_confirmed'), models.CheckConstraint(condition=models.Q(('links__len__lte', 5)), name='application_few_links')],
                },
            ), migrations.CreateModel(
                name='InvitationBatch',
                fields=[
                    ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                    ('name', models.CharField(max_length=120, verbose_name='name')),
                    ('notes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=500), blank=True, default=list, size=None)),
                    ('state', models.CharField(choices=[('draft', 'Draft'), ('sending', 'Being sent'), ('stopped', 'Stopped'), ('finished', 'Done'), ('expired', 'Ended')], default='draft', editable=False, max_length=10)),
                    ('held_by', models.CharField(blank=True, editable=False, max_length=40)),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('keep_until', models.DateTimeField()),
                    ('started_at', models.DateTimeField(editable=False, null=True)),
                    ('ended_at', models.DateTimeField(editable=False, null=True)),
                    ('brought_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitation_batches', to='portal.cohort')),
                    ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-created_at', '-id'],
                    'indexes': [models.Index(condition=models.Q(('state', 'sending')), fields=['created_at'], name='invitation_batch_sending'), models.Index(condition=models.Q(('state', 'draft')), fields=['keep_until'], name='invitation_batch_drafts')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'sending', 'stopped', 'finished', 'expired'])), name='invitation_batch_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('started_by__isnull', True), ('state__in', ['draft', 'expired'])), models.Q(('started_at__isnull', False), ('started_by__isnull', False), ('state__in', ['sending', 'stopped', 'finished'])), _connector='OR'), name='invitation_batch_started_by_someone'), models.CheckConstraint(condition=models.Q(('held_by', ''), ('state', 'stopped'), _connector='OR'), name='invitation_batch_held_stopped')],
                },
            ), migrations.CreateModel(
                name='InvitationBatchRow',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.PositiveSmallIntegerField()),
                    ('email', models.CharField(blank=True, max_length=254)),
                    ('name', models.CharField(blank=True, max_length=120)),
                    ('language', models.CharField(choices=[('en', 'English'), ('fr', 'French')], default='en', max_length=5)),
                    ('note', models.TextField(blank=True, max_length=2000)),
                    ('problem', models.CharField(blank=True, max_length=500)),
                    ('same_as', models.PositiveSmallIntegerField(null=True)),
                    ('is_wanted', models.BooleanField(default=False)),
                    ('is_due', models.BooleanField(default=False)),
                    ('renews', models.BooleanField(default=False)),
                    ('refusal', models.CharField(blank=True, max_length=500)),
                    ('settled_at', models.DateTimeField(null=True)),
                    ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='portal.invitationbatch')),
                    ('invitation', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='batch_row', to='portal.invitation')),
                ],
                options={
                    'ordering': ['batch', 'number'],
                    'indexes': [models.Index(condition=models.Q(('is_due', True)), fields=['batch', 'number'], name='invitation_row_due')],
                    'constraints': [models.UniqueConstraint(fields=('batch', 'number'), name='invitation_row_once'), models.UniqueConstraint(models.F('batch'), django.db.models.functions.text.Lower('email'), condition=models.Q(('problem', '')), name='invitation_row_address_once'), models.CheckConstraint(condition=models.Q(('problem', ''), models.Q(('invitation__isnull', True), ('is_due', False), ('is_wanted', False)), _connector='OR'), name='invitation_row_due_is_sound'), models.CheckConstraint(condition=models.Q(models.Q(('invitation__isnull', True), ('refusal', ''), ('settled_at__isnull', True)), models.Q(('invitation__isnull', False), ('is_due', False), ('refusal', ''), ('settled_at__isnull', False)), models.Q(('invitation__isnull', True), ('is_due', False), ('settled_at__isnull', False), models.Q(('refusal', ''), _negated=True)), _connector='OR'), name='invitation_row_settled_once')],
                },
            ), migrations.CreateModel(
                name='InvitationReminder',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('half', 'At half time'), ('last', 'Before the end')], max_length=10)),
                    ('token_hash', models.CharField(max_length=64, unique=True)),
                    ('sent_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('invitation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to='portal.invitation')),
                ],
                options={
                    'ordering': ['sent_at', 'id'],
                    'constraints': [models.UniqueConstraint(fields=('invitation', 'kind'), name='invitation_reminded_once_of_each_kind'), models.CheckConstraint(condition=models.Q(('kind__in', ['half', 'last'])), name='invitation_reminder_kind_known')],
                },
            ), migrations.CreateModel(
                name='KeyRequest',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(blank=True, max_length=64)),
                    ('body', models.CharField(max_length=64)),
                    ('token', models.UUIDField(default=uuid.uuid4, editable=False)),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('access_key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='portal.accesskey')),
                ],
                options={
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['access_key', 'body', '-id'], name='key_request_by_body'), models.Index(fields=['created_at'], name='key_request_by_age')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('name', ''), _negated=True), fields=('access_key', 'name'), name='key_request_once_per_name'), models.CheckConstraint(condition=models.Q(('body__regex', '^[0-9a-f]{64}$'), ('name__regex', '^([0-9a-f]{64})?$')), name='key_request_is_hashed')],
                },
            ), migrations.CreateModel(
                name='KnownDevice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('mark_hash', models.CharField(max_length=64)),
                    ('last_seen', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='known_devices', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'indexes': [models.Index(fields=['last_seen'], name='device_by_last_seen')],
                    'constraints': [models.UniqueConstraint(fields=('user', 'mark_hash'), name='device_known_once')],
                },
            ), migrations.CreateModel(
                name='LeakBaseline',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('networks', models.PositiveSmallIntegerField(default=0)),
                    ('networks_at_once', models.PositiveSmallIntegerField(default=0)),
                    ('start_networks', models.PositiveSmallIntegerField(default=0)),
                    ('clients', models.PositiveSmallIntegerField(default=0)),
                    ('page_networks', models.PositiveSmallIntegerField(default=0)),
                    ('person', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='leak_baseline', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('clients__lte', 40), ('networks__lte', 40), ('networks_at_once__lte', 40), ('page_networks__lte', 40), ('start_networks__lte', 40)), name='leak_baseline_is_bounded')],
                },
            ), migrations.CreateModel(
                name='LeakPolicy',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('line', models.PositiveSmallIntegerField(default=100, validators=[django.core.validators.MinValueValidator(60), django.core.validators.MaxValueValidator(500)])),
                    ('more_networks', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(40)])),
                    ('is_shadow', models.BooleanField(default=False)),
                    ('cohort', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='leak_policy', to='portal.cohort')),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('line__gte', 60), ('line__lte', 500)), name='leak_line_in_range'), models.CheckConstraint(condition=models.Q(('more_networks__lte', 40)), name='leak_networks_in_range')],
                },
            ), migrations.CreateModel(
                name='LeakReport',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
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
                    ('reason', models.TextField(blank=True)),
                    ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='leak_reports', to='portal.accesskey')),
                ],
                options={
                    'ordering': ['-created_at', '-id'],
                    'indexes': [models.Index(fields=['created_at'], name='leak_by_age')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['open', 'confirmed', 'rotated', 'thawed', 'revoked', 'noted'])), name='leak_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='leak_closed_at_a_moment'), models.CheckConstraint(condition=models.Q(('score__gte', models.F('line'))), name='leak_over_the_line'), models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('key', 'is_shadow'), name='leak_one_open_report_per_key')],
                },
            ), migrations.CreateModel(
                name='Membership',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('joined_at', models.DateTimeField(auto_now_add=True)),
                    ('ended_at', models.DateTimeField(editable=False, null=True)),
                    ('ended_reason', models.CharField(blank=True, editable=False, max_length=500)),
                    ('ended_how', models.CharField(blank=True, choices=[('', 'Member'), ('left', 'Left'), ('removed', 'Ended by staff')], db_default='', default='', editable=False, max_length=10)),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='portal.cohort')),
                    ('ended_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-joined_at'],
                    'constraints': [models.UniqueConstraint(fields=('cohort', 'user'), name='member_of_a_cohort_once'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by__isnull', True), ('ended_how', ''), ('ended_reason', '')), models.Q(('ended_at__isnull', False), ('ended_how', 'left')), models.Q(('ended_at__isnull', False), ('ended_how', 'removed'), models.Q(('ended_reason', ''), _negated=True)), _connector='OR'), name='membership_ended_whole')],
                },
            ), migrations.CreateModel(
                name='Notification',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(max_length=40)),
                    ('title', models.CharField(max_length=160)),
                    ('text', models.TextField(blank=True)),
                    ('url', models.CharField(blank=True, max_length=200)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('read_at', models.DateTimeField(null=True)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-id'],
                    'indexes': [models.Index(condition=models.Q(('read_at__isnull', True)), fields=['user'], name='notification_unread')],
                },
            ), migrations.CreateModel(
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
            ), migrations.AddField(
                model_name='rolegrant',
                name='cohort',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portal.cohort'),
            ), migrations.AddField(
                model_name='signature',
                name='version',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='portal.agreementversion'),
            ), migrations.AddField(
                model_name='webhookendpoint',
                name='cohort',
                field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='webhooks', to='portal.cohort'),
            ), migrations.AddField(
                model_name='webhookdelivery',
                name='endpoint',
                field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='portal.webhookendpoint'),
            ), migrations.AddIndex(
                model_name='auditentry',
                index=models.Index(fields=['cohort', 'id'], name='audit_by_cohort'),
            ), migrations.AddConstraint(
                model_name='rolegrant',
                constraint=models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('user', 'role', 'cohort'), name='role_granted_once', nulls_distinct=False),
            ), migrations.AddConstraint(
                model_name='rolegrant',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('role__in', ['finance', 'operator']), _negated=True), ('cohort__isnull', True), _connector='OR'), name='role_of_the_programme_for_every_cohort'),
            ), migrations.AddConstraint(
                model_name='signature',
                constraint=models.UniqueConstraint(fields=('user', 'version'), name='signature_once'),
            ), migrations.AddIndex(
                model_name='webhookendpoint',
                index=models.Index(condition=models.Q(('state', 'removed'), _negated=True), fields=['cohort', 'owner'], name='webhook_listening'),
            ), migrations.AddIndex(
                model_name='webhookdelivery',
                index=models.Index(condition=models.Q(('state__in', ['waiting', 'sending'])), fields=['endpoint', 'subject', 'id'], name='delivery_to_send'),
            ), migrations.AddIndex(
                model_name='webhookdelivery',
                index=models.Index(fields=['endpoint', '-id'], name='delivery_log'),
            ), migrations.AddConstraint(
                model_name='webhookdelivery',
                constraint=models.UniqueConstraint(condition=models.Q(('is_repeat', False)), fields=('endpoint', 'event_id'), name='delivery_once_per_event'),
            ), migrations.AddConstraint(
                model_name='webhookdelivery',
                constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'sending'])), fields=('endpoint', 'event_id'), name='delivery_waits_once'),
            ), migrations.AddConstraint(
                model_name='webhookdelivery',
                constraint=models.UniqueConstraint(condition=models.Q(('is_test', True), ('state__in', ['waiting', 'sending'])), fields=('endpoint',), name='delivery_one_test_at_a_time'),
            )],
        ),
        portal.triggers.MakeTrigger(
            model_name='outgoingmail',
            trigger=pgtrigger.compiler.Trigger(name='mail_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{sending:failed,sending:sent,sending:waiting,waiting:sending}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='fde5293e8497003d2f68c773aa2998a7d10ec803', operation='UPDATE', pgid='pgtrigger_mail_steps_328da', table='portal_outgoingmail', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='user_deleted_for_good', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."deleted_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='cac8336fd2d850d4a170c2175193f77d92180d1d', operation='UPDATE', pgid='pgtrigger_user_deleted_for_good_63ada', table='portal_user', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='agreementversion',
            trigger=pgtrigger.compiler.Trigger(name='agreement_version_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='fc4e5be49ba1514c3aaa8f6a7cb825832d2e5f48', operation='UPDATE OR DELETE', pgid='pgtrigger_agreement_version_append_only_89b2c', table='portal_agreementversion', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='cohort',
            trigger=pgtrigger.compiler.Trigger(name='cohort_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{open:closed,open:paused,paused:closed,paused:open}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='671a10a17ec5bbb60bae4830169d0faaf2483b8f', operation='UPDATE', pgid='pgtrigger_cohort_steps_62a5c', table='portal_cohort', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='auditseal',
            trigger=pgtrigger.compiler.Trigger(name='audit_seal_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f3b645e3f20cd3d223d7d4942087b76fd6e6da7e', operation='UPDATE OR DELETE', pgid='pgtrigger_audit_seal_append_only_1d4e2', table='portal_auditseal', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='auditentry',
            trigger=pgtrigger.compiler.Trigger(name='audit_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='929cc2ef5f5a4f8acbd1572ee29ef17ea7ae8c47', operation='UPDATE OR DELETE', pgid='pgtrigger_audit_append_only_dfaf5', table='portal_auditentry', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='accesskey',
            trigger=pgtrigger.compiler.Trigger(name='key_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{active:frozen,active:revoked,frozen:active,frozen:revoked}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='a3fc673bf6670a59e19789cec63a6174fa8d5a23', operation='UPDATE', pgid='pgtrigger_key_steps_97db1', table='portal_accesskey', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='accesskey',
            trigger=pgtrigger.compiler.Trigger(name='key_terms_stay', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."scopes" IS DISTINCT FROM (NEW."scopes") OR OLD."gpu_seconds" IS DISTINCT FROM (NEW."gpu_seconds") OR OLD."rate_per_minute" IS DISTINCT FROM (NEW."rate_per_minute") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."replaces_id" IS DISTINCT FROM (NEW."replaces_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='611b57f7aa758d06ed6a03d5a00b3179e5583d6d', operation='UPDATE', pgid='pgtrigger_key_terms_stay_4e656', table='portal_accesskey', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='accesskey',
            trigger=pgtrigger.compiler.Trigger(name='key_networks_stay', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."ip_ranges" IS DISTINCT FROM (NEW."ip_ranges") AND NOT (NEW."ip_ranges" = \'{}\'::cidr[] AND NEW."state" = \'revoked\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='6d2af1dfd4db643db74a2e55b2346f98ac94991d', operation='UPDATE', pgid='pgtrigger_key_networks_stay_7acf7', table='portal_accesskey', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='accesskey',
            trigger=pgtrigger.compiler.Trigger(name='key_is_not_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='b8a17a0f771b0df3f1952fb3d13072efb7c892b0', operation='DELETE', pgid='pgtrigger_key_is_not_deleted_fb2b4', table='portal_accesskey', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='containment',
            trigger=pgtrigger.compiler.Trigger(name='containment_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."stage" IS DISTINCT FROM (NEW."stage") OR OLD."key_id" IS DISTINCT FROM (NEW."key_id") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."model_key" IS DISTINCT FROM (NEW."model_key") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."words_en" IS DISTINCT FROM (NEW."words_en") OR OLD."words_fr" IS DISTINCT FROM (NEW."words_fr") OR OLD."by_id" IS DISTINCT FROM (NEW."by_id") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."until" IS DISTINCT FROM (NEW."until"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='68dbd5f1844c2a9226ad1db4088816e73ed4df94', operation='UPDATE', pgid='pgtrigger_containment_fixed_d3d11', table='portal_containment', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='containment',
            trigger=pgtrigger.compiler.Trigger(name='containment_ends_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."ended_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='2ddc39fd9b476c9663644d48cf90338aa597d5b4', operation='UPDATE', pgid='pgtrigger_containment_ends_once_085ca', table='portal_containment', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='containment',
            trigger=pgtrigger.compiler.Trigger(name='containment_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='f6fb02aaad76b37b6523bb680e1e5e42e3efdda2', operation='DELETE', pgid='pgtrigger_containment_kept_ba828', table='portal_containment', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='containmentnotice',
            trigger=pgtrigger.compiler.Trigger(name='containment_notice_ends_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."ended_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='b1791c14b20599f6f41c6100f3caaf27719d3a33', operation='UPDATE', pgid='pgtrigger_containment_notice_ends_once_aab4e', table='portal_containmentnotice', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='deletion',
            trigger=pgtrigger.compiler.Trigger(name='deletion_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{waiting:done,waiting:undone}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='a3d45587b549b92655896b0d8f2f959fb4dace2e', operation='UPDATE', pgid='pgtrigger_deletion_steps_94216', table='portal_deletion', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='deletion',
            trigger=pgtrigger.compiler.Trigger(name='deletion_is_whose_it_was', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."asked_by_id" IS DISTINCT FROM (NEW."asked_by_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."asked_at" IS DISTINCT FROM (NEW."asked_at") OR OLD."due_at" IS DISTINCT FROM (NEW."due_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='b54e9da8d14c9c1f7f7499970526dacb131b416e', operation='UPDATE', pgid='pgtrigger_deletion_is_whose_it_was_5dea9', table='portal_deletion', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='deletion',
            trigger=pgtrigger.compiler.Trigger(name='deletion_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='01cf336d13a9c882ed5fbe3de00d66dd15caf43b', operation='DELETE', pgid='pgtrigger_deletion_kept_15f84', table='portal_deletion', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='devicelogin',
            trigger=pgtrigger.compiler.Trigger(name='device_login_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{asked:confirmed,asked:refused,confirmed:used}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='1b51f7cd119f15533724269b031a1c196f301c4a', operation='UPDATE', pgid='pgtrigger_device_login_steps_639c4', table='portal_devicelogin', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='invitation',
            trigger=pgtrigger.compiler.Trigger(name='invitation_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{invited:accepted,invited:declined,invited:expired,invited:opened,invited:revoked,opened:accepted,opened:declined,opened:expired,opened:revoked,requested:invited,requested:revoked}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='f6fee44c520a697d356d2f470ac08b6f5a793c2b', operation='UPDATE', pgid='pgtrigger_invitation_steps_035eb', table='portal_invitation', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='application',
            trigger=pgtrigger.compiler.Trigger(name='application_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{applied:invited,applied:set_aside,applied:shortlisted,set_aside:applied,set_aside:invited,set_aside:shortlisted,shortlisted:applied,shortlisted:invited,shortlisted:set_aside,unconfirmed:applied}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='3b3387a7c5f4695985acc56dd0a11fffac7b7002', operation='UPDATE', pgid='pgtrigger_application_steps_7619c', table='portal_application', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='invitationbatch',
            trigger=pgtrigger.compiler.Trigger(name='invitation_batch_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{draft:expired,draft:sending,sending:finished,sending:stopped,stopped:sending}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='67929702b59cc89f5dbea884b3ee0f97fdf704ce', operation='UPDATE', pgid='pgtrigger_invitation_batch_steps_9709d', table='portal_invitationbatch', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='invitationbatch',
            trigger=pgtrigger.compiler.Trigger(name='invitation_batch_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."notes" IS DISTINCT FROM (NEW."notes") OR OLD."brought_by_id" IS DISTINCT FROM (NEW."brought_by_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='4639145fe6756083a6975151ec033177109695d6', operation='UPDATE', pgid='pgtrigger_invitation_batch_fixed_327a6', table='portal_invitationbatch', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='invitationbatchrow',
            trigger=pgtrigger.compiler.Trigger(name='invitation_row_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."batch_id" IS DISTINCT FROM (NEW."batch_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."language" IS DISTINCT FROM (NEW."language") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."problem" IS DISTINCT FROM (NEW."problem") OR OLD."same_as" IS DISTINCT FROM (NEW."same_as"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='4b88cca6d32156d8036dbfd344bca6387367e216', operation='UPDATE', pgid='pgtrigger_invitation_row_fixed_6ea49', table='portal_invitationbatchrow', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='invitationreminder',
            trigger=pgtrigger.compiler.Trigger(name='invitation_reminder_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='b62802c932128f5ffca869b998c7fa11a57d4972', operation='UPDATE', pgid='pgtrigger_invitation_reminder_is_fixed_07faf', table='portal_invitationreminder', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='leakreport',
            trigger=pgtrigger.compiler.Trigger(name='leak_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{open:confirmed,open:noted,open:revoked,open:rotated,open:thawed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='fa585b990d1aab523c2dbef43b9b186c5c5841c1', operation='UPDATE', pgid='pgtrigger_leak_steps_d7d27', table='portal_leakreport', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='leakreport',
            trigger=pgtrigger.compiler.Trigger(name='leak_evidence_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."key_id" IS DISTINCT FROM (NEW."key_id") OR OLD."score" IS DISTINCT FROM (NEW."score") OR OLD."line" IS DISTINCT FROM (NEW."line") OR OLD."facts" IS DISTINCT FROM (NEW."facts") OR OLD."findings" IS DISTINCT FROM (NEW."findings") OR OLD."of_person" IS DISTINCT FROM (NEW."of_person") OR OLD."page" IS DISTINCT FROM (NEW."page") OR OLD."is_shadow" IS DISTINCT FROM (NEW."is_shadow") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='4a83814ff745e69941223973a07e61df0464b6ad', operation='UPDATE', pgid='pgtrigger_leak_evidence_stays_8040e', table='portal_leakreport', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='leakreport',
            trigger=pgtrigger.compiler.Trigger(name='leak_is_not_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='fe306bc4cb95353e06265dea3c3df2a6829cd80e', operation='DELETE', pgid='pgtrigger_leak_is_not_deleted_eb14a', table='portal_leakreport', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='membership',
            trigger=pgtrigger.compiler.Trigger(name='membership_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."ended_how", \':\', NEW."ended_how") = ANY(\'{:left,:removed,left:,removed:}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."ended_how" IS DISTINCT FROM NEW."ended_how") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "ended_how" from "%" to "%" on table %\', OLD."ended_how", NEW."ended_how", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='ef74d4a007eca7dfcf74159206b0e25398032f42', operation='UPDATE', pgid='pgtrigger_membership_steps_64076', table='portal_membership', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='rolegrant',
            trigger=pgtrigger.compiler.Trigger(name='role_terms_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."user_id" IS DISTINCT FROM (NEW."user_id") OR OLD."role" IS DISTINCT FROM (NEW."role") OR OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."granted_by_id" IS DISTINCT FROM (NEW."granted_by_id") OR OLD."granted_at" IS DISTINCT FROM (NEW."granted_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='b465f4200f40bf7ad5ecac936d82606ec96eb222', operation='UPDATE', pgid='pgtrigger_role_terms_fixed_c8e1d', table='portal_rolegrant', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='rolegrant',
            trigger=pgtrigger.compiler.Trigger(name='role_taken_back_for_good', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."revoked_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='268aea8eeda123398f98e688258a74304d1f5531', operation='UPDATE', pgid='pgtrigger_role_taken_back_for_good_61a03', table='portal_rolegrant', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='signature',
            trigger=pgtrigger.compiler.Trigger(name='signature_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='dbb03f5894fb123fb5afb230bb0ca2e3d6a605e0', operation='UPDATE OR DELETE', pgid='pgtrigger_signature_append_only_40825', table='portal_signature', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='consent_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='03133e808c5b0e1e7975773b5b763b00c3853cab', operation='UPDATE OR DELETE', pgid='pgtrigger_consent_append_only_bb5f9', table='portal_consent', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='takeout',
            trigger=pgtrigger.compiler.Trigger(name='takeout_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{asked:building,asked:failed,building:asked,building:failed,building:ready,ready:expired}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='37aaf8021581e673d568264d7db3549c16fdae44', operation='UPDATE', pgid='pgtrigger_takeout_steps_21d59', table='portal_takeout', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='takeout',
            trigger=pgtrigger.compiler.Trigger(name='takeout_is_whose_it_was', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."asked_at" IS DISTINCT FROM (NEW."asked_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='68d9b544f6f35771b6865da06ba540114e1d9922', operation='UPDATE', pgid='pgtrigger_takeout_is_whose_it_was_33465', table='portal_takeout', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='webhookendpoint',
            trigger=pgtrigger.compiler.Trigger(name='webhook_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{active:paused,active:removed,active:stopped,paused:active,paused:removed,stopped:active,stopped:removed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='5d39d088f944d676316e49ba77ed7474576be9c3', operation='UPDATE', pgid='pgtrigger_webhook_steps_b6554', table='portal_webhookendpoint', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='webhookendpoint',
            trigger=pgtrigger.compiler.Trigger(name='webhook_is_whose_it_was', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='ff8ab792dde5546312c42d4e1219d33339566b3f', operation='UPDATE', pgid='pgtrigger_webhook_is_whose_it_was_0c684', table='portal_webhookendpoint', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='webhookdelivery',
            trigger=pgtrigger.compiler.Trigger(name='delivery_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{sending:delivered,sending:given_up,sending:waiting,waiting:sending}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='ef1a9ac02102e82e875ae8611a9d2138eba3723d', operation='UPDATE', pgid='pgtrigger_delivery_steps_5fe68', table='portal_webhookdelivery', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='webhookdelivery',
            trigger=pgtrigger.compiler.Trigger(name='delivery_says_what_it_said', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."endpoint_id" IS DISTINCT FROM (NEW."endpoint_id") OR OLD."event_id" IS DISTINCT FROM (NEW."event_id") OR OLD."type" IS DISTINCT FROM (NEW."type") OR OLD."subject" IS DISTINCT FROM (NEW."subject") OR OLD."happened_at" IS DISTINCT FROM (NEW."happened_at") OR OLD."is_test" IS DISTINCT FROM (NEW."is_test") OR OLD."is_repeat" IS DISTINCT FROM (NEW."is_repeat") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='a55aef33cb127a5ef4c1a17112b3cd4d7f3c8da0', operation='UPDATE', pgid='pgtrigger_delivery_says_what_it_said_7f7fe', table='portal_webhookdelivery', when='BEFORE')),
        ),
    ]
