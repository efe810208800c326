import django.core.serializers.json
import django.db.models.deletion
import pgtrigger.compiler
import portal.triggers
import review.models.sharelink
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('review', '0001_initial'), ('review', '0002_approvals')]

    initial = True

    dependencies = [
        ('generation', '0013_extension_leads'),
    ]

    operations = [
        portal.triggers.MakeTables([
            migrations.CreateModel(
                name='Decision',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('verdict', models.CharField(choices=[('approve', 'Approve'), ('decline', 'Decline'), ('revoke', 'Withdraw the approval')], max_length=10)),
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
                    'constraints': [models.CheckConstraint(condition=models.Q(('verdict__in', ['approve', 'decline', 'revoke'])), name='decision_verdict_known'), models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('verdict', 'approve')), models.Q(('reason__in', ('real_person', 'deception', 'sexual', 'minors', 'cruelty', 'hatred', 'rights', 'privacy', 'file', 'claim', 'our_mistake')), ('verdict__in', ['decline', 'revoke'])), _connector='OR'), name='decision_reason_published'), models.CheckConstraint(condition=models.Q(('verdict', 'approve'), ('note__regex', '\\S'), _connector='OR'), name='decision_refusal_has_words'), models.CheckConstraint(condition=models.Q(('settings_sha256__regex', '^[0-9a-f]{64}$'), ('sha256__regex', '^[0-9a-f]{64}$')), name='decision_hashes_whole')],
                },
            ),
            migrations.CreateModel(
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
            ),
            migrations.CreateModel(
                name='Review',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('state', models.CharField(choices=[('waiting', 'Waiting'), ('approved', 'Approved'), ('declined', 'Declined'), ('withdrawn', 'Taken back'), ('revoked', 'Approval withdrawn')], default='waiting', editable=False, max_length=10)),
                    ('note', models.TextField(blank=True, max_length=1000)),
                    ('submitted_at', models.DateTimeField()),
                    ('due_at', models.DateTimeField()),
                    ('turn', models.PositiveIntegerField(default=1)),
                    ('approvals_needed', models.PositiveSmallIntegerField(db_default=1, default=1)),
                    ('escalated_at', models.DateTimeField(editable=False, null=True)),
                    ('closed_at', models.DateTimeField(editable=False, null=True)),
                    ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to=settings.AUTH_USER_MODEL)),
                    ('clip', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='generation.clip')),
                    ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='portal.cohort')),
                    ('submitted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['due_at', 'turn', 'id'],
                    'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['due_at', 'turn', 'id'], name='review_queue'), models.Index(fields=['-closed_at', '-id'], name='review_by_closing'), models.Index(fields=['clip', '-id'], name='review_newest_of_clip'), models.Index(fields=['cohort', 'state'], name='review_by_cohort')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'approved'])), fields=('clip',), name='review_one_live_per_clip'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'approved', 'declined', 'withdrawn', 'revoked'])), name='review_state_known'), models.CheckConstraint(condition=models.Q(('approvals_needed__in', [1, 2])), name='review_one_or_two_approvals'), models.CheckConstraint(condition=models.Q(('due_at__gt', models.F('submitted_at'))), name='review_due_after_submission'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='review_closed_when_not_waiting')],
                },
            ),
            migrations.AddField(
                model_name='decision',
                name='review',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='review.review'),
            ),
            migrations.CreateModel(
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
            ),
            migrations.CreateModel(
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
            ),
            migrations.AddIndex(
                model_name='decision',
                index=models.Index(fields=['review', '-id'], name='decision_newest_of_review'),
            ),
            migrations.AddConstraint(
                model_name='decision',
                constraint=models.UniqueConstraint(condition=models.Q(('verdict__in', ['approve', 'decline'])), fields=('review', 'reviewer'), name='decision_one_verdict_per_person'),
            ),
            migrations.AddConstraint(
                model_name='decision',
                constraint=models.UniqueConstraint(condition=models.Q(('verdict', 'revoke')), fields=('review',), name='decision_one_revocation_per_review'),
            ),
            migrations.AddConstraint(
                model_name='decision',
                constraint=models.CheckConstraint(condition=models.Q(('reviewer', models.F('artist')), _negated=True), name='decision_not_on_own_work'),
            ),
        ]),
        portal.triggers.MakeTrigger(
            model_name='download',
            trigger=pgtrigger.compiler.Trigger(name='download_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0cccf2a993bfd89bb0c1937db790dacc43ce68d1', operation='UPDATE OR DELETE', pgid='pgtrigger_download_append_only_271ba', table='review_download', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='review_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{waiting:approved,waiting:declined,waiting:withdrawn,approved:revoked}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='f204f858bef13ab9f2158a7b5f3252af74b9f472', operation='UPDATE', pgid='pgtrigger_review_transitions_daf6d', table='review_review', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='review_subject_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."clip_id" IS DISTINCT FROM (NEW."clip_id") OR OLD."artist_id" IS DISTINCT FROM (NEW."artist_id") OR OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."submitted_by_id" IS DISTINCT FROM (NEW."submitted_by_id") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."submitted_at" IS DISTINCT FROM (NEW."submitted_at") OR OLD."approvals_needed" IS DISTINCT FROM (NEW."approvals_needed"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='401192abba1a53ed99158191767c38100b79a6f9', operation='UPDATE', pgid='pgtrigger_review_subject_fixed_223b6', table='review_review', when='BEFORE')),
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
            trigger=pgtrigger.compiler.Trigger(name='review_state_follows_decision', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE newest text; approvals bigint;', func="\n                    IF NEW.state IN ('approved', 'declined', 'revoked') THEN\n                        SELECT verdict INTO newest FROM review_decision\n                        WHERE review_id = NEW.id ORDER BY id DESC LIMIT 1;\n                        IF newest IS DISTINCT FROM (CASE NEW.state\n                            WHEN 'approved' THEN 'approve'\n                            WHEN 'declined' THEN 'decline'\n                            ELSE 'revoke' END) THEN\n                            RAISE EXCEPTION 'review: no decision says %', NEW.state\n                            USING ERRCODE = 'check_violation';\n                        END IF;\n                        SELECT count(*) INTO approvals FROM review_decision\n                        WHERE review_id = NEW.id AND verdict = 'approve';\n                        IF NEW.state = 'approved' AND approvals < NEW.approvals_needed THEN\n                            RAISE EXCEPTION 'review: it has % of % approvals',\n                                approvals, NEW.approvals_needed\n                            USING ERRCODE = 'check_violation';\n                        END IF;\n                    END IF;\n                    RETURN NEW;\n                ", hash='94f6e3543108ac1e5a4a26fc17a9cabc3a32ff79', operation='UPDATE OF "state"', pgid='pgtrigger_review_state_follows_decision_af6bc', table='review_review', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='decision',
            trigger=pgtrigger.compiler.Trigger(name='decision_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='5d86ed6c048be47a5a47b90fe46e51d213278892', operation='UPDATE OR DELETE', pgid='pgtrigger_decision_append_only_abb0a', table='review_decision', when='BEFORE')),
        ),
        portal.triggers.MakeTrigger(
            model_name='decision',
            trigger=pgtrigger.compiler.Trigger(name='decision_covers_the_clip', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE row record;', func="\n                    SELECT r.artist_id, r.state, r.approvals_needed, c.sha256, c.settings_sha256\n                    INTO row\n                    FROM review_review r JOIN generation_clip c ON c.id = r.clip_id\n                    WHERE r.id = NEW.review_id FOR NO KEY UPDATE OF r;\n                    IF row.artist_id IS DISTINCT FROM NEW.artist_id THEN\n                        RAISE EXCEPTION 'decision: artist must be the one of the review'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    IF NEW.verdict = 'revoke' THEN\n                        IF row.state <> 'approved' THEN\n                            RAISE EXCEPTION 'decision: only an approval can be revoked'\n                            USING ERRCODE = 'check_violation';\n                        END IF;\n                    ELSIF row.state <> 'waiting' THEN\n                        RAISE EXCEPTION 'decision: the review is not waiting'\n                        USING ERRCODE = 'check_violation';\n                    ELSIF (\n                        SELECT count(*) FILTER (WHERE verdict = 'approve') >= row.approvals_needed\n                            OR bool_or(verdict = 'decline')\n                        FROM review_decision WHERE review_id = NEW.review_id\n                    ) THEN\n                        RAISE EXCEPTION 'decision: the review has its verdict'\n                        USING ERRCODE = 'check_violation';\n                    ELSIF row.sha256 <> NEW.sha256\n                       OR row.settings_sha256 <> NEW.settings_sha256 THEN\n                        RAISE EXCEPTION 'decision: hashes are not those of the clip'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='1c909407c5c4ba958199b809ff70c64e8bc16c16', operation='INSERT', pgid='pgtrigger_decision_covers_the_clip_446b3', table='review_decision', when='BEFORE')),
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
    ]
