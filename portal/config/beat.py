"""What beat rings for, and how often in seconds. Tasks are named, never imported."""

from __future__ import annotations

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {
    "ring the GPU workers": {
        "task": "generation.tasks.render_waiting",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "forget unused pictures": {
        "task": "generation.tasks.forget_unused_pictures",
        "schedule": 3600.0,
    },
    "reap dead renders": {"task": "generation.tasks.reap_lost_attempts", "schedule": 5.0},
    "stop contained renders": {"task": "generation.tasks.stop_contained", "schedule": 5.0},
    "stop clips of closed cohorts": {"task": "generation.tasks.stop_closed", "schedule": 10.0},
    "end containments": {"task": "portal.tasks.end_containments", "schedule": 10.0},
    "tell of containments": {
        "task": "portal.tasks.tell_of_containments",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "remove files of dead renders": {
        "task": "generation.tasks.remove_leftovers",
        "schedule": 10.0,
    },
    "go on with prompt sheets": {
        "task": "generation.tasks.go_on_with_sheets",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "let verdicts take effect": {
        "task": "review.tasks.finish_verdicts",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "escalate overdue reviews": {"task": "review.tasks.escalate_overdue", "schedule": 60.0},
    "sign approved clips": {
        "task": "review.tasks.sign_waiting",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "take fingerprints": {
        "task": "review.tasks.take_fingerprints",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "remind of reviews that wait": {
        "task": "review.tasks.remind_of_waiting",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "time out remittances": {
        "task": "payments.tasks.time_out_remittances",
        "schedule": 3600.0,
    },
    "make reports": {"task": "payments.tasks.make_reports", "schedule": 21600.0},
    "stop forgotten sessions": {
        "task": "payments.tasks.stop_forgotten_sessions",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "confirm sessions by silence": {
        "task": "payments.tasks.confirm_silent_sessions",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "top up to the floor": {
        "task": "payments.tasks.reckon_floors",
        "schedule": 21600.0,
    },
    "deliver mail": {"task": "portal.tasks.deliver_waiting_mail", "schedule": 30.0},
    "forget old requests of keys": {
        "task": "portal.tasks.forget_old_key_requests",
        "schedule": 3600.0,
    },
    "forget browsers long unused": {
        "task": "portal.tasks.forget_old_devices",
        "schedule": 86400.0,
    },
    "send webhooks": {
        "task": "portal.tasks.send_webhooks",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "forget old deliveries of webhooks": {
        "task": "portal.tasks.forget_old_webhook_deliveries",
        "schedule": 3600.0,
    },
    "forget old secrets of webhooks": {
        "task": "portal.tasks.forget_old_webhook_secrets",
        "schedule": 3600.0,
    },
    "forget old device logins": {
        "task": "portal.tasks.forget_old_device_logins",
        "schedule": 3600.0,
    },
    "forget networks in reports of leaks": {
        "task": "portal.tasks.forget_names_in_leak_reports",
        "schedule": 86_400.0,
    },
    "make takeouts": {
        "task": "portal.tasks.make_takeouts",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "remove takeouts": {"task": "portal.tasks.remove_takeouts", "schedule": 300.0},
    "carry out deletions of accounts": {
        "task": "portal.tasks.carry_out_deletions",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "tidy after deletions of accounts": {
        "task": "portal.tasks.tidy_after_deletions",
        "schedule": 300.0,
    },
    "forget old applications": {
        "task": "portal.tasks.forget_old_applications",
        "schedule": 3600.0,
    },
    "seal the log": {
        "task": "portal.tasks.seal_log",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "tell the head of the log": {"task": "portal.tasks.tell_head_of_log", "schedule": 3600.0},
    "expire invitations": {"task": "portal.tasks.expire_invitations", "schedule": 300.0},
    "remind of invitations": {"task": "portal.tasks.remind_invited", "schedule": 900.0},
    "send tables of invitations": {
        "task": "portal.tasks.send_invitation_batches",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "end drafts of invitations": {
        "task": "portal.tasks.expire_invitation_batches",
        "schedule": 3600.0,
    },
}
