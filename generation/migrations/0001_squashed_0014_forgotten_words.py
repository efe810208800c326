import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import pgtrigger.compiler
import portal.triggers
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('generation', '0001_initial'), ('generation', '0002_budgets'), ('generation', '0003_pauses_and_workers'), ('generation', '0004_fair_queue'), ('generation', '0005_quarantine'), ('generation', '0006_lineage_pictures_presets_adapters'), ('generation', '0007_batches'), ('generation', '0008_first_in_line'), ('generation', '0009_clips_of_keys'), ('generation', '0010_prompt_sheets'), ('generation', '0011_stopped_with_key'), ('generation', '0012_start_videos'), ('generation', '0013_extension_leads'), ('generation', '0014_forgotten_words')]

    initial = True

    dependencies = [
        ('portal', '0024_features'),
    ]

    operations = [
        portal.triggers.MakeTables(
            operations=[migrations.CreateModel(
                name='Pool',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.CharField(max_length=20, unique=True)),
                    ('clock', models.DecimalField(db_default=Decimal('0'), decimal_places=6, default=Decimal('0'), max_digits=20)),
                ],
            ), migrations.CreateModel(
                name='Worker',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=120, unique=True)),
                    ('device', models.CharField(max_length=120)),
                    ('memory_bytes', models.BigIntegerField(null=True)),
                    ('model_key', models.CharField(blank=True, max_length=80)),
                    ('together', models.PositiveSmallIntegerField(db_default=1, default=1)),
                    ('started_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('seen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('stopped_at', models.DateTimeField(null=True)),
                    ('is_resting', models.BooleanField(db_default=False, default=False)),
                ],
                options={
                    'ordering': ['name'],
                },
            ), migrations.CreateModel(
                name='CohortShare',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('weight', models.PositiveSmallIntegerField(db_default=1, default=1)),
                    ('vtime', models.DecimalField(db_default=Decimal('0'), decimal_places=6, default=Decimal('0'), max_digits=20)),
                    ('clock', models.DecimalField(db_default=Decimal('0'), decimal_places=6, default=Decimal('0'), max_digits=20)),
                    ('cohort', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='gpu_share', to='portal.cohort')),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('weight__range', (1, 100))), name='cohort_share_weight')],
                },
            ), migrations.CreateModel(
                name='GpuAccount',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('charged_seconds', models.DecimalField(db_default=Decimal('0'), decimal_places=3, default=Decimal('0'), max_digits=14)),
                    ('weight', models.PositiveSmallIntegerField(db_default=1, default=1)),
                    ('vtime', models.DecimalField(db_default=Decimal('0'), decimal_places=6, default=Decimal('0'), max_digits=20)),
                    ('skips', models.PositiveSmallIntegerField(db_default=0, default=0)),
                    ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gpu_accounts', to=settings.AUTH_USER_MODEL)),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gpu_accounts', to='portal.cohort')),
                ],
                options={
                    'indexes': [models.Index(fields=['cohort', 'vtime'], name='gpu_account_in_line')],
                    'constraints': [models.UniqueConstraint(fields=('artist', 'cohort'), name='gpu_account_once'), models.CheckConstraint(condition=models.Q(('charged_seconds__gte', 0)), name='gpu_account_not_negative'), models.CheckConstraint(condition=models.Q(('weight__range', (1, 100))), name='gpu_account_weight'), models.CheckConstraint(condition=models.Q(('skips__lte', 4)), name='gpu_account_skips')],
                },
            ), migrations.CreateModel(
                name='Clip',
                fields=[
                    ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                    ('title', models.CharField(blank=True, max_length=120, verbose_name='title')),
                    ('prompt', models.TextField(max_length=2000, verbose_name='prompt')),
                    ('model_key', models.CharField(max_length=80, verbose_name='model')),
                    ('width', models.PositiveIntegerField(verbose_name='width')),
                    ('height', models.PositiveIntegerField(verbose_name='height')),
                    ('frames', models.PositiveIntegerField(verbose_name='frames')),
                    ('fps', models.PositiveSmallIntegerField(verbose_name='frames per second')),
                    ('lead_frames', models.PositiveIntegerField(db_default=0, default=0)),
                    ('steps', models.PositiveSmallIntegerField(verbose_name='steps')),
                    ('guidance', models.DecimalField(decimal_places=2, max_digits=5, verbose_name='guidance')),
                    ('seed', models.BigIntegerField(validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(4294967295)], verbose_name='seed')),
                    ('request_id', models.UUIDField(default=uuid.uuid4)),
                    ('take', models.PositiveSmallIntegerField(default=1, verbose_name='take')),
                    ('lineage', models.CharField(blank=True, choices=[('', 'New'), ('again', 'Made again'), ('remix', 'Remix'), ('extend', 'Extension')], db_default='', default='', max_length=10)),
                    ('strength', models.DecimalField(blank=True, decimal_places=2, max_digits=3, null=True, verbose_name='strength')),
                    ('adapter_key', models.CharField(blank=True, db_default='', default='', max_length=80, verbose_name='adapter')),
                    ('adapter_weight', models.DecimalField(blank=True, decimal_places=2, max_digits=4, null=True, verbose_name='weight of the adapter')),
                    ('state', models.CharField(choices=[('queued', 'Waiting'), ('loading', 'Loading the model'), ('rendering', 'Rendering'), ('encoding', 'Encoding'), ('ready', 'Ready'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('quarantined', 'In quarantine')], default='queued', max_length=12)),
                    ('step', models.PositiveSmallIntegerField(default=0)),
                    ('priority', models.SmallIntegerField(db_default=0, default=0)),
                    ('error_code', models.CharField(blank=True, max_length=40)),
                    ('error_message', models.TextField(blank=True)),
                    ('estimate', models.DecimalField(decimal_places=3, default=Decimal('0'), max_digits=10)),
                    ('gpu_seconds', models.DecimalField(blank=True, decimal_places=3, max_digits=12, null=True)),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('queued_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('started_at', models.DateTimeField(blank=True, null=True)),
                    ('finished_at', models.DateTimeField(blank=True, null=True)),
                    ('deleted_at', models.DateTimeField(blank=True, null=True)),
                    ('released_at', models.DateTimeField(blank=True, null=True)),
                    ('sha256', models.CharField(blank=True, max_length=64)),
                    ('settings_sha256', models.CharField(blank=True, max_length=64)),
                    ('manifest', models.JSONField(blank=True, default=dict)),
                    ('original', models.FileField(blank=True, max_length=200, upload_to='')),
                    ('preview', models.FileField(blank=True, max_length=200, upload_to='')),
                    ('poster', models.FileField(blank=True, max_length=200, upload_to='')),
                    ('filmstrip', models.FileField(blank=True, max_length=200, upload_to='')),
                    ('cover', models.FileField(blank=True, max_length=200, upload_to='')),
                    ('access_key', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='clips', to='portal.accesskey')),
                    ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='clips', to=settings.AUTH_USER_MODEL)),
                    ('brief', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='clips', to='portal.brief')),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='clips', to='portal.cohort')),
                    ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='descendants', to='generation.clip')),
                    ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='clips', to='generation.gpuaccount')),
                ],
                options={
                    'ordering': ['-created_at', '-id'],
                    'indexes': [models.Index(condition=models.Q(('state', 'queued')), fields=['account', '-priority', 'queued_at', 'id'], name='clip_waiting'), models.Index(condition=models.Q(('state__in', ['encoding', 'loading', 'rendering'])), fields=['account'], name='clip_running'), models.Index(fields=['artist', '-created_at', '-id'], name='clip_by_artist'), models.Index(fields=['cohort', 'state'], name='clip_by_cohort')],
                    'constraints': [models.UniqueConstraint(fields=('artist', 'request_id', 'take'), name='clip_once_per_request_and_take'), models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'loading', 'rendering', 'encoding', 'ready', 'failed', 'cancelled', 'quarantined'])), name='clip_state_known'), models.CheckConstraint(condition=models.Q(('take__gte', 1), ('take__lte', 4)), name='clip_take_in_range'), models.CheckConstraint(condition=models.Q(('seed__gte', 0), ('seed__lte', 4294967295)), name='clip_seed_in_range'), models.CheckConstraint(condition=models.Q(('prompt', ''), _negated=True), name='clip_has_a_prompt'), models.CheckConstraint(condition=models.Q(('fps__gte', 1), ('frames__gte', 1), ('height__gte', 16), ('steps__gte', 1), ('width__gte', 16)), name='clip_has_a_shape'), models.CheckConstraint(condition=models.Q(models.Q(('settings_sha256__gt', ''), ('sha256__regex', '^[0-9a-f]{64}$'), ('state', 'ready')), models.Q(models.Q(('state', 'ready'), _negated=True), ('settings_sha256', ''), ('sha256', '')), _connector='OR'), name='clip_ready_means_hashed'), models.CheckConstraint(condition=models.Q(models.Q(('cover__gt', ''), ('deleted_at__isnull', True), ('filmstrip__gt', ''), ('original__gt', ''), ('poster__gt', ''), ('preview__gt', ''), ('state', 'ready')), models.Q(models.Q(models.Q(('state', 'ready'), _negated=True), ('deleted_at__isnull', False), _connector='OR'), ('cover', ''), ('filmstrip', ''), ('original', ''), ('poster', ''), ('preview', '')), _connector='OR'), name='clip_files_when_ready_and_kept'), models.CheckConstraint(condition=models.Q(models.Q(('error_code__gt', ''), ('state__in', ['failed', 'quarantined'])), ('state', 'cancelled'), models.Q(models.Q(('state__in', ['failed', 'quarantined', 'cancelled']), _negated=True), ('error_code', '')), _connector='OR'), name='clip_failed_says_why'), models.CheckConstraint(condition=models.Q(('deleted_at__isnull', True), ('state__in', ['ready', 'failed', 'cancelled', 'quarantined']), _connector='OR'), name='clip_deleted_is_at_rest'), models.CheckConstraint(condition=models.Q(('lineage', ''), models.Q(('lineage__in', ['again', 'remix', 'extend']), ('source__isnull', False)), _connector='OR'), name='clip_lineage_has_a_source'), models.CheckConstraint(condition=models.Q(('strength__isnull', True), models.Q(('strength__gt', 0), ('strength__lte', 1)), _connector='OR'), name='clip_strength_in_range'), models.CheckConstraint(condition=models.Q(models.Q(('adapter_key', ''), ('adapter_weight__isnull', True)), models.Q(models.Q(('adapter_key', ''), _negated=True), ('adapter_weight__isnull', False)), _connector='OR'), name='clip_adapter_has_a_weight')],
                },
            ), migrations.CreateModel(
                name='GpuWeek',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('monday', models.DateField()),
                    ('charged_seconds', models.DecimalField(db_default=Decimal('0'), decimal_places=3, default=Decimal('0'), max_digits=14)),
                    ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='weeks', to='generation.gpuaccount')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('account', 'monday'), name='gpu_week_once'), models.CheckConstraint(condition=models.Q(('charged_seconds__gte', 0)), name='gpu_week_not_negative'), models.CheckConstraint(condition=models.Q(('monday__iso_week_day', 1)), name='gpu_week_begins_on_monday')],
                },
            ), migrations.CreateModel(
                name='Pause',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('model_key', models.CharField(blank=True, max_length=80)),
                    ('reason', models.CharField(max_length=300)),
                    ('paused_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('resumed_at', models.DateTimeField(null=True)),
                    ('cohort', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pauses', to='portal.cohort')),
                    ('paused_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('resumed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-paused_at', '-id'],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('resumed_at__isnull', True)), fields=('cohort', 'model_key'), name='pause_once_at_a_time', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('cohort__isnull', True), ('model_key', ''), _connector='OR'), name='pause_of_one_thing'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='pause_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('resumed_at__isnull', True), ('resumed_by__isnull', True)), models.Q(('resumed_at__isnull', False), ('resumed_by__isnull', False)), _connector='OR'), name='pause_resumed_by_somebody')],
                },
            ), migrations.CreateModel(
                name='Preset',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=60, verbose_name='name')),
                    ('about', models.CharField(blank=True, max_length=200, verbose_name='description')),
                    ('style', models.CharField(blank=True, max_length=300, verbose_name='style')),
                    ('model_key', models.CharField(max_length=80, verbose_name='model')),
                    ('width', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(16)], verbose_name='width')),
                    ('height', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(16)], verbose_name='height')),
                    ('frames', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(1)], verbose_name='frames')),
                    ('steps', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='steps')),
                    ('guidance', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, verbose_name='guidance')),
                    ('strength', models.DecimalField(blank=True, decimal_places=2, max_digits=3, null=True, verbose_name='strength')),
                    ('adapter_key', models.CharField(blank=True, db_default='', max_length=80, verbose_name='adapter')),
                    ('adapter_weight', models.DecimalField(blank=True, decimal_places=2, max_digits=4, null=True)),
                    ('is_shared', models.BooleanField(default=False, verbose_name='shared with the cohort')),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='presets', to=settings.AUTH_USER_MODEL)),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='presets', to='portal.cohort')),
                ],
                options={
                    'ordering': ['name', 'id'],
                    'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('name'), models.F('artist'), models.F('cohort'), name='preset_name_once_per_artist_and_cohort'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='preset_has_a_name'), models.CheckConstraint(condition=models.Q(('frames__gte', 1), ('height__gte', 16), ('width__gte', 16)), name='preset_has_a_shape')],
                },
            ), migrations.CreateModel(
                name='PromptSheet',
                fields=[
                    ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                    ('name', models.CharField(max_length=120, verbose_name='name')),
                    ('notes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=500), blank=True, default=list, size=None)),
                    ('state', models.CharField(choices=[('draft', 'Not started'), ('running', 'Under way'), ('paused', 'Paused'), ('finished', 'All asked for'), ('cancelled', 'Cancelled')], default='draft', max_length=10)),
                    ('held_by', models.CharField(blank=True, max_length=40)),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('started_at', models.DateTimeField(blank=True, null=True)),
                    ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prompt_sheets', to=settings.AUTH_USER_MODEL)),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prompt_sheets', to='portal.cohort')),
                ],
                options={
                    'ordering': ['-created_at', '-id'],
                    'indexes': [models.Index(condition=models.Q(('state', 'running')), fields=['created_at'], name='sheet_running')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='sheet_has_a_name'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'running', 'paused', 'finished', 'cancelled'])), name='sheet_state_known'), models.CheckConstraint(condition=models.Q(('held_by', ''), ('state', 'running'), _connector='OR'), name='sheet_held_while_running')],
                },
            ), migrations.CreateModel(
                name='PromptSheetRow',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.PositiveSmallIntegerField()),
                    ('prompt', models.TextField(blank=True, max_length=2000)),
                    ('title', models.CharField(blank=True, max_length=120)),
                    ('model_key', models.CharField(blank=True, max_length=80)),
                    ('size', models.CharField(blank=True, max_length=20)),
                    ('frames', models.PositiveIntegerField(default=0)),
                    ('seed', models.BigIntegerField(blank=True, null=True)),
                    ('estimate', models.DecimalField(decimal_places=3, default=Decimal('0'), max_digits=10)),
                    ('problem', models.CharField(blank=True, max_length=500)),
                    ('is_due', models.BooleanField(default=False)),
                    ('request_id', models.UUIDField(default=uuid.uuid4)),
                    ('clip', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sheet_row', to='generation.clip')),
                    ('sheet', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='generation.promptsheet')),
                ],
                options={
                    'ordering': ['sheet', 'number'],
                    'indexes': [models.Index(condition=models.Q(('is_due', True)), fields=['sheet', 'number'], name='sheet_row_due')],
                    'constraints': [models.UniqueConstraint(fields=('sheet', 'number'), name='sheet_row_once'), models.CheckConstraint(condition=models.Q(('problem', ''), ('is_due', False), _connector='OR'), name='sheet_row_due_is_sound')],
                },
            ), migrations.CreateModel(
                name='RenderCost',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('model_key', models.CharField(max_length=80)),
                    ('width', models.PositiveIntegerField()),
                    ('height', models.PositiveIntegerField()),
                    ('frames', models.PositiveIntegerField()),
                    ('steps', models.PositiveSmallIntegerField()),
                    ('device', models.CharField(max_length=120)),
                    ('seconds', models.DecimalField(decimal_places=3, max_digits=12)),
                    ('samples', models.PositiveIntegerField(default=1)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('model_key', 'width', 'height', 'frames', 'steps', 'device'), name='render_cost_once'), models.CheckConstraint(condition=models.Q(('samples__gte', 1), ('seconds__gte', 0)), name='render_cost_was_seen')],
                },
            ), migrations.CreateModel(
                name='StartPicture',
                fields=[
                    ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                    ('sha256', models.CharField(max_length=64)),
                    ('width', models.PositiveIntegerField()),
                    ('height', models.PositiveIntegerField()),
                    ('file', models.FileField(blank=True, max_length=200, upload_to='')),
                    ('video', models.FileField(blank=True, db_default='', default='', max_length=200, upload_to='')),
                    ('video_sha256', models.CharField(blank=True, db_default='', default='', max_length=64)),
                    ('video_frames', models.PositiveIntegerField(db_default=0, default=0)),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('brought_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='start_pictures', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('artist', 'sha256', 'video_sha256'), name='start_picture_once'), models.CheckConstraint(condition=models.Q(('height__gte', 1), ('sha256__regex', '^[0-9a-f]{64}$'), ('width__gte', 1)), name='start_picture_is_hashed'), models.CheckConstraint(condition=models.Q(models.Q(('video', ''), ('video_frames', 0), ('video_sha256', '')), models.Q(('video_frames__gte', 1), ('video_sha256__regex', '^[0-9a-f]{64}$')), _connector='OR'), name='start_video_is_hashed'), models.CheckConstraint(condition=models.Q(('video', ''), models.Q(('file', ''), _negated=True), _connector='OR'), name='start_video_shows_a_picture')],
                },
            ), migrations.AddField(
                model_name='clip',
                name='start_picture',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='clips', to='generation.startpicture'),
            ), migrations.CreateModel(
                name='Attempt',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.PositiveSmallIntegerField()),
                    ('state', models.CharField(choices=[('running', 'Running'), ('finished', 'Finished'), ('failed', 'Failed'), ('lost', 'Lost with its worker'), ('cancelled', 'Cancelled'), ('handed_back', 'Handed back by its worker')], default='running', max_length=12)),
                    ('lease_token', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('lease_until', models.DateTimeField()),
                    ('media_key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('media_due_at', models.DateTimeField(null=True)),
                    ('worker', models.CharField(max_length=120)),
                    ('started_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('gpu_seconds', models.DecimalField(decimal_places=3, max_digits=12, null=True)),
                    ('charged_seconds', models.DecimalField(decimal_places=3, default=Decimal('0'), max_digits=12)),
                    ('charged_week', models.DateField(null=True)),
                    ('batch', models.UUIDField(null=True)),
                    ('batch_size', models.PositiveSmallIntegerField(db_default=1, default=1)),
                    ('batch_place', models.PositiveSmallIntegerField(db_default=0, default=0)),
                    ('error_code', models.CharField(blank=True, max_length=40)),
                    ('error', models.TextField(blank=True)),
                    ('last_state', models.CharField(blank=True, choices=[('queued', 'Waiting'), ('loading', 'Loading the model'), ('rendering', 'Rendering'), ('encoding', 'Encoding'), ('ready', 'Ready'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('quarantined', 'In quarantine')], max_length=12)),
                    ('last_step', models.PositiveSmallIntegerField(null=True)),
                    ('clip', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='generation.clip')),
                ],
                options={
                    'ordering': ['clip', 'number'],
                    'indexes': [models.Index(condition=models.Q(('state', 'running')), fields=['lease_until'], name='attempt_running_lease'), models.Index(condition=models.Q(('media_due_at__isnull', False)), fields=['media_due_at'], name='attempt_media_due')],
                    'constraints': [models.UniqueConstraint(fields=('clip', 'number'), name='attempt_number_once'), models.UniqueConstraint(condition=models.Q(('state', 'running')), fields=('clip',), name='attempt_one_running_per_clip'), models.CheckConstraint(condition=models.Q(('state__in', ['running', 'finished', 'failed', 'lost', 'cancelled', 'handed_back'])), name='attempt_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('gpu_seconds__isnull', True), ('state', 'running')), models.Q(models.Q(('state', 'running'), _negated=True), ('ended_at__isnull', False), ('gpu_seconds__isnull', False)), _connector='OR'), name='attempt_ended_with_its_seconds'), models.CheckConstraint(condition=models.Q(('charged_seconds__gte', 0), models.Q(('gpu_seconds__isnull', True), ('gpu_seconds__gte', 0), _connector='OR')), name='attempt_seconds_not_negative'), models.CheckConstraint(condition=models.Q(('charged_seconds', 0), ('charged_week__isnull', False), _connector='OR'), name='attempt_charged_in_a_week'), models.UniqueConstraint(fields=('batch', 'batch_place'), name='attempt_batch_place_once'), models.CheckConstraint(condition=models.Q(models.Q(('batch__isnull', True), ('batch_place', 0), ('batch_size', 1)), models.Q(('batch__isnull', False), ('batch_place__lt', models.F('batch_size')), ('batch_size__gte', 2)), _connector='OR'), name='attempt_batch_of_several')],
                },
            ), migrations.AddConstraint(
                model_name='clip',
                constraint=models.CheckConstraint(condition=models.Q(('lead_frames', 0), ('source__isnull', False), ('start_picture__isnull', False), _connector='OR'), name='clip_lead_is_somebodys'),
            )],
        ),
        portal.triggers.MakeTrigger(
            model_name='attempt',
            trigger=pgtrigger.compiler.Trigger(name='attempt_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{running:cancelled,running:failed,running:finished,running:handed_back,running:lost}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='9913ccd217fa5f949e6359779b0ae73f9da4ea5a', operation='UPDATE', pgid='pgtrigger_attempt_transitions_ba1bd', table='generation_attempt', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='attempt',
            trigger=pgtrigger.compiler.Trigger(name='attempt_identity_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."clip_id" IS DISTINCT FROM (NEW."clip_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."lease_token" IS DISTINCT FROM (NEW."lease_token") OR OLD."media_key" IS DISTINCT FROM (NEW."media_key") OR OLD."worker" IS DISTINCT FROM (NEW."worker") OR OLD."batch" IS DISTINCT FROM (NEW."batch") OR OLD."batch_size" IS DISTINCT FROM (NEW."batch_size") OR OLD."batch_place" IS DISTINCT FROM (NEW."batch_place"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='dd76cee5364a95cb2d5bf1dadd39f11e5e8811b5', operation='UPDATE', pgid='pgtrigger_attempt_identity_fixed_d72b4', table='generation_attempt', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='pause',
            trigger=pgtrigger.compiler.Trigger(name='pause_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."model_key" IS DISTINCT FROM (NEW."model_key") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."paused_by_id" IS DISTINCT FROM (NEW."paused_by_id") OR OLD."paused_at" IS DISTINCT FROM (NEW."paused_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='dbd58e8969f23c96070e4f7809ab75ac00515384', operation='UPDATE', pgid='pgtrigger_pause_fixed_5909c', table='generation_pause', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='pause',
            trigger=pgtrigger.compiler.Trigger(name='pause_ends_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."resumed_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='6ab3b1e792987c750300d55e8fdade296c2a6a5a', operation='UPDATE', pgid='pgtrigger_pause_ends_once_7aa63', table='generation_pause', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='pause',
            trigger=pgtrigger.compiler.Trigger(name='pause_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='a5330c4d2ebfaf82032a6aefd7447613fda1f838', operation='DELETE', pgid='pgtrigger_pause_kept_ccb79', table='generation_pause', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='promptsheet',
            trigger=pgtrigger.compiler.Trigger(name='sheet_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{draft:running,running:cancelled,running:finished,running:paused,paused:cancelled,paused:running,finished:running}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='e9e472a1911e3ef30400900b7c207012f4643e62', operation='UPDATE', pgid='pgtrigger_sheet_transitions_ca24f', table='generation_promptsheet', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='promptsheet',
            trigger=pgtrigger.compiler.Trigger(name='sheet_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."artist_id" IS DISTINCT FROM (NEW."artist_id") OR OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."notes" IS DISTINCT FROM (NEW."notes") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='6ebdfc242da7eda9e20995829dca04a249f235ef', operation='UPDATE', pgid='pgtrigger_sheet_fixed_2ef50', table='generation_promptsheet', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='promptsheetrow',
            trigger=pgtrigger.compiler.Trigger(name='sheet_row_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."sheet_id" IS DISTINCT FROM (NEW."sheet_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."prompt" IS DISTINCT FROM (NEW."prompt") OR OLD."title" IS DISTINCT FROM (NEW."title") OR OLD."model_key" IS DISTINCT FROM (NEW."model_key") OR OLD."size" IS DISTINCT FROM (NEW."size") OR OLD."frames" IS DISTINCT FROM (NEW."frames") OR OLD."seed" IS DISTINCT FROM (NEW."seed") OR OLD."estimate" IS DISTINCT FROM (NEW."estimate") OR OLD."request_id" IS DISTINCT FROM (NEW."request_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='712ffa2a1316a5b24dfaf6006bdbb34830f71db3', operation='UPDATE', pgid='pgtrigger_sheet_row_fixed_5104b', table='generation_promptsheetrow', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='startpicture',
            trigger=pgtrigger.compiler.Trigger(name='start_picture_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."artist_id" IS DISTINCT FROM (NEW."artist_id") OR OLD."sha256" IS DISTINCT FROM (NEW."sha256") OR OLD."width" IS DISTINCT FROM (NEW."width") OR OLD."height" IS DISTINCT FROM (NEW."height") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."video_sha256" IS DISTINCT FROM (NEW."video_sha256") OR OLD."video_frames" IS DISTINCT FROM (NEW."video_frames"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='600c1fc947ecbaf7107f067b3907a4036dd33235', operation='UPDATE', pgid='pgtrigger_start_picture_fixed_ec19e', table='generation_startpicture', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='clip',
            trigger=pgtrigger.compiler.Trigger(name='clip_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{queued:cancelled,queued:failed,queued:loading,loading:cancelled,loading:failed,loading:quarantined,loading:queued,loading:rendering,rendering:cancelled,rendering:encoding,rendering:failed,rendering:quarantined,rendering:queued,encoding:cancelled,encoding:failed,encoding:quarantined,encoding:queued,encoding:ready,failed:queued,cancelled:queued,quarantined:failed,quarantined:queued}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='5a8de11bcecb6736e2d765af3d3f9f63c0e83c3f', operation='UPDATE', pgid='pgtrigger_clip_transitions_4b681', table='generation_clip', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='clip',
            trigger=pgtrigger.compiler.Trigger(name='clip_request_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."artist_id" IS DISTINCT FROM (NEW."artist_id") OR OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."brief_id" IS DISTINCT FROM (NEW."brief_id") OR OLD."model_key" IS DISTINCT FROM (NEW."model_key") OR OLD."width" IS DISTINCT FROM (NEW."width") OR OLD."height" IS DISTINCT FROM (NEW."height") OR OLD."frames" IS DISTINCT FROM (NEW."frames") OR OLD."fps" IS DISTINCT FROM (NEW."fps") OR OLD."steps" IS DISTINCT FROM (NEW."steps") OR OLD."guidance" IS DISTINCT FROM (NEW."guidance") OR OLD."seed" IS DISTINCT FROM (NEW."seed") OR OLD."request_id" IS DISTINCT FROM (NEW."request_id") OR OLD."take" IS DISTINCT FROM (NEW."take") OR OLD."source_id" IS DISTINCT FROM (NEW."source_id") OR OLD."lineage" IS DISTINCT FROM (NEW."lineage") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."start_picture_id" IS DISTINCT FROM (NEW."start_picture_id") OR OLD."strength" IS DISTINCT FROM (NEW."strength") OR OLD."adapter_key" IS DISTINCT FROM (NEW."adapter_key") OR OLD."adapter_weight" IS DISTINCT FROM (NEW."adapter_weight") OR OLD."access_key_id" IS DISTINCT FROM (NEW."access_key_id") OR OLD."lead_frames" IS DISTINCT FROM (NEW."lead_frames"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='1dcfa45c88d45e3f900c2972e862906c50739639', operation='UPDATE', pgid='pgtrigger_clip_request_fixed_8424b', table='generation_clip', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='clip',
            trigger=pgtrigger.compiler.Trigger(name='clip_words_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."prompt" IS DISTINCT FROM (NEW."prompt") AND (NEW."deleted_at" IS NULL OR NOT (NEW."prompt" = \'—\')))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='0f26cde4efcfee61b8a58d84ed17234d67549199', operation='UPDATE', pgid='pgtrigger_clip_words_fixed_cd51c', table='generation_clip', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='clip',
            trigger=pgtrigger.compiler.Trigger(name='clip_result_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" = \'ready\' AND (OLD."sha256" IS DISTINCT FROM (NEW."sha256") OR OLD."settings_sha256" IS DISTINCT FROM (NEW."settings_sha256") OR (OLD."manifest" IS DISTINCT FROM (NEW."manifest") AND NOT (NEW."manifest" = \'{}\'::jsonb AND NEW."prompt" = \'—\'))))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='57ee8b4c9d16dac606a24533808443cef24c2551', operation='UPDATE', pgid='pgtrigger_clip_result_fixed_08c75', table='generation_clip', when='BEFORE')),
        ),
    ]
