"""Whatever leads to a person is thought of: in takeouts, in their log, in a deletion.

Each field that leads to somebody, found by walking every model, is in what speaks for it or in a
list here that says why not. A new one fails until somebody has decided.
"""

from __future__ import annotations

from django.apps import apps
from django.db.models import Field

from portal import deletions, registry, takeouts
from portal.models import User


def fields_to_people() -> set[str]:
    """``app.model.field`` of every foreign key and one-to-one to a person."""
    found: set[str] = set()
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            if isinstance(field, Field) and field.related_model is User and not field.many_to_many:
                found.add(f"{model._meta.label_lower}.{field.name}")
    return found


TEAM = "an act of the programme’s team, who are named by their part in what artists read"
LINK = "empty: nobody is given groups or single permissions"

# Field → the part of a takeout in which it is.
IN_TAKEOUT = {
    "account.emailaddress.user": "profile",
    "generation.clip.artist": "clips",
    "generation.preset.artist": "presets",
    "generation.promptsheet.artist": "sheets",
    "generation.startpicture.artist": "pictures",
    "mfa.authenticator.user": "profile",
    "payments.feedback.author": "feedback",
    "payments.payeedetails.artist": "payments",
    "payments.payhold.person": "payments",
    "payments.testingsession.artist": "payments",
    "payments.topup.artist": "payments",
    "payments.dispute.artist": "payments",
    "payments.disputemessage.by": "payments",
    "payments.payoutline.artist": "payments",
    "payments.remittance.artist": "payments",
    "payments.workitem.artist": "payments",
    "portal.accesskey.owner": "keys",
    "portal.auditentry.actor": "log",
    "portal.consent.person": "consents",
    "portal.containment.person": "profile",
    "portal.deletion.person": "profile",
    "portal.devicelogin.decided_by": "profile",
    "portal.emailchange.user": "profile",
    "portal.invitation.accepted_by": "profile",
    "portal.knowndevice.user": "profile",
    "portal.leakbaseline.person": "profile",
    "portal.membership.user": "profile",
    "portal.notification.user": "notifications",
    "portal.profile.user": "profile",
    "portal.rolegrant.user": "profile",
    "portal.signature.user": "agreements",
    "portal.webhookendpoint.owner": "keys",
    "review.appeal.artist": "decisions",
    "review.message.artist": "decisions",
    "review.conflict.person": "team",
    "review.decision.artist": "decisions",
    "review.download.person": "decisions",
    "review.review.artist": "decisions",
    "review.savedfilter.person": "team",
    "review.sharelink.created_by": "decisions",
    "usersessions.usersession.user": "profile",
}
NOT_IN_TAKEOUT = {
    "generation.gpuaccount.artist": "the queue’s sums; clips.csv has the GPU seconds of each clip",
    "generation.pause.paused_by": TEAM,
    "generation.pause.resumed_by": TEAM,
    "payments.account.owner": "payments/statements.csv is this account, month by month",
    "payments.cohortreport.made_by": TEAM,
    "payments.cohortreport.published_by": TEAM,
    "payments.cohortreport.withdrawn_by": TEAM,
    "payments.entry.actor": TEAM,
    "payments.moneybudget.set_by": TEAM,
    "payments.payout.approved_by": TEAM,
    "payments.payout.cancelled_by": TEAM,
    "payments.payout.drafted_by": TEAM,
    "payments.payout.exported_by": TEAM,
    "payments.payout.sent_by": TEAM,
    "payments.payhold.placed_by": TEAM,
    "payments.payhold.lifted_by": TEAM,
    "payments.remittance.closed_by": TEAM,
    "payments.ratecard.set_by": TEAM,
    "payments.payfloor.set_by": TEAM,
    "payments.dispute.ended_by": TEAM,
    "payments.sessionterms.set_by": TEAM,
    "payments.testingsession.answered_by": TEAM,
    "payments.testingsession.confirmed_by": TEAM,
    "payments.triage.by": TEAM,
    "portal.accesskey.frozen_by": "the person, an admin or Greenroom: log.csv says which",
    "portal.consent.actor": "always the person themselves",
    "portal.containment.by": TEAM,
    "portal.containment.ended_by": TEAM,
    "portal.containmentnotice.person": "that a message went out; notifications.json has its words",
    "portal.deletion.asked_by": "the person or the team: log.csv says which",
    "portal.deletion.ended_by": "the person or the team: log.csv says which",
    "portal.invitation.invited_by": TEAM,
    "portal.invitation.requested_by": TEAM,
    "portal.invitationbatch.brought_by": TEAM,
    "portal.invitationbatch.started_by": TEAM,
    "portal.leakreport.closed_by": "the person or the team: log.csv says which",
    "portal.membership.ended_by": "profile.json says how it ended, not which admin did it",
    "portal.rolegrant.granted_by": TEAM,
    "portal.rolegrant.revoked_by": TEAM,
    "portal.takeout.person": "the file itself; log.csv has when each was asked for",
    "portal.user_groups.user": LINK,
    "portal.user_user_permissions.user": LINK,
    "review.appeal.decided_by": TEAM,
    "review.message.author": "the artist, or the team by its roles: the table says which",
    "review.reading.person": "a mark of how far a page was read",
    "review.claim.artist": "who of the team looked when; the decision is what is about the artist",
    "review.claim.reviewer": TEAM,
    "review.conflict.artist": "what a colleague said of themselves; it keeps them from judging",
    "review.conflict.declared_by": "the person, a lead or an admin: log.csv says which",
    "review.conflict.ended_by": "the person, a lead or an admin: log.csv says which",
    "review.decision.reviewer": TEAM,
    "review.framenote.author": TEAM,
    "review.framenote.resolved_by": TEAM,
    "review.passon.artist": "what the team says among itself; the decision is about the artist",
    "review.passon.reviewer": TEAM,
    "review.pendingverdict.artist": "nobody was told; what took effect is a decision",
    "review.pendingverdict.reviewer": TEAM,
    "review.review.submitted_by": "the artist, or the cohort’s own policy",
    "review.sharelink.revoked_by": "the person or the team; the table has when",
}

