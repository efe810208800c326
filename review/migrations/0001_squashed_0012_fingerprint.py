import django.contrib.postgres.fields
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import portal.triggers
import review.models.sharelink
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('review', '0001_initial'), ('review', '0002_approvals'), ('review', '0003_fair_order'), ('review', '0004_conflicts'), ('review', '0005_saved_filters'), ('review', '0006_ask_for_changes'), ('review', '0007_opinions_and_undo'), ('review', '0011_signing'), ('review', '0012_fingerprint')]

    initial = True

    dependencies = [
        ('generation', '0014_forgotten_words'),
    ]

    operations = [
        portal.triggers.MakeTables(
            operations=[migrations.CreateModel(
                name='Decision',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('verdict', models.CharField(choices=[('approve', 'Approve'), ('changes', 'Ask for changes'), ('decline', 'Decline'), ('revoke', 'Withdraw the approval')], max_length=10)),
                    ('reason', models.CharField(blank=True, max_length=30)),
                    ('note', models.TextField(blank=True, max_length=2000)),
                    ('sha256', models.CharField(max_length=64)),
                    ('settings_sha256', models.CharField(max_length=64)),
                    ('prompt', models.TextField()),
                    ('model_key', models.CharField(max_length=80)),
                    ('settings', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                    ('decided_at', models.DateTimeField()),
                    ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('reviewer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['id'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('verdict__in', ['approve', 'changes', 'decline', 'revoke'])), name='decision_verdict_known'), models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('verdict', 'approve')), models.Q(('reason__in', ('real_person', 'deception', 'sexual', 'minors', 'cruelty', 'hatred', 'rights', 'privacy', 'file', 'claim', 'our_mistake')), ('verdict__in', ['decline', 'changes', 'revoke'])), _connector='OR'), name='decision_reason_published'), models.CheckConstraint(condition=models.Q(('verdict', 'approve'), ('note__regex', '\\S'), _connector='OR'), name='decision_refusal_has_words'), models.CheckConstraint(condition=models.Q(('settings_sha256__regex', '^[0-9a-f]{64}$'), ('sha256__regex', '^[0-9a-f]{64}$')), name='decision_hashes_whole')],
                },
            ), migrations.CreateModel(
                name='Download',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('sha256', models.CharField(max_length=64)),
                    ('at', models.DateTimeField()),
                    ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='downloads', to='review.decision')),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='downloads', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-id'],
                },
            ), migrations.CreateModel(
                name='Fingerprint',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('exact', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), size=None)),
                    ('pictures', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                    ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('clip', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='fingerprint', to='generation.clip')),
                ],
            ), migrations.CreateModel(
                name='Review',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('state', models.CharField(choices=[('waiting', 'Waiting'), ('approved', 'Approved'), ('declined', 'Declined'), ('changes', 'Changes asked for'), ('withdrawn', 'Taken back'), ('revoked', 'Approval withdrawn')], default='waiting', editable=False, max_length=10)),
                    ('note', models.TextField(blank=True, max_length=1000)),
                    ('submitted_at', models.DateTimeField()),
                    ('due_at', models.DateTimeField()),
                    ('due_hour', models.GeneratedField(db_persist=True, expression=models.Func(models.F('due_at'), template="date_bin(INTERVAL '1 hour', %(expressions)s, TIMESTAMPTZ '2000-01-01 00:00:00+00')"), output_field=models.DateTimeField())),
                    ('turn', models.PositiveIntegerField(default=1)),
                    ('approvals_needed', models.PositiveSmallIntegerField(db_default=1, default=1)),
                    ('waits_for', models.CharField(choices=[('first', 'First look'), ('second', 'Second opinion'), ('lead', 'For a lead')], db_default='first', default='first', editable=False, max_length=6)),
                    ('round', models.PositiveSmallIntegerField(db_default=1, default=1, editable=False)),
                    ('verdict_due_at', models.DateTimeField(editable=False, null=True)),
                    ('escalated_at', models.DateTimeField(editable=False, null=True)),
                    ('closed_at', models.DateTimeField(editable=False, null=True)),
                    ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to=settings.AUTH_USER_MODEL)),
                    ('clip', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='generation.clip')),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='portal.cohort')),
                    ('follows', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='review.review')),
                    ('submitted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['due_hour', 'turn', 'due_at', 'id'],
                    'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['due_hour', 'turn', 'due_at', 'id'], name='review_queue'), models.Index(condition=models.Q(('state', 'waiting'), ('waits_for__in', ['second', 'lead'])), fields=['due_hour', 'turn', 'due_at', 'id'], name='review_second'), models.Index(condition=models.Q(('state__in', ['approved', 'declined', 'changes', 'revoked'])), fields=['-closed_at', '-id'], name='review_decided'), models.Index(condition=models.Q(('state', 'waiting')), fields=['cohort', 'due_hour', 'turn', 'due_at', 'id'], name='review_queue_of_cohort'), models.Index(condition=models.Q(('state', 'waiting'), ('waits_for__in', ['second', 'lead'])), fields=['cohort', 'due_hour', 'turn', 'due_at', 'id'], name='review_second_of_cohort'), models.Index(condition=models.Q(('state__in', ['approved', 'declined', 'changes', 'revoked'])), fields=['cohort', '-closed_at', '-id'], name='review_decided_of_cohort'), models.Index(condition=models.Q(('state', 'waiting')), fields=['artist', 'due_hour', 'turn', 'due_at', 'id'], name='review_queue_of_artist'), models.Index(condition=models.Q(('state', 'waiting'), ('waits_for__in', ['second', 'lead'])), fields=['artist', 'due_hour', 'turn', 'due_at', 'id'], name='review_second_of_artist'), models.Index(condition=models.Q(('state__in', ['approved', 'declined', 'changes', 'revoked'])), fields=['artist', '-closed_at', '-id'], name='review_decided_of_artist'), models.Index(fields=['clip', '-id'], name='review_newest_of_clip'), models.Index(condition=models.Q(('follows__isnull', False)), fields=['follows'], name='review_answering'), models.Index(fields=['cohort', 'state'], name='review_by_cohort')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'approved'])), fields=('clip',), name='review_one_live_per_clip'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'approved', 'declined', 'changes', 'withdrawn', 'revoked'])), name='review_state_known'), models.CheckConstraint(condition=models.Q(('approvals_needed__in', [1, 2])), name='review_one_or_two_approvals'), models.CheckConstraint(condition=models.Q(('waits_for__in', ['first', 'second', 'lead'])), name='review_waits_for_known'), models.CheckConstraint(condition=models.Q(('due_at__gt', models.F('submitted_at'))), name='review_due_after_submission'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='review_closed_when_not_waiting')],
                },
            ), migrations.CreateModel(
                name='PendingVerdict',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('batch', models.UUIDField()),
                    ('verdict', models.CharField(choices=[('approve', 'Approve'), ('changes', 'Ask for changes'), ('decline', 'Decline')], max_length=10)),
                    ('reason', models.CharField(blank=True, max_length=30)),
                    ('note', models.TextField(blank=True, max_length=2000)),
                    ('seen_sha256', models.CharField(max_length=64)),
                    ('seen_settings_sha256', models.CharField(max_length=64)),
                    ('said_at', models.DateTimeField()),
                    ('takes_effect_at', models.DateTimeField()),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('end', models.CharField(blank=True, choices=[('decided', 'Took effect'), ('undone', 'Undone'), ('failed', 'Without effect')], max_length=10)),
                    ('problem', models.CharField(blank=True, max_length=40)),
                    ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('reviewer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pending', to='review.review')),
                ],
                options={
                    'ordering': ['id'],
                    'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['takes_effect_at'], name='pending_by_moment')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('review',), name='pending_one_open_per_review'), models.CheckConstraint(condition=models.Q(('reviewer', models.F('artist')), _negated=True), name='pending_not_on_own_work'), models.CheckConstraint(condition=models.Q(('verdict__in', ['approve', 'changes', 'decline'])), name='pending_verdict_known'), models.CheckConstraint(condition=models.Q(models.Q(('end', ''), ('ended_at__isnull', True)), models.Q(('end__in', ['decided', 'undone', 'failed']), ('ended_at__isnull', False)), _connector='OR'), name='pending_ended_somehow')],
                },
            ), migrations.CreateModel(
                name='PassOn',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('to', models.CharField(choices=[('second', 'Second opinion'), ('lead', 'For a lead')], max_length=6)),
                    ('note', models.TextField(max_length=1000)),
                    ('passed_at', models.DateTimeField()),
                    ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('reviewer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='passed_on', to=settings.AUTH_USER_MODEL)),
                    ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='passed_on', to='review.review')),
                ],
                options={
                    'ordering': ['id'],
                    'constraints': [models.UniqueConstraint(fields=('review', 'reviewer'), name='passon_once_per_person'), models.CheckConstraint(condition=models.Q(('to__in', ['second', 'lead'])), name='passon_to_known'), models.CheckConstraint(condition=models.Q(('reviewer', models.F('artist')), _negated=True), name='passon_not_own_work'), models.CheckConstraint(condition=models.Q(('note__regex', '\\S')), name='passon_has_words')],
                },
            ), migrations.AddField(
                model_name='decision',
                name='review',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='review.review'),
            ), migrations.CreateModel(
                name='Claim',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('claimed_at', models.DateTimeField()),
                    ('lease_until', models.DateTimeField()),
                    ('released_at', models.DateTimeField(null=True)),
                    ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('reviewer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to=settings.AUTH_USER_MODEL)),
                    ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='review.review')),
                ],
                options={
                    'ordering': ['-id'],
                    'indexes': [models.Index(condition=models.Q(('released_at__isnull', True)), fields=['reviewer'], name='claim_open_by_reviewer')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('released_at__isnull', True)), fields=('review',), name='claim_one_live_per_review'), models.CheckConstraint(condition=models.Q(('reviewer', models.F('artist')), _negated=True), name='claim_not_of_own_work'), models.CheckConstraint(condition=models.Q(('lease_until__gt', models.F('claimed_at'))), name='claim_lease_after_start')],
                },
            ), migrations.CreateModel(
                name='SavedFilter',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=40)),
                    ('query', models.JSONField()),
                    ('is_default', models.BooleanField(default=False)),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_filters', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['name', 'id'],
                    'constraints': [models.UniqueConstraint(fields=('person', 'name'), name='saved_filter_named_once'), models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('person',), name='saved_filter_one_default'), models.CheckConstraint(condition=models.Q(('name__regex', '\\S')), name='saved_filter_has_a_name'), models.CheckConstraint(condition=models.Q(('query', {}), _negated=True), name='saved_filter_narrows')],
                },
            ), migrations.CreateModel(
                name='ShareLink',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('token', models.CharField(default=review.models.sharelink.new_token, editable=False, max_length=40, unique=True)),
                    ('title', models.CharField(max_length=120)),
                    ('created_at', models.DateTimeField()),
                    ('revoked_at', models.DateTimeField(null=True)),
                    ('view_count', models.PositiveBigIntegerField(default=0)),
                    ('clip', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='share_links', to='generation.clip')),
                    ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['clip', '-id'], name='sharelink_by_clip')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('token__regex', '^[A-Za-z0-9_-]{20,}$')), name='sharelink_token_long'), models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='sharelink_has_a_title'), models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', True), ('revoked_by__isnull', True)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='sharelink_revoked_by_someone')],
                },
            ), migrations.CreateModel(
                name='Signing',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('state', models.CharField(choices=[('waiting', 'Being signed'), ('signed', 'Signed'), ('withdrawn', 'Withdrawn')], default='waiting', max_length=10)),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('tries', models.PositiveSmallIntegerField(db_default=0, default=0)),
                    ('next_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('lease_until', models.DateTimeField(null=True)),
                    ('ticket', models.UUIDField(null=True)),
                    ('problem', models.CharField(blank=True, choices=[('no_certificate', 'There is no certificate to sign with.'), ('certificate_unfit', 'The certificate may not sign.'), ('timestamps_away', 'The time-stamp authority does not answer.'), ('file_damaged', 'The file is not the one that was approved.'), ('file_missing', 'The file is gone.'), ('signing_failed', 'Signing failed.')], db_default='', max_length=20)),
                    ('detail', models.TextField(blank=True, db_default='')),
                    ('told_at', models.DateTimeField(null=True)),
                    ('signed_at', models.DateTimeField(null=True)),
                    ('certificate_sha256', models.CharField(blank=True, db_default='', max_length=64)),
                    ('credit', models.CharField(blank=True, db_default='', max_length=120)),
                    ('master', models.CharField(blank=True, db_default='', max_length=200)),
                    ('master_sha256', models.CharField(blank=True, db_default='', max_length=64)),
                    ('cover', models.CharField(blank=True, db_default='', max_length=200)),
                    ('cover_sha256', models.CharField(blank=True, db_default='', max_length=64)),
                    ('poster', models.CharField(blank=True, db_default='', max_length=200)),
                    ('poster_sha256', models.CharField(blank=True, db_default='', max_length=64)),
                    ('decision', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='signing', to='review.decision')),
                ],
                options={
                    'ordering': ['id'],
                    'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['next_at', 'id'], name='signing_waiting')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'signed', 'withdrawn'])), name='signing_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'signed'), _negated=True), models.Q(('certificate_sha256__gt', ''), ('cover__gt', ''), ('cover_sha256__regex', '^[0-9a-f]{64}$'), ('lease_until__isnull', True), ('master__gt', ''), ('master_sha256__regex', '^[0-9a-f]{64}$'), ('poster__gt', ''), ('poster_sha256__regex', '^[0-9a-f]{64}$'), ('problem', ''), ('signed_at__isnull', False)), _connector='OR'), name='signing_signed_is_whole'), models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', True), ('ticket__isnull', True)), models.Q(('lease_until__isnull', False), ('ticket__isnull', False)), _connector='OR'), name='signing_lease_has_a_ticket')],
                },
            ), migrations.CreateModel(
                name='Conflict',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('reason', models.TextField(max_length=500)),
                    ('declared_at', models.DateTimeField()),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('declared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conflicts', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-id'],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('person', 'artist'), name='conflict_once_at_a_time'), models.CheckConstraint(condition=models.Q(('person', models.F('artist')), _negated=True), name='conflict_with_somebody_else'), models.CheckConstraint(condition=models.Q(('reason__regex', '\\S')), name='conflict_has_words'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by__isnull', True)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='conflict_ended_by_someone')],
                },
            ), migrations.AddIndex(
                model_name='decision',
                index=models.Index(fields=['review', '-id'], name='decision_newest_of_review'),
            ), migrations.AddConstraint(
                model_name='decision',
                constraint=models.UniqueConstraint(condition=models.Q(('verdict__in', ['approve', 'decline', 'changes'])), fields=('review', 'reviewer'), name='decision_one_verdict_per_person'),
            ), migrations.AddConstraint(
                model_name='decision',
                constraint=models.UniqueConstraint(condition=models.Q(('verdict', 'revoke')), fields=('review',), name='decision_one_revocation_per_review'),
            ), migrations.AddConstraint(
                model_name='decision',
                constraint=models.CheckConstraint(condition=models.Q(('reviewer', models.F('artist')), _negated=True), name='decision_not_on_own_work'),
            )],
        ),
        portal.triggers.MakeTrigger(
            model_name='conflict',
            trigger=pgtrigger.compiler.Trigger(name='conflict_words_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."artist_id" IS DISTINCT FROM (NEW."artist_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."declared_by_id" IS DISTINCT FROM (NEW."declared_by_id") OR OLD."declared_at" IS DISTINCT FROM (NEW."declared_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='71b7b454c86d24905ab8aa0b0d9fd41293349165', operation='UPDATE', pgid='pgtrigger_conflict_words_fixed_6d1ed', table='review_conflict', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='conflict',
            trigger=pgtrigger.compiler.Trigger(name='conflict_stays_ended', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."ended_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='cd1153d89af70fa1699404fae3f1192928901de2', operation='UPDATE', pgid='pgtrigger_conflict_stays_ended_53c4f', table='review_conflict', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='conflict',
            trigger=pgtrigger.compiler.Trigger(name='conflict_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='8f3c11b791165a42892f4feba8140e4aa203bf06', operation='DELETE', pgid='pgtrigger_conflict_kept_bd8d4', table='review_conflict', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='download',
            trigger=pgtrigger.compiler.Trigger(name='download_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0cccf2a993bfd89bb0c1937db790dacc43ce68d1', operation='UPDATE OR DELETE', pgid='pgtrigger_download_append_only_271ba', table='review_download', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='review_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{waiting:approved,waiting:changes,waiting:declined,waiting:withdrawn,approved:revoked}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='baf68ad1c4ade352e1a0cc0ae262846e8c8ca175', operation='UPDATE', pgid='pgtrigger_review_transitions_daf6d', table='review_review', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='review_subject_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."clip_id" IS DISTINCT FROM (NEW."clip_id") OR OLD."artist_id" IS DISTINCT FROM (NEW."artist_id") OR OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."submitted_by_id" IS DISTINCT FROM (NEW."submitted_by_id") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."submitted_at" IS DISTINCT FROM (NEW."submitted_at") OR OLD."approvals_needed" IS DISTINCT FROM (NEW."approvals_needed") OR OLD."follows_id" IS DISTINCT FROM (NEW."follows_id") OR OLD."round" IS DISTINCT FROM (NEW."round"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='b448b3a3a8c37c657fbdd23e6e34482d2a276606', operation='UPDATE', pgid='pgtrigger_review_subject_fixed_223b6', table='review_review', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='review_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='bbb885eadbdd043d8d69d26908964ecb8d5248c2', operation='DELETE', pgid='pgtrigger_review_kept_d0445', table='review_review', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='review_artist_owns_clip', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE owner bigint; home bigint;', func="\n                    SELECT artist_id, cohort_id INTO owner, home\n                    FROM generation_clip WHERE id = NEW.clip_id;\n                    IF owner IS DISTINCT FROM NEW.artist_id\n                       OR home IS DISTINCT FROM NEW.cohort_id THEN\n                        RAISE EXCEPTION 'review: artist and cohort must be those of the clip'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    IF NEW.state <> 'waiting' THEN\n                        RAISE EXCEPTION 'review: begins waiting'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='2fdc99a5ce5ecee0a20e1579ce0e5691999c8a7d', operation='INSERT', pgid='pgtrigger_review_artist_owns_clip_0d56b', table='review_review', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='review_answers_changes', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NEW.follows_id IS NULL THEN\n                        IF NEW.round <> 1 THEN\n                            RAISE EXCEPTION 'review: the first round follows nothing'\n                            USING ERRCODE = 'check_violation';\n                        END IF;\n                    ELSIF NOT EXISTS (\n                        SELECT FROM review_review earlier\n                        WHERE earlier.id = NEW.follows_id AND earlier.state = 'changes'\n                          AND earlier.artist_id = NEW.artist_id\n                          AND earlier.cohort_id = NEW.cohort_id\n                          AND earlier.clip_id <> NEW.clip_id AND earlier.round = NEW.round - 1\n                    ) THEN\n                        RAISE EXCEPTION 'review: follows one that asked this artist for changes'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='bd2fbe4bc15844c4bb29b8d2cde75821121cc234', operation='INSERT', pgid='pgtrigger_review_answers_changes_c2779', table='review_review', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='review_waits_for_a_cause', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NEW.waits_for <> OLD.waits_for AND (\n                        NEW.waits_for = 'first' OR OLD.state <> 'waiting' OR NOT (\n                            EXISTS (SELECT FROM review_decision WHERE review_id = NEW.id)\n                            OR EXISTS (SELECT FROM review_passon WHERE review_id = NEW.id)\n                        )\n                    ) THEN\n                        RAISE EXCEPTION 'review: nobody asked for another opinion'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='d71419963041243d8d732a8bc76ea5b4ce1cdb2d', operation='UPDATE OF "waits_for"', pgid='pgtrigger_review_waits_for_a_cause_93551', table='review_review', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='review_state_follows_decision', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE newest text; approvals bigint;', func="\n                    IF NEW.state IN ('approved', 'declined', 'changes', 'revoked') THEN\n                        SELECT verdict INTO newest FROM review_decision\n                        WHERE review_id = NEW.id ORDER BY id DESC LIMIT 1;\n                        IF newest IS DISTINCT FROM (CASE NEW.state\n                            WHEN 'approved' THEN 'approve'\n                            WHEN 'declined' THEN 'decline'\n                            WHEN 'changes' THEN 'changes'\n                            ELSE 'revoke' END) THEN\n                            RAISE EXCEPTION 'review: no decision says %', NEW.state\n                            USING ERRCODE = 'check_violation';\n                        END IF;\n                        SELECT count(*) INTO approvals FROM review_decision\n                        WHERE review_id = NEW.id AND verdict = 'approve';\n                        IF NEW.state = 'approved' AND approvals < NEW.approvals_needed THEN\n                            RAISE EXCEPTION 'review: it has % of % approvals',\n                                approvals, NEW.approvals_needed\n                            USING ERRCODE = 'check_violation';\n                        END IF;\n                        IF NEW.state IN ('declined', 'changes') AND approvals > 0\n                           AND OLD.waits_for <> 'lead' THEN\n                            RAISE EXCEPTION 'review: opinions differ, a lead decides'\n                            USING ERRCODE = 'check_violation';\n                        END IF;\n                    END IF;\n                    RETURN NEW;\n                ", hash='5559ad29efb6e04acd4cf6ca64efb9989b600484', operation='UPDATE OF "state"', pgid='pgtrigger_review_state_follows_decision_af6bc', table='review_review', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='pendingverdict',
            trigger=pgtrigger.compiler.Trigger(name='pending_not_in_conflict', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT FROM review_conflict\n        WHERE person_id = NEW.reviewer_id AND artist_id = NEW.artist_id AND ended_at IS NULL\n    ) THEN\n        RAISE EXCEPTION '%: the reviewer has a conflict of interest with the artist', TG_TABLE_NAME\n        USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;\n", hash='afd5c0a8ac6e85011bf52a5176dcb14d260f306c', operation='INSERT', pgid='pgtrigger_pending_not_in_conflict_079de', table='review_pendingverdict', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='pendingverdict',
            trigger=pgtrigger.compiler.Trigger(name='pending_words_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."review_id" IS DISTINCT FROM (NEW."review_id") OR OLD."artist_id" IS DISTINCT FROM (NEW."artist_id") OR OLD."reviewer_id" IS DISTINCT FROM (NEW."reviewer_id") OR OLD."batch" IS DISTINCT FROM (NEW."batch") OR OLD."verdict" IS DISTINCT FROM (NEW."verdict") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."seen_sha256" IS DISTINCT FROM (NEW."seen_sha256") OR OLD."seen_settings_sha256" IS DISTINCT FROM (NEW."seen_settings_sha256") OR OLD."said_at" IS DISTINCT FROM (NEW."said_at") OR OLD."takes_effect_at" IS DISTINCT FROM (NEW."takes_effect_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='e247fcc81687f446ff43b654a41b6bc2b25c1461', operation='UPDATE', pgid='pgtrigger_pending_words_fixed_dc5c7', table='review_pendingverdict', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='pendingverdict',
            trigger=pgtrigger.compiler.Trigger(name='pending_stays_ended', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."ended_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='b14bc72f1f5b18f527c12df5468b64b8948884d1', operation='UPDATE', pgid='pgtrigger_pending_stays_ended_2f345', table='review_pendingverdict', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='pendingverdict',
            trigger=pgtrigger.compiler.Trigger(name='pending_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='edab3a06b0752821e9b65d74d43572f11e238658', operation='DELETE', pgid='pgtrigger_pending_kept_2329b', table='review_pendingverdict', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='pendingverdict',
            trigger=pgtrigger.compiler.Trigger(name='pending_of_what_waits', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NOT EXISTS (\n                        SELECT FROM review_review\n                        WHERE id = NEW.review_id AND artist_id = NEW.artist_id\n                          AND state = 'waiting'\n                    ) THEN\n                        RAISE EXCEPTION 'pending: of a waiting review of this artist'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='e56d8dde9ed6da4ee504d24e1455d3f26501d153', operation='INSERT', pgid='pgtrigger_pending_of_what_waits_0e863', table='review_pendingverdict', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='pendingverdict',
            trigger=pgtrigger.compiler.Trigger(name='pending_marks_the_review', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n    UPDATE review_review\n    SET verdict_due_at = CASE WHEN NEW.ended_at IS NULL THEN NEW.takes_effect_at END\n    WHERE id = NEW.review_id;\n    RETURN NULL;\n', hash='c8c3a74ac0e3c2fbf1eb42d8f906686f7255b637', operation='INSERT OR UPDATE', pgid='pgtrigger_pending_marks_the_review_dbb81', table='review_pendingverdict', when='AFTER')),
        ),
        portal.triggers.MakeTrigger(
            model_name='passon',
            trigger=pgtrigger.compiler.Trigger(name='passon_not_in_conflict', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT FROM review_conflict\n        WHERE person_id = NEW.reviewer_id AND artist_id = NEW.artist_id AND ended_at IS NULL\n    ) THEN\n        RAISE EXCEPTION '%: the reviewer has a conflict of interest with the artist', TG_TABLE_NAME\n        USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;\n", hash='efda1315c43786d414b77008247227045b9dcd98', operation='INSERT', pgid='pgtrigger_passon_not_in_conflict_4cc63', table='review_passon', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='passon',
            trigger=pgtrigger.compiler.Trigger(name='passon_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0ffd089bb808c56c774695f23b7ad3c888a21c15', operation='UPDATE OR DELETE', pgid='pgtrigger_passon_append_only_db79d', table='review_passon', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='passon',
            trigger=pgtrigger.compiler.Trigger(name='passon_of_what_waits', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NOT EXISTS (\n                        SELECT FROM review_review\n                        WHERE id = NEW.review_id AND artist_id = NEW.artist_id\n                          AND state = 'waiting'\n                    ) OR EXISTS (\n                        SELECT FROM review_decision\n                        WHERE review_id = NEW.review_id AND reviewer_id = NEW.reviewer_id\n                    ) THEN\n                        RAISE EXCEPTION 'passon: of a waiting review that one has not judged'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='f3f7b259b3630a183ce63d3f3e05f443efe5f483', operation='INSERT', pgid='pgtrigger_passon_of_what_waits_a8fcb', table='review_passon', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='decision',
            trigger=pgtrigger.compiler.Trigger(name='decision_not_in_conflict', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT FROM review_conflict\n        WHERE person_id = NEW.reviewer_id AND artist_id = NEW.artist_id AND ended_at IS NULL\n    ) THEN\n        RAISE EXCEPTION '%: the reviewer has a conflict of interest with the artist', TG_TABLE_NAME\n        USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;\n", hash='fcc09e01e53ba332292a866b3111daa32b8fee71', operation='INSERT', pgid='pgtrigger_decision_not_in_conflict_02908', table='review_decision', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='decision',
            trigger=pgtrigger.compiler.Trigger(name='decision_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='5d86ed6c048be47a5a47b90fe46e51d213278892', operation='UPDATE OR DELETE', pgid='pgtrigger_decision_append_only_abb0a', table='review_decision', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='decision',
            trigger=pgtrigger.compiler.Trigger(name='decision_covers_the_clip', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE row record;', func="\n                    SELECT r.artist_id, r.cohort_id, r.state, r.approvals_needed, r.waits_for,\n                           c.sha256, c.settings_sha256\n                    INTO row\n                    FROM review_review r JOIN generation_clip c ON c.id = r.clip_id\n                    WHERE r.id = NEW.review_id FOR NO KEY UPDATE OF r;\n                    IF row.artist_id IS DISTINCT FROM NEW.artist_id THEN\n                        RAISE EXCEPTION 'decision: artist must be the one of the review'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    IF NEW.verdict = 'revoke' THEN\n                        IF row.state <> 'approved' THEN\n                            RAISE EXCEPTION 'decision: only an approval can be revoked'\n                            USING ERRCODE = 'check_violation';\n                        END IF;\n                    ELSIF row.state <> 'waiting' THEN\n                        RAISE EXCEPTION 'decision: the review is not waiting'\n                        USING ERRCODE = 'check_violation';\n                    ELSIF (\n                        SELECT approvals >= row.approvals_needed OR refusals\n                            > CASE WHEN approvals > 0 AND row.waits_for = 'lead' THEN 1 ELSE 0 END\n                        FROM (\n                            SELECT count(*) FILTER (WHERE verdict = 'approve') AS approvals,\n                                count(*) FILTER (WHERE verdict <> 'approve') AS refusals\n                            FROM review_decision WHERE review_id = NEW.review_id\n                        ) given\n                    ) THEN\n                        RAISE EXCEPTION 'decision: the review has its verdict'\n                        USING ERRCODE = 'check_violation';\n                    ELSIF row.waits_for = 'lead' AND NOT EXISTS (\n                        SELECT FROM portal_rolegrant\n                        WHERE user_id = NEW.reviewer_id AND role = 'lead' AND revoked_at IS NULL\n                          AND (cohort_id IS NULL OR cohort_id = row.cohort_id)\n                    ) THEN\n                        RAISE EXCEPTION 'decision: a lead decides this one'\n                        USING ERRCODE = 'check_violation';\n                    ELSIF EXISTS (\n                        SELECT FROM review_passon\n                        WHERE review_id = NEW.review_id AND reviewer_id = NEW.reviewer_id\n                    ) THEN\n                        RAISE EXCEPTION 'decision: the reviewer passed it on'\n                        USING ERRCODE = 'check_violation';\n                    ELSIF EXISTS (\n                        SELECT FROM review_pendingverdict\n                        WHERE review_id = NEW.review_id AND reviewer_id <> NEW.reviewer_id\n                          AND ended_at IS NULL\n                    ) THEN\n                        RAISE EXCEPTION 'decision: somebody else gave a verdict just now'\n                        USING ERRCODE = 'check_violation';\n                    ELSIF row.sha256 <> NEW.sha256\n                       OR row.settings_sha256 <> NEW.settings_sha256 THEN\n                        RAISE EXCEPTION 'decision: hashes are not those of the clip'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='1e519b5f9fcbb77450eb1b2de1ce30528c976854', operation='INSERT', pgid='pgtrigger_decision_covers_the_clip_446b3', table='review_decision', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='claim',
            trigger=pgtrigger.compiler.Trigger(name='claim_not_in_conflict', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT FROM review_conflict\n        WHERE person_id = NEW.reviewer_id AND artist_id = NEW.artist_id AND ended_at IS NULL\n    ) THEN\n        RAISE EXCEPTION '%: the reviewer has a conflict of interest with the artist', TG_TABLE_NAME\n        USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;\n", hash='19bd6e1df2141f3ca95c29bb5c11cfab38d56cf0', operation='INSERT', pgid='pgtrigger_claim_not_in_conflict_3a013', table='review_claim', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='claim',
            trigger=pgtrigger.compiler.Trigger(name='claim_holder_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."review_id" IS DISTINCT FROM (NEW."review_id") OR OLD."artist_id" IS DISTINCT FROM (NEW."artist_id") OR OLD."reviewer_id" IS DISTINCT FROM (NEW."reviewer_id") OR OLD."claimed_at" IS DISTINCT FROM (NEW."claimed_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='177ab4423f94268ab38ba8baf5cc3fb794897c96', operation='UPDATE', pgid='pgtrigger_claim_holder_fixed_b7b6a', table='review_claim', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='claim',
            trigger=pgtrigger.compiler.Trigger(name='claim_artist_is_reviews', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NEW.artist_id IS DISTINCT FROM\n                       (SELECT artist_id FROM review_review WHERE id = NEW.review_id) THEN\n                        RAISE EXCEPTION 'claim: artist must be the one of the review'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='2186f1de1355e6d67addadc16e513ceb05fc26f8', operation='INSERT', pgid='pgtrigger_claim_artist_is_reviews_5dd3c', table='review_claim', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='sharelink',
            trigger=pgtrigger.compiler.Trigger(name='sharelink_target_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."clip_id" IS DISTINCT FROM (NEW."clip_id") OR OLD."token" IS DISTINCT FROM (NEW."token") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='6ee78e1dc5b52a6a98513957e469685f2b68067b', operation='UPDATE', pgid='pgtrigger_sharelink_target_fixed_4a68c', table='review_sharelink', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='sharelink',
            trigger=pgtrigger.compiler.Trigger(name='sharelink_stays_closed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."revoked_at" IS NULL AND OLD."revoked_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='d2090d3f2c226aa9e43674b0d0e05a41ee006e7f', operation='UPDATE', pgid='pgtrigger_sharelink_stays_closed_23677', table='review_sharelink', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='signing',
            trigger=pgtrigger.compiler.Trigger(name='signing_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{waiting:signed,waiting:withdrawn,signed:waiting,signed:withdrawn}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='3ba670adb1a9f837b0da9edc125cff98e5e842c6', operation='UPDATE', pgid='pgtrigger_signing_transitions_274c1', table='review_signing', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='signing',
            trigger=pgtrigger.compiler.Trigger(name='signing_decision_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."decision_id" IS DISTINCT FROM (NEW."decision_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='f9d2eb2aa67b874807184a50a43eb0008b052d3b', operation='UPDATE', pgid='pgtrigger_signing_decision_fixed_c68bf', table='review_signing', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='signing',
            trigger=pgtrigger.compiler.Trigger(name='signing_under_an_approval', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NOT (NEW."state" = \'withdrawn\'))', func="\n                    IF NOT EXISTS (\n                        SELECT FROM review_decision d JOIN review_review r ON r.id = d.review_id\n                        WHERE d.id = NEW.decision_id\n                          AND d.verdict = 'approve' AND r.state = 'approved'\n                    ) THEN\n                        RAISE EXCEPTION 'signing: no approval stands'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='6b27acb6d79beb0f6e1c53e959fc26fc72a41dd1', operation='INSERT OR UPDATE OF "state"', pgid='pgtrigger_signing_under_an_approval_9eaf0', table='review_signing', when='BEFORE')),
        ),
    ]
