"""Words of the demo: an agreement in two languages and a brief."""

from __future__ import annotations

AGREEMENT_TITLE = "Artist agreement"

AGREEMENT_EN = """\
This agreement is between you, the artist, and the programme that invited you. It says what you \
may do with the video model, what we do with what you make, and how you are paid. It is written \
to be read. If a sentence is unclear, ask us before you sign; we would rather change the sentence.

1. What you get

You get early access to a video model that is not public yet, for the time your cohort runs, and \
a share of the machines it runs on. Your share is counted in GPU seconds and shown to you. It is \
the same for every artist of the cohort.

You may stop at any time, without a reason and without losing what you have earned.

2. What is yours

Your prompts, your clips and everything you add to them belong to you. We claim no copyright in \
them. You can download your approved clips, and read your prompts, the decisions on your clips and \
your payments at any time, also after the cohort has ended.

We store your clips and prompts to run the programme. We do not train a model on them, and we do \
not give them to anyone who would.

3. Before a clip leaves the room

Every clip you want to show outside is looked at first by a member of our team. The reviewer \
watches for harm to people: likenesses of real persons without their consent, sexual content, \
hate, instructions for violence, and the work of others passed off as your own. The full list of \
reasons is published in the portal; a clip is never declined for a reason that is not on it.

Criticism is not on the list. You may make clips that criticise the model, the company behind it \
or this programme, and they are judged like any other clip.

You see the moment by which a decision is due. When we are late, the programme's admins are told \
without your doing anything. When a clip is declined, you are told which reason, in words. A \
decision covers the exact file that was seen: the same prompt made again is a new clip.

Until a clip is approved, please show it to nobody outside the programme. After it is approved, \
you may publish it where you like, as long as you say that it was made with an AI model.

4. What we ask of you

Keep your account to yourself. If someone else may have learned how to get in, tell us: we close \
that one door, and nobody else's.

Do not use the model to deceive people about real events, or to make images of real persons \
without their consent.

You owe us no feedback. If you give it, it is yours: we cannot change or delete it, and you may \
publish it. Praise is not paid better than complaint.

5. How you are paid

Work is paid as work. A clip made for a brief earns its rate when it is finished, whether or not \
it is approved later. A feedback report earns its rate when it is filed, whatever it says. The \
rates of your cohort are shown to you before you start and do not change backwards.

What you have earned stands in a ledger that nobody can rewrite, and you can read every line that \
concerns you. Payouts are drafted by one member of the team and approved by another.

6. Showing your work for us

We do not use your clips, your name or your words for publicity unless you have said yes to that \
one use. Saying no has no consequence. Saying yes is recorded, and paid.

7. If something goes wrong

If an access key or an account is misused, we close that key or that account first, tell you at \
once, and tell you how to get back in. We do not close the whole programme for the mistake of one \
person.

If you break section 4 on purpose, we may end your access. You keep your clips and what you have \
earned, and you can ask for the decision to be looked at again by someone who did not make it.

8. Changes

If we change this text, you are asked to read and sign the new version before you make new clips. \
Until you do, your clips, your statements and your earnings stay open to you. The version you \
signed stays in the portal, with the date and the name you typed.
"""