NEVER_LOGGED = "no entry is about it"

# Models that lead to a person and that the log of that person need not know.
NOT_IN_LOG = {
    "account.emailaddress": NEVER_LOGGED,
    "generation.pause": TEAM,
    "mfa.authenticator": NEVER_LOGGED,
    "payments.account": NEVER_LOGGED,
    "payments.cohortreport": TEAM,
    "payments.entry": NEVER_LOGGED,
    "payments.moneybudget": TEAM,
    "payments.payoutline": "its payout is in the log, and theirs by its lines",
    "payments.ratecard": TEAM,
    "payments.payfloor": TEAM,
    "payments.sessionterms": TEAM,
    "payments.triage": "entries are about the feedback",
    "payments.disputemessage": "entries are about the dispute",
    "portal.auditentry": NEVER_LOGGED,
    "portal.containmentnotice": NEVER_LOGGED,
    "portal.deletion": "entries are about the account",
    "portal.invitationbatch": TEAM,
    "portal.knowndevice": NEVER_LOGGED,
    "portal.leakreport": "entries are about the access key",
    "portal.notification": NEVER_LOGGED,
    "portal.profile": "entries are about the account",
    "portal.rolegrant": "entries are about the account",
    "portal.user_groups": NEVER_LOGGED,
    "portal.user_user_permissions": NEVER_LOGGED,
    "review.claim": "entries are about the review",
    "review.decision": "entries are about the review",
    "review.passon": "entries are about the review",
    "review.pendingverdict": "entries are about the review",
    "review.reading": NEVER_LOGGED,
    "usersessions.usersession": NEVER_LOGGED,
}


def test_takeouts_have_or_leave_out_each() -> None:
    known = {part.key for part in takeouts.parts()}
    assert set(IN_TAKEOUT.values()) <= known
    assert not IN_TAKEOUT.keys() & NOT_IN_TAKEOUT.keys()
    assert IN_TAKEOUT.keys() | NOT_IN_TAKEOUT.keys() == fields_to_people()


def test_the_log_knows_whose_each_is() -> None:
    models = {field.rpartition(".")[0] for field in fields_to_people()}
    known = set(registry.theirs())
    assert not known & NOT_IN_LOG.keys()
    assert models <= known | NOT_IN_LOG.keys(), models - known - NOT_IN_LOG.keys()
    assert NOT_IN_LOG.keys() <= models, NOT_IN_LOG.keys() - models
    for label in known:
        apps.get_model(label)


def test_a_deletion_speaks_for_each_once() -> None:
    spoken_for = [field for part in deletions.erased() for field in part.covers]
    spoken_for += [field for part in deletions.kept() for field in part.covers]
    assert len(spoken_for) == len(set(spoken_for))
    assert set(spoken_for) == fields_to_people()
