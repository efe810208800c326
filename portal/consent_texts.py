"""The words of the three consents, in both languages.

A text that changes is put on top with the next number; what people said yes to stays below it, so
that it can be shown again word for word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import get_language

from portal.states import ConsentKind


@dataclass(frozen=True, kw_only=True)
class Wording:
    """One version of the words of one consent, in one language.

    Attributes:
        ask: the sentence that is ticked.
        governs: what a yes allows, and what it is not about.
        revoking: what taking it back does and what it does not do.
    """

    ask: str
    governs: str
    revoking: str


@dataclass(frozen=True, kw_only=True)
class ConsentText:
    """One version of the words of one consent."""

    number: int
    en: Wording
    fr: Wording

    @property
    def words(self) -> Wording:
        """In the language of the current request."""
        return self.fr if (get_language() or "").startswith("fr") else self.en

    @cached_property
    def sha256(self) -> str:
        """Hex digest of all six texts, English first, joined by NUL, in UTF-8."""
        parts = [
            text
            for wording in (self.en, self.fr)
            for text in (wording.ask, wording.governs, wording.revoking)
        ]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


TEXTS: Mapping[ConsentKind, Sequence[ConsentText]] = {
    ConsentKind.SHARING: [
        ConsentText(
            number=1,
            en=Wording(
                ask="The programme may show my approved clips to others.",
                governs=(
                    "This is about the programme’s own screenings and showings: a public evening, "
                    "an exhibition, a page of the programme. Only clips that were approved, always "
                    "with your name. The links you open yourself are your own act: they need no "
                    "consent and are not touched by this one."
                ),
                revoking=(
                    "From that moment the programme plans no further showing of your clips. A "
                    "showing that is over stays over, and a page you shared yourself stays open "
                    "until you close its link."
                ),
            ),
            fr=Wording(
                ask="Le programme peut montrer mes clips approuvés à d’autres.",
                governs=(
                    "Il s’agit des projections et présentations du programme lui-même : une "
                    "soirée publique, une exposition, une page du programme. Seulement des clips "
                    "approuvés, toujours avec votre nom. Les liens que vous ouvrez vous-même "
                    "relèvent de vous seul : ils ne demandent aucun consentement et celui-ci n’y "
                    "change rien."
                ),
                revoking=(
                    "Dès cet instant, le programme ne prévoit plus aucune projection de vos clips. "
                    "Ce qui a été montré l’a été, et une page que vous avez partagée reste ouverte "
                    "jusqu’à ce que vous en fermiez le lien."
                ),
            ),
        ),
    ],
    ConsentKind.PUBLICITY: [
        ConsentText(
            number=1,
            en=Wording(
                ask="The programme may ask to use my clips or words in its publicity.",
                governs=(
                    "This is about advertising the programme or its model: a press kit, a trailer, "
                    "a post. A yes lets the programme propose a use to you. Each use is still "
                    "asked for by itself, paid, and written into the log; without this yes nobody "
                    "even asks."
                ),
                revoking=(
                    "From that moment no new use is proposed or begun. What was printed or "
                    "published with your agreement before is not called back by this; what was "
                    "agreed for each use says how long it may run."
                ),
            ),
            fr=Wording(
                ask=(
                    "Le programme peut me proposer d’utiliser mes clips ou mes mots pour sa "
                    "publicité."
                ),
                governs=(
                    "Il s’agit de faire connaître le programme ou son modèle : un dossier de "
                    "presse, une bande-annonce, une publication. Un oui permet au programme de "
                    "vous proposer une utilisation. Chacune vous est tout de même demandée à part, "
                    "payée et inscrite au journal ; sans ce oui, personne ne vous le demande."
                ),
                revoking=(
                    "Dès cet instant, aucune nouvelle utilisation n’est proposée ni commencée. Ce "
                    "qui a été imprimé ou publié auparavant avec votre accord n’est pas rappelé "
                    "pour autant ; la durée est celle qui a été convenue pour chaque utilisation."
                ),
            ),
        ),
    ],
    ConsentKind.TRAINING: [
        ConsentText(
            number=1,
            en=Wording(
                ask="My clips and prompts may be used to train or tune a model.",
                governs=(
                    "This is about making models: clips, prompts and settings as examples to learn "
                    "from. Without your yes they are never used for that. Making clips, watching "
                    "for abuse and paying you need no training and are not touched by this."
                ),
                revoking=(
                    "From that moment nothing of yours goes into a new training run. A model that "
                    "was trained before keeps what it learnt: that cannot be taken out again, so "
                    "say yes only if you can live with it."
                ),
            ),
            fr=Wording(
                ask=("Mes clips et mes prompts peuvent servir à entraîner ou à affiner un modèle."),
                governs=(
                    "Il s’agit de fabriquer des modèles : clips, prompts et réglages comme "
                    "exemples à apprendre. Sans votre oui, ils n’y servent jamais. Faire des "
                    "clips, veiller aux abus et vous payer ne demandent aucun entraînement et ne "
                    "sont pas concernés."
                ),
                revoking=(
                    "Dès cet instant, rien de vous n’entre dans un nouvel entraînement. Un modèle "
                    "entraîné auparavant garde ce qu’il a appris : cela ne peut plus en être "
                    "retiré. Ne dites oui que si cela vous convient."
                ),
            ),
        ),
    ],
}


def current(kind: ConsentKind) -> ConsentText:
    return TEXTS[kind][0]


def text_of(kind: ConsentKind, number: int) -> ConsentText:
    """The words as they were in version *number*."""
    return next(text for text in TEXTS[kind] if text.number == number)
