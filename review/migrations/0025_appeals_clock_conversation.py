import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generation', '0014_forgotten_words'),
        ('portal', '0025_appeal_hours'),
        ('review', '0024_frame_notes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Appeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('open', 'Open'), ('upheld', 'The decision stands'), ('overturned', 'Overturned'), ('withdrawn', 'Withdrawn')], default='open', editable=False, max_length=10)),
                ('text', models.TextField(max_length=2000)),
                ('submitted_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('escalated_at', models.DateTimeField(editable=False, null=True)),
                ('closed_at', models.DateTimeField(editable=False, null=True)),
                ('answer', models.TextField(blank=True, max_length=2000)),
            ],
            options={
                'ordering': ['due_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Clock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_on', models.BooleanField(default=False)),
                ('days', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), size=None)),
                ('opens', models.TimeField()),
                ('closes', models.TimeField()),
                ('zone', models.CharField(max_length=60)),
                ('country', models.CharField(blank=True, max_length=2)),
                ('region', models.CharField(blank=True, max_length=10)),
                ('closed_days', django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), blank=True, default=list, size=None)),
            ],
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(blank=True, choices=[('reviewer', 'Reviewer'), ('lead', 'Lead reviewer'), ('admin', 'Programme admin'), ('finance', 'Finance admin'), ('operator', 'Operator')], max_length=20)),
                ('text', models.TextField(max_length=2000)),
                ('sent_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('upto', models.PositiveBigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(choices=[('reviewers', 'Reviewers'), ('leads', 'Leads and admins')], max_length=10)),
                ('sent_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='decision',
            name='decision_covers_the_clip',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='review',
            name='review_transitions',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='review',
            name='review_state_follows_decision',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='signing',
            name='signing_under_an_approval',
        ),
        migrations.RemoveConstraint(
            model_name='decision',
            name='decision_verdict_known',
        ),
        migrations.RemoveConstraint(
            model_name='decision',
            name='decision_reason_published',
        ),
        migrations.RemoveConstraint(
            model_name='decision',
            name='decision_one_verdict_per_person',
        ),
        migrations.RemoveConstraint(
            model_name='decision',
            name='decision_one_revocation_per_review',
        ),
        migrations.AlterField(
            model_name='decision',
            name='verdict',
            field=models.CharField(choices=[('approve', 'Approve'), ('changes', 'Ask for changes'), ('decline', 'Decline'), ('revoke', 'Withdraw the approval'), ('overturn', 'Approve on appeal')], max_length=10),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='decision',
            trigger=pgtrigger.compiler.Trigger(name='decision_covers_the_clip', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE row record; newest record;', func="\n                    SELECT r.artist_id, r.cohort_id, r.state, r.approvals_needed, r.waits_for,\n                           c.sha256, c.settings_sha256\n                    INTO row\n                    FROM review_review r JOIN generation_clip c ON c.id = r.clip_id\n                    WHERE r.id = NEW.review_id FOR NO KEY UPDATE OF r;\n                    IF row.artist_id IS DISTINCT FROM NEW.artist_id THEN\n                        RAISE EXCEPTION 'decision: artist must be the one of the review'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    IF NEW.verdict = 'revoke' THEN\n                        SELECT verdict INTO newest FROM review_decision\n                        WHERE review_id = NEW.review_id ORDER BY id DESC LIMIT 1;\n                        IF row.state <> 'approved' OR newest.verdict = 'revoke' THEN\n                            RAISE EXCEPTION 'decision: only an approval can be revoked'\n                            USING ERRCODE = 'check_violation';\n                        END IF;\n                    ELSIF NEW.verdict = 'overturn' THEN\n                        SELECT id INTO newest FROM review_decision\n                        WHERE review_id = NEW.review_id ORDER BY id DESC LIMIT 1;\n                        IF row.state NOT IN ('declined', 'revoked') OR NOT EXISTS (\n                            SELECT FROM review_appeal\n                            WHERE decision_id = newest.id AND state = 'open'\n                        ) THEN\n                            RAISE EXCEPTION 'decision: no open appeal asks for it'\n                            USING ERRCODE = 'check_violation';\n                        ELSIF EXISTS (\n                            SELECT FROM review_decision\n                            WHERE review_id = NEW.review_id AND reviewer_id = NEW.reviewer_id\n                        ) THEN\n                            RAISE EXCEPTION 'decision: an appeal is decided by somebody else'\n                            USING ERRCODE = 'check_violation';\n                        ELSIF row.sha256 <> NEW.sha256\n                           OR row.settings_sha256 <> NEW.settings_sha256 THEN\n                            RAISE EXCEPTION 'decision: hashes are not those of the clip'\n                            USING ERRCODE = 'check_violation';\n                        END IF;\n                    ELSIF row.state <> 'waiting' THEN\n                        RAISE EXCEPTION 'decision: the review is not waiting'\n                        USING ERRCODE = 'check_violation';\n                    ELSIF (\n                        SELECT approvals >= row.approvals_needed OR refusals\n                            > CASE WHEN approvals > 0 AND row.waits_for = 'lead' THEN 1 ELSE 0 END\n                        FROM (\n                            SELECT count(*) FILTER (WHERE verdict = 'approve') AS approvals,\n                                count(*) FILTER (WHERE verdict <> 'approve') AS refusals\n                            FROM review_decision WHERE review_id = NEW.review_id\n                        ) given\n                    ) THEN\n                        RAISE EXCEPTION 'decision: the review has its verdict'\n                        USING ERRCODE = 'check_violation';\n                    ELSIF row.waits_for = 'lead' AND NOT EXISTS (\n                        SELECT FROM portal_rolegrant\n                        WHERE user_id = NEW.reviewer_id AND role = 'lead' AND revoked_at IS NULL\n                          AND (cohort_id IS NULL OR cohort_id = row.cohort_id)\n                    ) THEN\n                        RAISE EXCEPTION 'decision: a lead decides this one'\n                        USING ERRCODE = 'check_violation';\n                    ELSIF EXISTS (\n                        SELECT FROM review_passon\n                        WHERE review_id = NEW.review_id AND reviewer_id = NEW.reviewer_id\n                    ) THEN\n                        RAISE EXCEPTION 'decision: the reviewer passed it on'\n                        USING ERRCODE = 'check_violation';\n                    ELSIF EXISTS (\n                        SELECT FROM review_pendingverdict\n                        WHERE review_id = NEW.review_id AND reviewer_id <> NEW.reviewer_id\n                          AND ended_at IS NULL\n                    ) THEN\n                        RAISE EXCEPTION 'decision: somebody else gave a verdict just now'\n                        USING ERRCODE = 'check_violation';\n                    ELSIF row.sha256 <> NEW.sha256\n                       OR row.settings_sha256 <> NEW.settings_sha256 THEN\n                        RAISE EXCEPTION 'decision: hashes are not those of the clip'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='b406c151a943c3b74f37e7157da2d7c1a83397b1', operation='INSERT', pgid='pgtrigger_decision_covers_the_clip_446b3', table='review_decision', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='review_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{waiting:approved,waiting:changes,waiting:declined,waiting:withdrawn,approved:revoked,declined:approved,revoked:approved}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='bf3b76b7546548eaa9bb20e412f92a1279f97277', operation='UPDATE', pgid='pgtrigger_review_transitions_daf6d', table='review_review', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='review_state_follows_decision', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE newest text; approvals bigint;', func="\n                    IF NEW.state IN ('approved', 'declined', 'changes', 'revoked') THEN\n                        SELECT verdict INTO newest FROM review_decision\n                        WHERE review_id = NEW.id ORDER BY id DESC LIMIT 1;\n                        IF (NEW.state <> 'approved' OR newest IS DISTINCT FROM 'overturn')\n                           AND newest IS DISTINCT FROM (CASE NEW.state\n                            WHEN 'approved' THEN 'approve'\n                            WHEN 'declined' THEN 'decline'\n                            WHEN 'changes' THEN 'changes'\n                            ELSE 'revoke' END) THEN\n                            RAISE EXCEPTION 'review: no decision says %', NEW.state\n                            USING ERRCODE = 'check_violation';\n                        END IF;\n                        SELECT count(*) INTO approvals FROM review_decision\n                        WHERE review_id = NEW.id AND verdict = 'approve';\n                        IF NEW.state = 'approved' AND newest = 'approve'\n                           AND approvals < NEW.approvals_needed THEN\n                            RAISE EXCEPTION 'review: it has % of % approvals',\n                                approvals, NEW.approvals_needed\n                            USING ERRCODE = 'check_violation';\n                        END IF;\n                        IF NEW.state IN ('declined', 'changes') AND approvals > 0\n                           AND OLD.waits_for <> 'lead' THEN\n                            RAISE EXCEPTION 'review: opinions differ, a lead decides'\n                            USING ERRCODE = 'check_violation';\n                        END IF;\n                    END IF;\n                    RETURN NEW;\n                ", hash='2cc9dd7c2ca35348016034e9f4100a45ef8c17c3', operation='UPDATE OF "state"', pgid='pgtrigger_review_state_follows_decision_af6bc', table='review_review', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signing',
            trigger=pgtrigger.compiler.Trigger(name='signing_under_an_approval', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NOT (NEW."state" = \'withdrawn\'))', func="\n                    IF NOT EXISTS (\n                        SELECT FROM review_decision d JOIN review_review r ON r.id = d.review_id\n                        WHERE d.id = NEW.decision_id\n                          AND d.verdict IN ('approve', 'overturn') AND r.state = 'approved'\n                    ) THEN\n                        RAISE EXCEPTION 'signing: no approval stands'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='c3de607bfe0d05827d82bd2a56601005488eb7e5', operation='INSERT OR UPDATE OF "state"', pgid='pgtrigger_signing_under_an_approval_9eaf0', table='review_signing', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.UniqueConstraint(condition=models.Q(('verdict__in', ['approve', 'decline', 'changes', 'overturn'])), fields=('review', 'reviewer'), name='decision_one_verdict_per_person'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('verdict__in', ['approve', 'changes', 'decline', 'revoke', 'overturn'])), name='decision_verdict_known'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('verdict__in', ['approve', 'overturn'])), models.Q(('reason__in', ('real_person', 'deception', 'sexual', 'minors', 'cruelty', 'hatred', 'rights', 'privacy', 'file', 'claim', 'our_mistake')), ('verdict__in', ['decline', 'changes', 'revoke'])), _connector='OR'), name='decision_reason_published'),
        ),
        migrations.AddField(
            model_name='appeal',
            name='artist',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='appeal',
            name='cohort',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.cohort'),
        ),
        migrations.AddField(
            model_name='appeal',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='appeal',
            name='decision',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='appeal', to='review.decision'),
        ),
        migrations.AddField(
            model_name='appeal',
            name='overturning',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='granted_appeal', to='review.decision'),
        ),
        migrations.AddField(
            model_name='appeal',
            name='review',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='review.review'),
        ),
        migrations.AddField(
            model_name='clock',
            name='cohort',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='review_clock', to='portal.cohort'),
        ),
        migrations.AddField(
            model_name='message',
            name='artist',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='message',
            name='author',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='review_messages', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='message',
            name='clip',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='generation.clip'),
        ),
        migrations.AddField(
            model_name='reading',
            name='clip',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='generation.clip'),
        ),
        migrations.AddField(
            model_name='reading',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='review_readings', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reminder',
            name='review',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to='review.review'),
        ),
        migrations.AddIndex(
            model_name='appeal',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['due_at', 'id'], name='appeal_queue'),
        ),
        migrations.AddIndex(
            model_name='appeal',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['cohort', 'due_at', 'id'], name='appeal_queue_of_cohort'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'upheld', 'overturned', 'withdrawn'])), name='appeal_state_known'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.CheckConstraint(condition=models.Q(('text__regex', '\\S')), name='appeal_has_words'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.CheckConstraint(condition=models.Q(('due_at__gt', models.F('submitted_at'))), name='appeal_due_after_submission'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('state', 'open'), ('answer', ''), ('decided_by__isnull', True), ('overturning__isnull', True)), models.Q(('closed_at__isnull', False), ('state', 'withdrawn'), ('answer', ''), ('decided_by__isnull', True), ('overturning__isnull', True)), models.Q(('overturning__isnull', True), ('state', 'upheld'), ('answer__regex', '\\S'), ('closed_at__isnull', False), ('decided_by__isnull', False)), models.Q(('overturning__isnull', False), ('state', 'overturned'), ('answer__regex', '\\S'), ('closed_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='appeal_ends_whole'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('artist')), _negated=True), _connector='OR'), name='appeal_not_decided_by_its_artist'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appeal',
            trigger=pgtrigger.compiler.Trigger(name='appeal_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{open:overturned,open:upheld,open:withdrawn}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='b6fdfcb169612ec34667a671ac7e5736feec434c', operation='UPDATE', pgid='pgtrigger_appeal_transitions_e4c38', table='review_appeal', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appeal',
            trigger=pgtrigger.compiler.Trigger(name='appeal_words_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."decision_id" IS DISTINCT FROM (NEW."decision_id") OR OLD."review_id" IS DISTINCT FROM (NEW."review_id") OR OLD."artist_id" IS DISTINCT FROM (NEW."artist_id") OR OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id") OR OLD."text" IS DISTINCT FROM (NEW."text") OR OLD."submitted_at" IS DISTINCT FROM (NEW."submitted_at") OR OLD."due_at" IS DISTINCT FROM (NEW."due_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='3e117aadc7a0cb197ad3ad8e687aa14f8da23f77', operation='UPDATE', pgid='pgtrigger_appeal_words_fixed_f1873', table='review_appeal', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appeal',
            trigger=pgtrigger.compiler.Trigger(name='appeal_stays_closed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."closed_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='96437e660edafcbecfe15c5b8489399f8ccb54bd', operation='UPDATE', pgid='pgtrigger_appeal_stays_closed_d719d', table='review_appeal', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appeal',
            trigger=pgtrigger.compiler.Trigger(name='appeal_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='cb954348410c532fd711a6b4b7cc78eb46d0235a', operation='DELETE', pgid='pgtrigger_appeal_kept_18a34', table='review_appeal', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appeal',
            trigger=pgtrigger.compiler.Trigger(name='appeal_of_newest_refusal', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE row record;', func="\n                    SELECT r.id, r.artist_id, r.cohort_id, r.state INTO row\n                    FROM review_review r WHERE r.id = NEW.review_id FOR NO KEY UPDATE;\n                    IF row.artist_id IS DISTINCT FROM NEW.artist_id\n                       OR row.cohort_id IS DISTINCT FROM NEW.cohort_id THEN\n                        RAISE EXCEPTION 'appeal: artist and cohort must be those of the review'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    IF NEW.state <> 'open' THEN\n                        RAISE EXCEPTION 'appeal: begins open'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    IF row.state NOT IN ('declined', 'revoked') OR NEW.decision_id IS DISTINCT FROM\n                       (SELECT max(id) FROM review_decision WHERE review_id = NEW.review_id) THEN\n                        RAISE EXCEPTION 'appeal: only the newest refusal can be appealed'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='c7e46017c5efde76e6ad588099201740839fd969', operation='INSERT', pgid='pgtrigger_appeal_of_newest_refusal_31743', table='review_appeal', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appeal',
            trigger=pgtrigger.compiler.Trigger(name='appeal_decided_by_another', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."decided_by_id" IS NOT NULL)', func="\n                    IF EXISTS (\n                        SELECT FROM review_decision\n                        WHERE review_id = NEW.review_id AND reviewer_id = NEW.decided_by_id\n                          AND id IS DISTINCT FROM NEW.overturning_id\n                    ) OR EXISTS (\n                        SELECT FROM review_passon\n                        WHERE review_id = NEW.review_id AND reviewer_id = NEW.decided_by_id\n                    ) THEN\n                        RAISE EXCEPTION 'appeal: decided by somebody without a part in the review'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    IF EXISTS (\n                        SELECT FROM review_conflict\n                        WHERE person_id = NEW.decided_by_id AND artist_id = NEW.artist_id\n                          AND ended_at IS NULL\n                    ) THEN\n                        RAISE EXCEPTION 'appeal: a conflict of interest with the artist'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    IF NEW.overturning_id IS NOT NULL AND NOT EXISTS (\n                        SELECT FROM review_decision\n                        WHERE id = NEW.overturning_id AND review_id = NEW.review_id\n                          AND reviewer_id = NEW.decided_by_id AND verdict = 'overturn'\n                    ) THEN\n                        RAISE EXCEPTION 'appeal: no decision of theirs overturns'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='e2b2019176d6769b1a7d770b06997fefbddde62d', operation='UPDATE', pgid='pgtrigger_appeal_decided_by_another_1a2cc', table='review_appeal', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='clock',
            constraint=models.CheckConstraint(condition=models.Q(('closes__gt', models.F('opens'))), name='clock_closes_after_it_opens'),
        ),
        migrations.AddConstraint(
            model_name='clock',
            constraint=models.CheckConstraint(condition=models.Q(('days__contained_by', [0, 1, 2, 3, 4, 5, 6]), ('days__len__gt', 0)), name='clock_has_a_weekday'),
        ),
        migrations.AddConstraint(
            model_name='clock',
            constraint=models.CheckConstraint(condition=models.Q(('country__regex', '^([A-Z]{2})?$')), name='clock_country_is_a_code'),
        ),
        migrations.AddConstraint(
            model_name='clock',
            constraint=models.CheckConstraint(condition=models.Q(('region', ''), models.Q(('country', ''), _negated=True), _connector='OR'), name='clock_region_of_a_country'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='clock',
            trigger=pgtrigger.compiler.Trigger(name='clock_cohort_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."cohort_id" IS DISTINCT FROM (NEW."cohort_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='690f20d346d4676f292491845cb44de9450e92d3', operation='UPDATE', pgid='pgtrigger_clock_cohort_fixed_4137a', table='review_clock', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['clip', 'id'], name='message_of_clip'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('text__regex', '\\S')), name='message_has_words'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('author', models.F('artist')), ('role', '')), models.Q(('role__in', ['reviewer', 'lead', 'admin']), models.Q(('author', models.F('artist')), _negated=True)), _connector='OR'), name='message_of_artist_or_team'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='message',
            trigger=pgtrigger.compiler.Trigger(name='message_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='6b61463073b06e29c268e59e91d6bb68dc7c7d89', operation='UPDATE OR DELETE', pgid='pgtrigger_message_append_only_9b919', table='review_message', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='message',
            trigger=pgtrigger.compiler.Trigger(name='message_of_submitted_clip', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NOT EXISTS (\n                        SELECT FROM generation_clip c\n                        WHERE c.id = NEW.clip_id AND c.artist_id = NEW.artist_id\n                          AND c.deleted_at IS NULL\n                    ) THEN\n                        RAISE EXCEPTION 'message: the clip is another artist''s, or deleted'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    IF NOT EXISTS (\n                        SELECT FROM review_review\n                        WHERE clip_id = NEW.clip_id AND state <> 'withdrawn'\n                    ) THEN\n                        RAISE EXCEPTION 'message: the clip was not submitted'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    IF EXISTS (\n                        SELECT FROM review_conflict\n                        WHERE person_id = NEW.author_id AND artist_id = NEW.artist_id\n                          AND ended_at IS NULL\n                    ) THEN\n                        RAISE EXCEPTION 'message: a conflict of interest with the artist'\n                        USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='cb4fbe1f905e0732da306ad0c5b09036c413feae', operation='INSERT', pgid='pgtrigger_message_of_submitted_clip_1c9a9', table='review_message', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='reading',
            constraint=models.UniqueConstraint(fields=('person', 'clip'), name='reading_once_a_clip'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.UniqueConstraint(fields=('review', 'step'), name='reminder_once_a_step'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.CheckConstraint(condition=models.Q(('step__in', ['reviewers', 'leads'])), name='reminder_step_known'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reminder',
            trigger=pgtrigger.compiler.Trigger(name='reminder_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='5b7a8c74d88b05ee3fcbd763a64b850fb804ffb7', operation='UPDATE OR DELETE', pgid='pgtrigger_reminder_append_only_7eacd', table='review_reminder', when='BEFORE')),
        ),
    ]
