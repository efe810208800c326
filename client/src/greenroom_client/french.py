"""What the command says in French, by what it says in English."""

from __future__ import annotations

from collections.abc import Mapping

FRENCH: Mapping[str, str] = {
    # The command and its options
    "Make clips at a Greenroom, watch them, fetch them.": (
        "Réalisez des clips dans un Greenroom, suivez-les, récupérez-les."
    ),
    "GREENROOM_API_KEY and GREENROOM_BASE_URL go before what “greenroom login” left.": (
        "GREENROOM_API_KEY et GREENROOM_BASE_URL passent avant ce que « greenroom login » a laissé."
    ),
    "Exit codes: 0 done, 1 failed, 2 not accepted as it was asked, 3 not signed in or not allowed, "
    "4 not found, 5 awaiting review, 6 declined or withdrawn, 7 a limit or budget is reached, "
    "8 Greenroom not reached, 130 interrupted.": (
        "Codes de sortie : 0 fait, 1 échec, 2 demande refusée telle quelle, 3 pas de connexion ou "
        "pas le droit, 4 introuvable, 5 en attente d’examen, 6 refusé ou retiré, 7 limite ou "
        "budget atteint, 8 Greenroom injoignable, 130 interrompu."
    ),
    "Show this message and exit.": "Affiche ce message.",
    "Show the version and exit.": "Affiche la version.",
    "Usage: ": "Utilisation : ",
    "Options": "Options ",
    "Commands": "Commandes ",
    "Where to write it.": "Où l’écrire.",
    "Overwrite a file that exists.": "Remplace un fichier qui existe.",
    "For programs: JSON.": "Pour les programmes : du JSON.",
    "The site, e.g. https://greenroom.example.": "Le site, p. ex. https://greenroom.example.",
    "Open the page to confirm at.": "Ouvre la page où confirmer.",
    "Allow http to another machine.": "Permet http vers une autre machine.",
    "Sign in by a code that you confirm in your browser.": (
        "Vous connecte par un code que vous confirmez dans votre navigateur."
    ),
    "Forget the key kept on this machine.": "Oublie la clé gardée sur cette machine.",
    "Who you are here, and whether the key works.": "Qui vous êtes ici, et si la clé fonctionne.",
    "What your cohort may use.": "Ce que votre cohorte peut utiliser.",
    "One of “greenroom models”; else the first.": (
        "L’un de ceux de « greenroom models » ; sinon le premier."
    ),
    "How long; else the model's first.": "La durée ; sinon la première du modèle.",
    "WIDTHxHEIGHT; else the model's first.": "LARGEURxHAUTEUR ; sinon la première du modèle.",
    "The same seed and settings give the same clip.": (
        "La même graine et les mêmes réglages donnent le même clip."
    ),
    "A picture to start from.": "Une image d’où partir.",
    "What you call it.": "Le nom que vous lui donnez.",
    "Wait until it is ready.": "Attend qu’il soit prêt.",
    "Ask for a clip. With -o its marked preview is fetched once it is ready.": (
        "Demande un clip. Avec -o, son aperçu marqué est récupéré dès qu’il est prêt."
    ),
    "Show a clip's progress until it is ready.": "Suit un clip jusqu’à ce qu’il soit prêt.",
    "Your clips, the newest first.": "Vos clips, les plus récents d’abord.",
    "Fetch a clip: the master once it is approved, its marked forms at once.": (
        "Récupère un clip : le master une fois approuvé, ses formes marquées tout de suite."
    ),
    "Stop a clip that waits or renders.": "Arrête un clip qui attend ou se calcule.",
    "Do not ask.": "Ne demande pas confirmation.",
    "Remove a finished clip.": "Supprime un clip terminé.",
    "Folder for the clips; else one named like the file.": (
        "Dossier pour les clips ; sinon un dossier du nom du fichier."
    ),
    "How many clips to ask for at a time.": "Combien de clips demander à la fois.",
    "Make a clip of every row of a CSV file; broken off, it goes on where it stopped.": (
        "Réalise un clip par ligne d’un fichier CSV ; interrompu, reprend où il s’est arrêté."
    ),
    "Columns: prompt, and if you like model, seconds, size, seed, title.": (
        "Colonnes : prompt, et si vous voulez model, seconds, size, seed, title."
    ),
    # What it says while it works
    "Stopped. What was asked for goes on at Greenroom.": (
        "Arrêté. Ce qui a été demandé continue chez Greenroom."
    ),
    "“{value}” is no id of a video.": "« {value} » n’est pas l’identifiant d’une vidéo.",
    "Say where: greenroom login --url https://…": "Dites où : greenroom login --url https://…",
    "Open {address} and confirm this code: {code}": (
        "Ouvrez {address} et confirmez ce code : {code}"
    ),
    "Signed in as {owner} in {cohort}. The key is kept in {path}.": (
        "Connexion établie : {owner}, {cohort}. La clé est gardée dans {path}."
    ),
    "You were not signed in.": "Aucune connexion n’était ouverte.",
    "Signed out: the key is no longer kept here.": (
        "Connexion fermée : la clé n’est plus gardée ici."
    ),
    "It works until it is revoked: {address}": (
        "Elle fonctionne jusqu’à sa révocation : {address}"
    ),
    "At {address}": "Sur {address}",
    "{owner} in {cohort}": "{owner}, {cohort}",
    "Key “{name}”, until {until}": "Clé « {name} », jusqu’au {until}",
    "With the key in {variable}": "Avec la clé de {variable}",
    "Model": "Modèle",
    "Sizes": "Tailles",
    "Seconds": "Secondes",
    "Name": "Nom",
    "ID": "ID",
    "Asked": "Demandé",
    "Where it stands": "Où il en est",
    "Prompt": "Prompt",
    "-o needs the clip to be watched; leave --no-watch out.": (
        "-o demande de suivre le clip ; retirez --no-watch."
    ),
    "{path} exists already. --force overwrites it.": ("{path} existe déjà. --force le remplace."),
    "Its marked preview: {path}": "Son aperçu marqué : {path}",
    "Cancelled.": "Annulé.",
    "Remove {video} for good?": "Supprimer {video} pour de bon ?",
    "Removed.": "Supprimé.",
    "{path} is a file. Name a folder with --out.": (
        "{path} est un fichier. Nommez un dossier avec --out."
    ),
    "{made} made, {failed} failed, {waiting} not asked for. See {results}": (
        "{made} réalisés, {failed} en échec, {waiting} pas encore demandés. Voir {results}"
    ),
    "The clip was not made: {why}": "Le clip n’a pas été réalisé : {why}",
    # Where a clip or a row stands
    "waiting": "en attente",
    "next": "le prochain",
    "{count} before it": "{count} avant lui",
    "rendering": "en calcul",
    "ready": "prêt",
    "ready; not submitted for release": "prêt ; pas soumis à l’examen",
    "ready; awaiting review": "prêt ; en attente d’examen",
    "approved": "approuvé",
    "changes asked for": "modifications demandées",
    "declined": "refusé",
    "ready; taken back from review": "prêt ; repris avant l’examen",
    "approval withdrawn": "approbation retirée",
    "failed": "échec",
    "not accepted": "pas accepté",
    "gone": "disparu",
    "It was deleted.": "Il a été supprimé.",
    # Signing in
    "You are not signed in. Sign in with “greenroom login --url …”.": (
        "Vous n’avez pas de connexion. Ouvrez-en une avec « greenroom login --url … »."
    ),
    "Set {variable} too.": "Définissez aussi {variable}.",
    "“{url}” is no address of a site.": "« {url} » n’est pas l’adresse d’un site.",
    "“{url}” would send your key where others can read it; use https.": (
        "« {url} » enverrait votre clé là où d’autres peuvent la lire ; utilisez https."
    ),
    "Nobody confirmed the code in time. Start again.": (
        "Personne n’a confirmé le code à temps. Recommencez."
    ),
    # What goes wrong
    "{path} cannot be written: {why}.": "Impossible d’écrire {path} : {why}.",
    "The connection broke. Try again.": "La liaison s’est rompue. Réessayez.",
    "Sign in with “greenroom login”.": "Connectez-vous avec « greenroom login ».",
    "Sign in again with “greenroom login”.": "Reconnectez-vous avec « greenroom login ».",
    "The marked preview is yours at once: --variant preview.": (
        "L’aperçu marqué est à vous tout de suite : --variant preview."
    ),
    "Cancel it first: “greenroom cancel ID”.": "Annulez-le d’abord : « greenroom cancel ID ».",
    "You find it on the site, under your name.": "Elle est sur le site, sous votre nom.",
    "Greenroom took too long to answer. Try again.": (
        "Greenroom a mis trop de temps à répondre. Réessayez."
    ),
    "Greenroom cannot be reached at {host}. Check the address and your network.": (
        "Greenroom est injoignable à {host}. Vérifiez l’adresse et votre réseau."
    ),
    "The answer could not be read: {why}": "La réponse est illisible : {why}",
    "Greenroom answered {status}, and not why. Is the address right?": (
        "Greenroom a répondu {status}, sans dire pourquoi. L’adresse est-elle juste ?"
    ),
    "Tell the programme’s team this number: {number}": (
        "Donnez ce numéro à l’équipe du programme : {number}"
    ),
    # Files of prompts
    "{path} is not in UTF-8. Save it as UTF-8.": (
        "{path} n’est pas en UTF-8. Enregistrez-le en UTF-8."
    ),
    "{path} cannot be read: {why}.": "Impossible de lire {path} : {why}.",
    "{path} has no column “prompt”.": "{path} n’a pas de colonne « prompt ».",
    "{path} has a column “{unknown}”. Known are: {known}.": (
        "{path} a une colonne « {unknown} ». Celles qui sont connues : {known}."
    ),
    "{path}, line {line}: more values than columns. Put a prompt with commas in quotes.": (
        "{path}, ligne {line} : plus de valeurs que de colonnes. Mettez entre guillemets droits un "
        "prompt qui contient des virgules."
    ),
    "{path} is no table: {why}.": "{path} n’est pas un tableau : {why}.",
    "{path} holds no prompt.": "{path} ne contient aucun prompt.",
    "{path} has {count} rows; at most {most}.": "{path} a {count} lignes ; {most} au plus.",
    "{path}, line {line}: there is no prompt.": "{path}, ligne {line} : il n’y a pas de prompt.",
    "{path}, line {line}: the seed “{seed}” is no whole number.": (
        "{path}, ligne {line} : la graine « {seed} » n’est pas un nombre entier."
    ),
    "{path} is of the batch at {address}. Name another --out.": (
        "{path} est du lot de {address}. Nommez un autre --out."
    ),
    "{path} cannot be read. Name another --out.": ("{path} est illisible. Nommez un autre --out."),
}
