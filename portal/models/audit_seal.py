"""The chain of hashes over the audit log: append-only, like the log."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now


class AuditSeal(models.Model):
    """One entry's place in the chain of all entries and, if it has a cohort, in that cohort's.

    ``seq`` counts from 1 without gaps, ``cohort_seq`` within the cohort. The hashes are raw
    SHA-256: ``entry_hash`` of the entry's canonical form, ``head`` of ``previous`` and
    ``entry_hash`` together (see ``portal.chain``).
    """

    seq = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField("portal.AuditEntry", on_delete=models.PROTECT, related_name="seal")
    entry_hash = models.BinaryField(max_length=32)
    previous = models.BinaryField(max_length=32)
    head = models.BinaryField(max_length=32)
    cohort = models.ForeignKey(
        "portal.Cohort", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    cohort_seq = models.BigIntegerField(null=True)
    cohort_previous = models.BinaryField(max_length=32, null=True)
    cohort_head = models.BinaryField(max_length=32, null=True)
    sealed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "cohort_seq"],
                condition=Q(cohort__isnull=False),
                name="audit_seal_of_cohort",
            ),
            models.CheckConstraint(
                condition=Q(seq__gte=1) & (Q(cohort_seq=None) | Q(cohort_seq__gte=1)),
                name="audit_seal_counts_from_one",
            ),
            models.CheckConstraint(
                condition=Q(cohort=None, cohort_seq=None, cohort_previous=None, cohort_head=None)
                | Q(
                    cohort__isnull=False,
                    cohort_seq__isnull=False,
                    cohort_previous__isnull=False,
                    cohort_head__isnull=False,
                ),
                name="audit_seal_of_cohort_is_whole",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(
                        models.lookups.Exact(
                            Func(
                                F(field),
                                function="octet_length",
                                output_field=models.IntegerField(),
                            ),
                            32,
                        )
                    ),
                    name=f"audit_seal_{field}_is_sha256",
                )
                for field in ("entry_hash", "previous", "head", "cohort_previous", "cohort_head")
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="audit_seal_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq}: {bytes(self.head).hex()}"