AGREEMENT_FR = """\
Cette convention lie deux parties : vous, l’artiste, et le programme qui vous invite. Elle dit ce \
que vous pouvez faire du modèle vidéo, ce que nous faisons de ce que vous créez, et comment votre \
travail est payé. Elle est écrite pour être lue. Si une phrase n’est pas claire, demandez-nous \
avant de signer : nous préférons changer la phrase.

1. Ce que vous recevez

Vous avez accès, avant le public, à un modèle vidéo, pendant la durée de votre cohorte, ainsi \
qu’à une part des machines qui le font tourner. Cette part est comptée en secondes de GPU, vous \
la voyez à tout moment, et elle est la même pour tous les artistes de la cohorte.

Vous pouvez arrêter quand vous voulez, sans donner de raison et sans perdre ce que vous avez gagné.

2. Ce qui est à vous

Vos prompts, vos clips et tout ce que vous y ajoutez vous appartiennent. Nous ne revendiquons \
aucun droit d’auteur sur eux. Vous pouvez à tout moment télécharger vos clips approuvés et relire \
vos prompts, les décisions prises sur vos clips et vos paiements, même après la fin de la cohorte.

Nous conservons vos clips et vos prompts pour faire fonctionner le programme. Nous n’entraînons \
aucun modèle avec eux, et nous ne les confions à personne qui le ferait.

3. Avant qu’un clip ne sorte

Chaque clip que vous voulez montrer au dehors est d’abord regardé par un membre de l’équipe. \
Cette personne veille à ce que nul n’en souffre : image d’une personne réelle sans son accord, \
contenu sexuel, haine, mode d’emploi de la violence, œuvre d’autrui présentée comme la vôtre. La \
liste complète des motifs est publiée dans le portail ; un clip n’est jamais refusé pour un motif \
qui n’y figure pas.

La critique n’y figure pas. Vous pouvez faire des clips qui critiquent le modèle, l’entreprise \
qui l’a conçu ou ce programme : ils sont jugés comme les autres.

Vous voyez le moment où la décision est due. Si nous sommes en retard, les responsables du \
programme en sont avertis sans que vous ayez rien à faire. Si un clip est refusé, vous savez pour \
quel motif, en toutes lettres. Une décision porte sur le fichier exact qui a été vu : le même \
prompt relancé donne un nouveau clip.

Tant qu’un clip n’est pas approuvé, ne le montrez à personne hors du programme. Une fois qu’il \
l’est, publiez-le où bon vous semble, en précisant qu’il a été fait avec un modèle d’IA.

4. Ce que nous vous demandons

Gardez votre compte pour vous. Si quelqu’un d’autre a pu apprendre comment y entrer, dites-le \
nous : nous fermons cette porte-là, et celle de personne d’autre.

N’utilisez pas le modèle pour tromper sur des faits réels, ni pour faire l’image de personnes \
réelles sans leur accord.

Vous ne nous devez aucun retour. Si vous en faites, ils sont à vous : nous ne pouvons ni les \
modifier ni les effacer, et vous pouvez les publier. L’éloge n’est pas mieux payé que la plainte.

5. Comment votre travail est payé

Un travail se paie comme un travail. Un clip fait pour une commande rapporte son tarif dès qu’il \
est terminé, qu’il soit ensuite approuvé ou non. Un retour d’expérience rapporte son tarif dès \
qu’il est déposé, quoi qu’il dise. Les tarifs de votre cohorte vous sont montrés avant de \
commencer et ne changent jamais pour le passé.

Ce que vous avez gagné est inscrit dans un livre de comptes que personne ne peut réécrire, et \
vous pouvez en lire chaque ligne qui vous concerne. Les versements sont préparés par un membre de \
l’équipe et approuvés par un autre.

6. Montrer votre travail

Nous n’utilisons ni vos clips, ni votre nom, ni vos mots pour notre publicité sans que vous ayez \
dit oui, à chaque fois, pour cet usage précis. Dire non est sans conséquence. Dire oui est \
consigné, et payé.

7. Si quelque chose tourne mal

Si une clé d’accès ou un compte est détourné, nous fermons d’abord cette clé ou ce compte, nous \
vous prévenons aussitôt et nous vous disons comment revenir. Nous ne fermons pas tout le \
programme pour l’erreur d’une seule personne.

Si vous enfreignez volontairement le point 4, nous pouvons mettre fin à votre accès. Vous gardez \
vos clips et ce que vous avez gagné, et vous pouvez demander que la décision soit revue par \
quelqu’un qui ne l’a pas prise.

8. Changements

Si nous changeons ce texte, nous vous demandons de lire et de signer la nouvelle version avant de \
faire de nouveaux clips. D’ici là, vos clips, vos relevés et vos gains vous restent ouverts. La \
version que vous avez signée demeure dans le portail, avec sa date et le nom que vous avez tapé.
"""

BRIEF_TITLE = "A place you miss"

BRIEF_TEXT = """\
Show us a place you miss, as you remember it rather than as it was. It can be a harbour, a \
kitchen, a hill at night: somewhere you could still find the light switch in the dark.

Two takes, please. Let the first be faithful and the second be wrong in a way you like. No people \
are needed, and no explanation; if you want to add a line about the place, write it in the note \
when you submit.

Both takes are paid when they are finished, whether we approve them or not.
"""
