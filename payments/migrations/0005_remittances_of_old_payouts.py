import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

# What was sent before remittances were kept counts as arrived: nobody can be asked any more. Its
# entries are booked at the moment of the migration, out of transit and from the bank.
BACKFILL = """
    INSERT INTO payments_remittance (
        payout_id, artist_id, attempt, key, amount_minor, currency, method, holder_sealed, account_sealed,
        account_hint, state, sent_at, closed_at, closed_by_id, bank_reference, reason, note
    )
    SELECT o.id, l.artist_id, 1, replace(gen_random_uuid()::text, '-', ''), sum(l.amount_minor),
        o.currency, '', '', '', '',
        CASE o.state WHEN 'sent' THEN 'settled' ELSE 'created' END,
        o.sent_at, o.sent_at, CASE o.state WHEN 'sent' THEN o.sent_by_id END, '', '', ''
    FROM payments_payout o JOIN payments_payoutline l ON l.payout_id = o.id AND l.live
    WHERE o.state IN ('exported', 'sent')
      AND NOT EXISTS (SELECT FROM payments_remittance r WHERE r.payout_id = o.id)
    GROUP BY o.id, l.artist_id ORDER BY o.id, l.artist_id;

    INSERT INTO payments_account (code, kind, currency)
    SELECT DISTINCT 'asset:bank', 'asset', currency FROM payments_remittance
    WHERE state = 'settled'
    ON CONFLICT DO NOTHING;

    INSERT INTO payments_entry (cause, description, remittance_id, actor_id)
    SELECT 'remittance:' || r.id || ':settled',
        'Payout GR-' || lpad(r.payout_id::text, 5, '0') || ', remittance ' || r.key,
        r.id, r.closed_by_id
    FROM payments_remittance r WHERE r.state = 'settled'
      AND NOT EXISTS (
          SELECT FROM payments_entry e WHERE e.cause = 'remittance:' || r.id || ':settled'
      );

    INSERT INTO payments_posting (entry_id, account_id, currency, amount_minor)
    SELECT e.id, a.id, r.currency,
        CASE a.code WHEN 'asset:bank' THEN -r.amount_minor ELSE r.amount_minor END
    FROM payments_remittance r
    JOIN payments_entry e ON e.cause = 'remittance:' || r.id || ':settled'
    JOIN payments_account a ON a.currency = r.currency
        AND a.code IN ('asset:bank', 'asset:payout-clearing')
    WHERE NOT EXISTS (SELECT FROM payments_posting p WHERE p.entry_id = e.id);

    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0004_remittances'),
    ]

    operations = [
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name='remittance',
            trigger=pgtrigger.compiler.Trigger(name='remittance_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='b69cbef99816c9730658c5efe9fd60337a000737', operation='DELETE', pgid='pgtrigger_remittance_kept_91de0', table='payments_remittance', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='remittance',
            trigger=pgtrigger.compiler.Trigger(name='remittance_begins_as_created', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NOT (NEW."state" = \'created\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;", hash='e156a2d6b915882fd99e42d317b50d5fad7ac743', operation='INSERT', pgid='pgtrigger_remittance_begins_as_created_7eb70', table='payments_remittance', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='remittance',
            trigger=pgtrigger.compiler.Trigger(name='remittance_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{created:sent,created:withdrawn,sent:failed,sent:settled,sent:unknown,unknown:failed,unknown:settled}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='c54910ffa88381ea82d8982cf8dcf10b0527ad3c', operation='UPDATE', pgid='pgtrigger_remittance_transitions_76f3a', table='payments_remittance', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='remittance',
            trigger=pgtrigger.compiler.Trigger(name='remittance_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."payout_id" IS DISTINCT FROM (NEW."payout_id") OR OLD."artist_id" IS DISTINCT FROM (NEW."artist_id") OR OLD."attempt" IS DISTINCT FROM (NEW."attempt") OR OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."method" IS DISTINCT FROM (NEW."method") OR OLD."holder_sealed" IS DISTINCT FROM (NEW."holder_sealed") OR OLD."account_sealed" IS DISTINCT FROM (NEW."account_sealed") OR OLD."account_hint" IS DISTINCT FROM (NEW."account_hint") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='5e24c3d1217127446b7f7132cc7d2b08e02b8d04', operation='UPDATE', pgid='pgtrigger_remittance_fixed_1ef32', table='payments_remittance', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='remittance',
            trigger=pgtrigger.compiler.Trigger(name='remittance_times_kept', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD."sent_at" IS NOT NULL AND OLD."sent_at" IS DISTINCT FROM (NEW."sent_at")) OR (OLD."unknown_at" IS NOT NULL AND OLD."unknown_at" IS DISTINCT FROM (NEW."unknown_at")))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='594b288248c840605df43be6509b496553528f02', operation='UPDATE', pgid='pgtrigger_remittance_times_kept_f2ba4', table='payments_remittance', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='remittance',
            trigger=pgtrigger.compiler.Trigger(name='remittance_closed_for_good', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."closed_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='987991df22b4486483ce7113a07e3d94586195d6', operation='UPDATE', pgid='pgtrigger_remittance_closed_for_good_25330', table='payments_remittance', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='remittance',
            trigger=pgtrigger.compiler.Trigger(name='remittance_fits', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NOT EXISTS (\n                        SELECT 1 FROM payments_payout\n                        WHERE id = NEW.payout_id AND state = 'exported'\n                          AND currency = NEW.currency\n                    ) OR NEW.amount_minor IS DISTINCT FROM (\n                        SELECT sum(amount_minor) FROM payments_payoutline\n                        WHERE payout_id = NEW.payout_id AND artist_id = NEW.artist_id AND live\n                    ) THEN\n                        RAISE EXCEPTION 'a remittance of % does not fit payout %',\n                            NEW.amount_minor, NEW.payout_id\n                            USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='82b0b7fd5eae706c1382ae6a295ff63bf9ce9427', operation='INSERT', pgid='pgtrigger_remittance_fits_9d0cf', table='payments_remittance', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='remittance',
            trigger=pgtrigger.compiler.Trigger(name='remittance_goes_with_its_payout', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" = \'created\' AND OLD."state" IS DISTINCT FROM (NEW."state"))', func="\n                    IF NOT EXISTS (\n                        SELECT 1 FROM payments_payout\n                        WHERE id = NEW.payout_id\n                          AND state = CASE NEW.state\n                              WHEN 'sent' THEN 'sent' ELSE 'cancelled' END\n                    ) THEN\n                        RAISE EXCEPTION 'remittance % goes with its payout alone', NEW.id\n                            USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='1e0aa030707ea34ffbd49881fca2e6f1c8c16209', operation='UPDATE', pgid='pgtrigger_remittance_goes_with_its_payout_f0c36', table='payments_remittance', when='BEFORE')),
        ),
    ]
