"""Signed copies of approved clips: made once for each approval, withdrawn with it."""

from __future__ import annotations

import logging
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.media import store
from generation.states import Variant
from portal import shutdown
from portal.errors import GreenroomError
from portal.services import audit
from portal.services.notify import notify
from review import access
from review.credentials import identity, process
from review.credentials.errors import SigningFailed
from review.credentials.statement import credit_of, statement
from review.errors import FileDamaged
from review.files import copy_out, open_stored
from review.ingredients import ingredients_of
from review.models import Decision, Signing
from review.models.signing import COPIES
from review.states import SigningProblem, SigningState

if TYPE_CHECKING:
    from portal.models import User

logger = logging.getLogger(__name__)

# Longer than signing may take: who is slower has lost its ticket.
LEASE = timedelta(minutes=5)
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=5)
# Staff hear of what is stuck once in this time, however many clips wait.
_TELL_AGAIN = timedelta(hours=6)


@dataclass(frozen=True, kw_only=True)
class Made:
    """Signed copies in the storage: names and hex digests by ``COPIES``."""

    names: Mapping[Variant, str]
    digests: Mapping[Variant, str]
    credit: str
    certificate_sha256: str


def begin(*, decision: Decision) -> Signing:
    """An approval was given: its copies are to be signed. Call it in the same transaction."""
    signing, _created = Signing.objects.get_or_create(decision=decision)
    transaction.on_commit(_ring, robust=True)
    return signing


def withdraw(*, decision: Decision) -> None:
    """The approval under *decision*'s review was taken back: no copy may leave any more."""
    rows = _locked().filter(decision__review=decision.review_id)
    for signing in rows.exclude(state=SigningState.WITHDRAWN):
        _withdraw(signing)


def sign_again(*, artist: User) -> int:
    """What the credentials of *artist*'s clips say has changed; answers how many wait anew."""
    count = 0
    with transaction.atomic():
        rows = _locked().filter(decision__artist=artist).exclude(state=SigningState.WITHDRAWN)
        for signing in rows:
            signing.state = SigningState.WAITING
            signing.next_at = timezone.now()
            # Whoever is at it writes what was true before.
            signing.ticket = signing.lease_until = None
            signing.save(update_fields=["state", "next_at", "ticket", "lease_until"])
            count += 1
        if count:
            transaction.on_commit(_ring, robust=True)
    return count


def forget(*, artist: User) -> list[str]:
    """The copies of all of *artist*'s clips go; their names in the storage, for who removes them.

    Call it in the transaction that deletes the account.
    """
    names: list[str] = []
    for signing in _locked().filter(decision__artist=artist):
        names += signing.names
        for copy in COPIES:
            setattr(signing, copy.value, "")
        signing.state = SigningState.WITHDRAWN
        signing.ticket = signing.lease_until = None
        signing.credit = ""
        signing.save()
    return names


def sign_waiting() -> int:
    """Sign what is due, one clip after the other; answers how many were signed."""
    _tidy()
    signed = 0
    while not shutdown.is_told() and (signing := _claim()) is not None:
        signed += _sign(signing)
    return signed


def _locked() -> Any:
    return (
        Signing.objects.select_for_update(no_key=True, of=("self",))
        .select_related("decision__review__cohort", "decision__review__clip__artist")
        .order_by("pk")
    )


@transaction.atomic
def _claim() -> Signing | None:
    """The next one with a new ticket; None when nothing is due, or enough is under way."""
    with connection.cursor() as cursor:
        # Two that count at once would both find room.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('signing', 0))")
    now = timezone.now()
    if Signing.objects.under_way(now).count() >= max(1, settings.PROVENANCE_JOBS):
        return None
    signing: Signing | None = (
        Signing.objects.due(now)
        .select_for_update(no_key=True, skip_locked=True, of=("self",))
        .order_by("next_at", "pk")
        .first()
    )
    if signing is None:
        return None
    signing.ticket = uuid.uuid4()
    signing.lease_until = now + LEASE
    signing.tries = min(signing.tries + 1, 30_000)
    signing.save(update_fields=["ticket", "lease_until", "tries"])
    return signing


def _sign(signing: Signing) -> bool:
    """One try, outside of any transaction; whether its copies are what leaves from now on."""
    decision = Decision.objects.select_related("review__clip__artist").get(pk=signing.decision_id)
    try:
        made = _make(decision)
    except GreenroomError as error:
        _failed(signing, error)
        return False
    except OSError as error:
        _failed(signing, SigningFailed(str(error)))
        return False
    stale = _finish(signing, made)
    store.remove(stale)
    return not set(stale) & set(made.names.values())


def _make(decision: Decision) -> Made:
    """Sign copies of exactly the bytes that were decided about.

    Raises:
        NoCertificate, CertificateUnfit, TimestampsAway, SigningFailed
        FileMissing, FileDamaged: of the original.
        OSError: a disk is full or away; nothing is left in the storage.
    """
    clip = decision.review.clip
    signer = identity.load()
    credit = credit_of(clip)
    with tempfile.TemporaryDirectory(prefix="greenroom-signing-") as name:
        folder = Path(name)
        ingredients = ingredients_of(clip, folder)
        files = []
        for copy in COPIES:
            source = folder / f"{copy.value}.plain"
            sha256 = copy_out(open_stored(clip, copy), source)
            if copy == Variant.MASTER and sha256 != decision.sha256:
                logger.error("clip %s: the original is not the one that was approved", clip.pk)
                raise FileDamaged
            form = store.content_type(clip, copy)
            files.append(
                {
                    "source": str(source),
                    "target": str(_signed_path(folder, copy)),
                    "format": form,
                    "manifest": statement(
                        decision, form=form, credit=credit, ingredients=ingredients
                    ),
                    "ingredients": [
                        {
                            "path": str(ingredient.path),
                            "format": ingredient.format,
                            "definition": ingredient.definition(),
                        }
                        for ingredient in ingredients
                    ],
                }
            )
        process.sign(signer, files)
        names = _keep(clip, folder)
        return Made(
            names=names,
            digests={copy: store.digest_of(_signed_path(folder, copy)) for copy in COPIES},
            credit=credit,
            certificate_sha256=signer.sha256,
        )


def _signed_path(folder: Path, copy: Variant) -> Path:
    return folder / f"{copy.value}.signed"


def _keep(clip: Any, folder: Path) -> dict[Variant, str]:
    key = uuid.uuid4().hex
    folder_name = f"signed/{key[:2]}/{key}"
    names: dict[Variant, str] = {}
    try:
        for copy in COPIES:
            suffix = Path(store.stored_name(clip, copy)).suffix
            name = f"{folder_name}/{copy.value}{suffix}"
            names[copy] = store.keep(name, _signed_path(folder, copy))
    except BaseException:
        store.remove_under(folder_name)
        raise
    return names


@transaction.atomic
def _finish(signing: Signing, made: Made) -> Sequence[str]:
    """Let the copies leave, if this try is still wanted; the names of files nobody needs."""
    row: Signing = _locked().get(pk=signing.pk)
    if row.state != SigningState.WAITING or row.ticket != signing.ticket:
        return list(made.names.values())
    before = row.names
    for copy in COPIES:
        setattr(row, copy.value, made.names[copy])
        setattr(row, f"{copy.value}_sha256", made.digests[copy])
    row.state = SigningState.SIGNED
    row.signed_at = timezone.now()
    row.certificate_sha256 = made.certificate_sha256
    row.credit = made.credit
    row.problem = row.detail = ""
    row.ticket = row.lease_until = row.told_at = None
    row.tries = 0
    row.save()
    audit.record(
        actor=None,
        action="master.signed",
        target=row,
        cohort=row.decision.review.cohort,
        after={
            "clip": str(row.decision.review.clip_id),
            "decision": row.decision_id,
            "sha256": row.master_sha256,
        },
    )
    return before


@transaction.atomic
def _failed(signing: Signing, error: GreenroomError) -> None:
    """Write down why, wait longer each time, and tell staff once."""
    row: Signing = _locked().get(pk=signing.pk)
    if row.state != SigningState.WAITING or row.ticket != signing.ticket:
        return
    known = error.code in SigningProblem.values
    now = timezone.now()
    row.problem = error.code if known else SigningProblem.SIGNING_FAILED
    said = str(error.message)
    row.detail = said[:1000] if said != str(error.default_message) else ""
    row.ticket = row.lease_until = None
    row.next_at = now + min(_FIRST_WAIT * 2 ** min(row.tries - 1, 10), _LONGEST_WAIT)
    logger.warning("clip %s is not signed: %s", row.decision.review.clip_id, said)
    told = Signing.objects.filter(told_at__gt=now - _TELL_AGAIN).exists()
    if not told:
        row.told_at = now
    row.save()
    if not told:
        _tell_staff(row)


def _tell_staff(signing: Signing) -> None:
    for person in access.staff_of(signing.decision.review.cohort_id):
        notify(
            user=person,
            kind="signing_stuck",
            title=_("Approved clips wait for their content credential"),
            text=SigningProblem(signing.problem).label,
            url=reverse("review:desk", args=[signing.decision.review_id]),
        )


def _withdraw(signing: Signing) -> None:
    signing.state = SigningState.WITHDRAWN
    signing.ticket = signing.lease_until = None
    signing.credit = ""
    signing.save(update_fields=["state", "ticket", "lease_until", "credit"])
    transaction.on_commit(_ring, robust=True)


def _tidy() -> None:
    """Copies that may not leave any more go; a name stays until its file is gone."""
    with transaction.atomic():
        erased = _locked().filter(decision__review__clip__deleted_at__isnull=False)
        for signing in erased.exclude(state=SigningState.WITHDRAWN):
            _withdraw(signing)
    gone = {f"{copy.value}": "" for copy in COPIES}
    for signing in Signing.objects.filter(state=SigningState.WITHDRAWN).exclude(**gone):
        with suppress(FileNotFoundError):
            store.remove(signing.names)
        Signing.objects.filter(pk=signing.pk, state=SigningState.WITHDRAWN).update(**gone)


def _ring() -> None:
    """Wake a worker; when the broker is away, the next beat finds what waits."""
    from review.tasks import sign_waiting as task

    task.apply_async(retry=False)
