"""The one catalogue of refusals: a stable code, an HTTP status, and a plain French sentence that says what to do next.

Everything that says no to a person or a program raises `Refusal`; only `web/problems.py` turns it into a response.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One way to say no. `detail` may hold `{name}` places, filled by the refusal's parameters."""

    code: str
    status: int
    title: str
    detail: str


def N_(text: str) -> str:
    """Marks a text for the gettext catalogue; it is translated where it is shown."""
    return text


CATALOGUE: dict[str, Problem] = {
    problem.code: problem
    for problem in (
        # what a program sent
        Problem(
            "malformed_json",
            400,
            N_("Message illisible"),
            N_(
                "L’application a envoyé un message que la caisse n’a pas pu lire."
                " Rien n’est perdu : fermez l’application, rouvrez-la et envoyez de nouveau."
            ),
        ),
        Problem(
            "malformed_batch",
            400,
            N_("Envoi mal formé"),
            N_(
                "Cet envoi n’a pas la forme attendue ({where})."
                " Rien n’est perdu : mettez l’application à jour et envoyez de nouveau."
            ),
        ),
        Problem(
            "too_many_entries",
            413,
            N_("Envoi trop long"),
            N_("Un envoi contient au plus {limit} éléments. L’application va l’envoyer en plusieurs fois."),
        ),
        Problem(
            "body_too_large",
            413,
            N_("Envoi trop lourd"),
            N_("Cet envoi dépasse {limit} Mo. Envoyez-le en plusieurs fois, ou avec une image plus petite."),
        ),
        Problem(
            "entry_invalid",
            422,
            N_("Réponse à corriger"),
            N_(
                "Un élément de la visite est incomplet ou mal écrit ({where})."
                " Il reste sur ce téléphone : ouvrez-le et répondez de nouveau."
            ),
        ),
        Problem(
            "unknown_kind",
            422,
            N_("Élément inconnu"),
            N_(
                "La caisse ne connaît pas encore ce genre d’élément ({kind})."
                " Il reste sur ce téléphone et partira quand la caisse aura été mise à jour."
            ),
        ),
        Problem(
            "unknown_grid",
            422,
            N_("Grille inconnue"),
            N_("Cette visite utilise une grille que la caisse n’a pas ({grid}). Prévenez la coordination."),
        ),
        Problem(
            "wrong_grid",
            422,
            N_("Autre grille"),
            N_(
                "Cette visite est prévue avec la grille {expected}, pas avec {grid}."
                " Rouvrez la visite depuis la liste pour reprendre la bonne grille."
            ),
        ),
        Problem(
            "unknown_criterion",
            422,
            N_("Critère inconnu"),
            N_(
                "Le critère « {criterion} » n’est pas dans la grille de cette visite. Prévenez la coordination."
            ),
        ),
        Problem(
            "not_a_level",
            422,
            N_("Niveau inconnu"),
            N_(
                "Le niveau choisi n’existe pas pour « {criterion} ». Ouvrez ce critère et choisissez un niveau."
            ),
        ),
        Problem(
            "must_apply",
            422,
            N_("Ce critère s’applique toujours"),
            N_(
                "« Ne s’applique pas » n’est pas permis pour « {criterion} »."
                " Ouvrez ce critère et choisissez un niveau."
            ),
        ),
        Problem(
            "foreign_sheet",
            403,
            N_("Feuille de quelqu’un d’autre"),
            N_("On n’écrit que sur sa propre feuille ou sur la feuille commune. Répondez sur la vôtre."),
        ),
        Problem(
            "foreign_visit",
            403,
            N_("Visite de quelqu’un d’autre"),
            N_(
                "Cette visite ne vous est pas confiée. Ce que vous avez noté reste sur ce téléphone :"
                " appelez la coordination."
            ),
        ),
        Problem(
            "foreign_author",
            403,
            N_("Autrice ou auteur inconnu ici"),
            N_(
                "La personne qui a écrit ceci n’est pas inscrite sur ce téléphone et ne fait pas cette visite."
                " Demandez une invitation à la coordination."
            ),
        ),
        Problem(
            "id_conflict",
            409,
            N_("Deux versions du même élément"),
            N_(
                "La caisse a déjà reçu un autre contenu sous ce numéro et le garde."
                " Le vôtre reste sur ce téléphone : prévenez la coordination."
            ),
        ),
        # photos
        Problem(
            "photo_unannounced",
            404,
            N_("Photo non annoncée"),
            N_("Aucune visite à vous n’annonce cette photo. Envoyez d’abord les réponses, puis la photo."),
        ),
        Problem(
            "photo_type",
            415,
            N_("Ce n’est pas une photo lisible"),
            N_(
                "La caisse accepte les photos JPEG, PNG et WebP. Reprenez la photo avec l’appareil du téléphone."
            ),
        ),
        Problem(
            "voice_unusable",
            422,
            N_("Note vocale qui ne s’entend pas"),
            N_("Cette note ne s’entend pas, ou dure plus d’une minute. Dites-la à nouveau."),
        ),
        Problem(
            "photo_damaged",
            422,
            N_("Photo abîmée en route"),
            N_("La photo reçue n’est pas celle qui était annoncée. L’application va l’envoyer de nouveau."),
        ),
        # joining
        Problem(
            "unknown_code",
            404,
            N_("Code inconnu"),
            N_(
                "Ce code n’existe pas. Vérifiez les lettres une à une, ou demandez-en un autre à la coordination."
            ),
        ),
        Problem(
            "expired_code",
            410,
            N_("Code trop ancien"),
            N_(
                "Ce code n’est plus valable : il servait quatorze jours. Demandez-en un autre à la coordination."
            ),
        ),
        Problem(
            "too_many_devices",
            410,
            N_("Déjà trois appareils"),
            N_(
                "Ce code a déjà servi sur {limit} appareils."
                " Demandez-en un autre à la coordination, ou reprenez un des {limit} appareils."
            ),
        ),
        Problem(
            "too_many_tries",
            429,
            N_("Trop d’essais"),
            N_("Trop d’essais en peu de temps. Attendez {minutes} minutes, puis recommencez."),
        ),
        # signing in and rights
        Problem(
            "not_signed_in",
            401,
            N_("Vous n’êtes plus connecté"),
            N_(
                "La caisse ne vous reconnaît plus. Ce qui est sur cet appareil est gardé : connectez-vous de nouveau."
            ),
        ),
        Problem(
            "wrong_passphrase",
            401,
            N_("Adresse ou phrase de passe inconnue"),
            N_("Vérifiez l’une et l’autre, puis recommencez. La coordination peut vous aider."),
        ),
        Problem(
            "forbidden",
            403,
            N_("Page réservée"),
            N_(
                "Votre rôle ne donne pas accès à cette page. Revenez à l’accueil ou demandez à la coordination."
            ),
        ),
        Problem(
            "cross_site",
            403,
            N_("Envoi venu d’un autre site"),
            N_("Cet envoi ne vient pas de nos pages. Rouvrez la page ici, puis recommencez."),
        ),
        Problem(
            "not_found",
            404,
            N_("Page introuvable"),
            N_("Cette page n’existe pas ou n’existe plus. Vérifiez l’adresse, ou revenez à l’accueil."),
        ),
        Problem(
            "place_gone",
            410,
            N_("Ce lieu n’est plus sur la carte"),
            N_("On ne peut plus y payer en Moneko. Cherchez un autre lieu sur la carte."),
        ),
        Problem(
            "method_not_allowed",
            405,
            N_("Cela ne se fait pas ici"),
            N_("Cette adresse ne sert pas à cela. Revenez à la page précédente et recommencez."),
        ),
        Problem(
            "form_invalid",
            422,
            N_("Formulaire à compléter"),
            N_("{sentence}"),
        ),
        Problem(
            "form_expired",
            422,
            N_("Formulaire trop ancien"),
            N_("Ce formulaire n’a pas sa clé. Rouvrez la page, puis recommencez."),
        ),
        # outlines of territories
        Problem(
            "outline_unreadable",
            422,
            N_("Limites illisibles"),
            N_(
                "Ce fichier n’a pas de surfaces avec un nom. Donnez du GeoJSON en degrés, comme geo.api.gouv.fr."
            ),
        ),
        Problem(
            "outline_unknown",
            422,
            N_("Commune inconnue"),
            N_("Ce fichier ne connaît pas « {name} ». Vérifiez le nom ou le code, puis recommencez."),
        ),
        Problem(
            "territory_unknown",
            422,
            N_("Territoire inconnu"),
            N_("Il n’y a pas de territoire {territory}. Ajoutez-le d’abord, puis recommencez."),
        ),
        # what one writes about a merchant
        Problem("name_missing", 422, N_("Nom manquant"), N_("Il manque le nom du commerce. Écrivez-le.")),
        Problem(
            "detail_too_long",
            422,
            N_("Texte trop long"),
            N_("Ce texte dépasse {limit} signes. Raccourcissez-le."),
        ),
        Problem(
            "merchant_kind_wrong",
            422,
            N_("Genre inconnu"),
            N_("Le genre « {text} » n’est pas dans la liste. Choisissez-en un de la liste."),
        ),
        Problem(
            "siret_wrong",
            422,
            N_("SIRET à vérifier"),
            N_("Ce SIRET n’est pas bon : il a 14 chiffres, dont un de contrôle. Recopiez-le en entier."),
        ),
        Problem(
            "siret_shortened",
            422,
            N_("SIRET abrégé par le tableur"),
            N_("Le tableur a abrégé ce SIRET. Mettez la colonne au format texte, puis recopiez le SIRET."),
        ),
        Problem(
            "siret_taken",
            422,
            N_("SIRET déjà pris"),
            N_("Ce SIRET est déjà celui de « {name} ». Vérifiez-le, ou complétez la fiche qui existe."),
        ),
        Problem(
            "nothing_to_send",
            409,
            N_("Rien à envoyer"),
            N_(
                "Aucun commerce n’est à envoyer à Moneko pour le moment."
                " Revenez quand un commerce conventionné aura été informé."
            ),
        ),
        Problem(
            "moneko_columns",
            422,
            N_("Colonnes inconnues"),
            N_(
                "Ce fichier n’a pas de colonne « {columns} »."
                " Exportez-le de nouveau depuis le logiciel de Moneko, avec ces colonnes."
            ),
        ),
        Problem(
            "partner_taken",
            409,
            N_("Partenaire déjà relié"),
            N_(
                "Ce partenaire de Moneko est déjà relié à « {name} ». Vérifiez lequel des deux commerces il est."
            ),
        ),
        Problem(
            "partner_unknown",
            422,
            N_("Partenaire inconnu"),
            N_("Ce partenaire n’est plus dans la liste de Moneko. Choisissez-en un de la page."),
        ),
        Problem(
            "follower_unknown",
            422,
            N_("Personne inconnue"),
            N_("Cette personne ne coordonne pas ce territoire. Choisissez quelqu’un de la liste."),
        ),
        Problem(
            "merchant_exists",
            422,
            N_("Déjà dans la liste"),
            N_("Il y a déjà « {name} » à cet endroit. Ouvrez sa fiche, ou donnez un nom qui les distingue."),
        ),
        Problem(
            "already_public",
            409,
            N_("Déjà sur la carte"),
            N_(
                "Ce commerce est peut-être déjà conventionné. Regardez sa fiche, ou dites que ce n’est pas le même."
            ),
        ),
        Problem(
            "likely_duplicate",
            422,
            N_("Peut-être déjà dans la liste"),
            N_("Ce commerce ressemble à un autre. Ouvrez sa fiche, ou dites que ce n’est pas le même."),
        ),
        Problem(
            "phone_wrong",
            422,
            N_("Téléphone à vérifier"),
            N_("Ce numéro de téléphone n’existe pas. Vérifiez-le : un numéro français a dix chiffres."),
        ),
        Problem(
            "email_wrong",
            422,
            N_("Adresse e-mail à vérifier"),
            N_("Cette adresse e-mail n’est pas complète. Vérifiez-la : elle ressemble à nom@exemple.fr."),
        ),
        Problem(
            "website_wrong",
            422,
            N_("Adresse du site à vérifier"),
            N_("Cette adresse de site n’est pas bonne. Vérifiez-la : elle ressemble à https://exemple.fr."),
        ),
        Problem(
            "postcode_wrong",
            422,
            N_("Code postal à vérifier"),
            N_("Ce code postal n’est pas bon : il a cinq chiffres. Vérifiez-le."),
        ),
        Problem(
            "hours_wrong",
            422,
            N_("Horaires non compris"),
            N_(
                "Ces horaires n’ont pas été compris. Écrivez par exemple « lundi-vendredi 9h-12h30, samedi 9h-13h »."
            ),
        ),
        Problem(
            "day_hours_wrong",
            422,
            N_("Heures à vérifier"),
            N_(
                "Il manque une heure, ou elles ne se suivent pas. Écrivez-les dans l’ordre, par exemple 9:00 à 12:30."
            ),
        ),
        Problem(
            "changed_meanwhile",
            409,
            N_("Quelqu’un a changé la même chose"),
            N_(
                "Rien n’est enregistré. Ce que vous avez écrit est encore là :"
                " relisez ce qui a changé, puis enregistrez."
            ),
        ),
        Problem(
            "position_wrong",
            422,
            N_("Position à vérifier"),
            N_(
                "Cette position n’est pas bonne : il faut une latitude et une longitude,"
                " par exemple 47,2105 et -1,5983."
            ),
        ),
        Problem(
            "position_far",
            422,
            N_("Position trop loin"),
            N_("Cette position est très loin du territoire. Latitude et longitude sont peut-être inversées."),
        ),
        # importing
        Problem(
            "csv_encoding",
            422,
            N_("Fichier illisible"),
            N_(
                "Ce fichier n’est ni en UTF-8 ni dans l’encodage d’Excel."
                " Dans votre tableur, choisissez « CSV UTF-8 », puis recommencez."
            ),
        ),
        Problem(
            "csv_workbook",
            422,
            N_("Un classeur, pas un CSV"),
            N_(
                "Ce fichier est un classeur de tableur. Dans Excel : « Enregistrer sous »,"
                " puis « CSV UTF-8 (délimité par des virgules) ». Envoyez ensuite ce nouveau fichier."
            ),
        ),
        Problem(
            "csv_columns",
            422,
            N_("Colonnes manquantes"),
            N_(
                "Il manque la colonne {columns}. Ajoutez-la à la première ligne du fichier, puis recommencez."
            ),
        ),
        Problem(
            "csv_empty",
            422,
            N_("Fichier vide"),
            N_("Ce fichier n’a aucune ligne de commerce. Vérifiez que c’est le bon, puis recommencez."),
        ),
        Problem(
            "csv_quotes",
            422,
            N_("Guillemet de trop"),
            N_("À la ligne {line}, un guillemet n’est pas fermé. Corrigez cette ligne, puis recommencez."),
        ),
        Problem(
            "csv_too_many_lines",
            422,
            N_("Fichier trop long"),
            N_("Ce fichier a plus de {limit} lignes. Coupez-le en plusieurs fichiers, puis recommencez."),
        ),
        Problem(
            "csv_shifted",
            422,
            N_("Ligne décalée"),
            N_(
                "Cette ligne a plus de cases que la première. Un séparateur est de trop, ou un guillemet manque."
            ),
        ),
        Problem(
            "csv_twice",
            422,
            N_("Ligne en double"),
            N_("C’est le même commerce qu’à la ligne {line}. Gardez une seule des deux lignes."),
        ),
        Problem(
            "other_place",
            422,
            N_("Quel point de vente ?"),
            N_(
                "Ce commerce a plusieurs points de vente, et aucun n’est à cette adresse."
                " L’adresse et les horaires sont laissés de côté : changez-les sur la fiche."
            ),
        ),
        # rules of the merchant's life
        Problem(
            "grid_not_published",
            422,
            N_("Grille pas encore publiée"),
            N_("La grille {grid} est un brouillon ou a été retirée. Choisissez une grille publiée."),
        ),
        Problem(
            "visit_not_closed",
            409,
            N_("Visite pas encore terminée"),
            N_(
                "Cette visite n’est pas terminée ou pas entièrement reçue. Attendez, ou dites pourquoi continuer."
            ),
        ),
        Problem(
            "paper_differs",
            409,
            N_("Le papier et le téléphone ne disent pas la même chose"),
            N_(
                "Rien n’est encore enregistré. Regardez les différences en haut de la page,"
                " corrigez ce qui est mal recopié, puis enregistrez de nouveau."
            ),
        ),
        Problem(
            "title_missing",
            422,
            N_("Il manque un titre"),
            N_("Dites en quelques mots ce qu’est ce document, par exemple « Charte signée »."),
        ),
        Problem(
            "document_empty",
            422,
            N_("Fichier vide"),
            N_("Ce fichier est vide. Ouvrez-le sur votre appareil, puis choisissez-le de nouveau."),
        ),
        Problem(
            "document_type",
            415,
            N_("Ce fichier ne se garde pas ici"),
            N_(
                "La caisse garde les PDF et les images JPEG, PNG et WebP qui s’ouvrent."
                " Enregistrez ce document en PDF, ou prenez-le en photo."
            ),
        ),
        Problem(
            "documents_full",
            409,
            N_("Plus de place pour les documents"),
            N_("Les documents d’un commerce prennent au plus {limit} Mo. Retirez-en un, puis recommencez."),
        ),
        Problem(
            "read_again",
            409,
            N_("Du nouveau est arrivé"),
            N_(
                "Du nouveau est arrivé depuis que vous avez ouvert cette page. Rien n’est enregistré :"
                " relisez ce qui a changé, puis enregistrez de nouveau."
            ),
        ),
        Problem(
            "reasons_missing",
            422,
            N_("Il manque les raisons"),
            N_(
                "Le commerce doit savoir pourquoi quand la décision ne suit pas la proposition de la grille,"
                " ou quand il n’est pas conventionné. Écrivez les raisons : une phrase suffit."
            ),
        ),
        Problem(
            "no_visit",
            422,
            N_("Aucune visite n’appuie cette décision"),
            N_("Écrivez dans les raisons pourquoi le comité décide sans visite. Le commerce les lira."),
        ),
        Problem(
            "wrong_stage",
            409,
            N_("Ce n’est pas encore le moment"),
            N_("Le commerce en est à « {stage} ». Faites d’abord l’étape précédente."),
        ),
        Problem(
            "steps_left",
            422,
            N_("Des étapes ne sont pas cochées"),
            N_(
                "Il en reste {left}. Le commerce peut-il vraiment être payé en Moneko aujourd’hui ?"
                " Si oui, cochez la réponse au-dessus du bouton, puis enregistrez de nouveau."
            ),
        ),
        # planning
        Problem(
            "person_barred",
            422,
            N_("Cette personne ne doit pas y aller"),
            N_("{why} Choisissez quelqu’un d’autre."),
        ),
        Problem(
            "visit_exists",
            409,
            N_("Visite déjà prévue"),
            N_(
                "« {merchant} » a déjà une visite ce jour-là, avec {people}."
                " Ouvrez-la depuis le commerce pour la changer, ou choisissez un autre jour."
            ),
        ),
        # territories and accounts
        Problem(
            "territory_name_missing",
            422,
            N_("Il manque le nom"),
            N_("Écrivez le nom de ce territoire, comme les gens le disent."),
        ),
        Problem(
            "folder_missing",
            422,
            N_("Pas de dossier pour ses grilles"),
            N_(
                "Il n’y a pas de dossier {id} parmi les grilles. Créez-le d’abord, avec une grille, puis revenez."
            ),
        ),
        Problem(
            "last_admin",
            409,
            N_("Le dernier compte de l’administration"),
            N_(
                "Il ne resterait personne pour tenir les comptes."
                " Donnez d’abord ce rôle à quelqu’un d’autre, puis recommencez."
            ),
        ),
        Problem(
            "account_exists",
            409,
            N_("Ce compte existe déjà"),
            N_("{email} a déjà un compte. Ouvrez-le dans la liste pour lui donner un autre rôle."),
        ),
        # erasing
        Problem(
            "person_erased",
            410,
            N_("Personne effacée"),
            N_(
                "Vos informations ont été effacées, comme vous l’avez demandé : cette invitation ne sert plus."
                " Pour revenir, demandez une nouvelle invitation à la coordination."
            ),
        ),
        Problem(
            "photo_erased",
            410,
            N_("Photo ou note effacée"),
            N_("Cette photo ou cette note vocale a été effacée de la caisse. Vous n’avez rien à faire."),
        ),
        Problem(
            "name_differs",
            422,
            N_("Pas le même nom"),
            N_("Écrivez « {name} », comme au-dessus, pour confirmer. Rien n’est effacé."),
        ),
        Problem(
            "visits_ahead",
            409,
            N_("Des visites à confier d’abord"),
            N_(
                "{name} a encore une visite à faire ou à terminer. Confiez-la à quelqu’un d’autre, puis revenez."
            ),
        ),
        Problem(
            "still_staff",
            409,
            N_("Un compte à fermer d’abord"),
            N_(
                "{name} a aussi un compte de l’équipe. Demandez à l’administration de le fermer, puis revenez."
            ),
        ),
        # e-mails
        Problem(
            "mail_gone",
            409,
            N_("Déjà parti"),
            N_("Cet e-mail est parti entre-temps : il n’y a rien à refaire. Rouvrez la liste."),
        ),
        # the committee's evening
        Problem(
            "session_closed",
            409,
            N_("Séance close"),
            N_("La séance du {day} est close : son compte rendu ne change plus. Ouvrez-en une autre."),
        ),
        Problem(
            "session_ahead",
            409,
            N_("Séance à venir"),
            N_(
                "Cette séance est prévue le {day} : elle ne se clôt qu’une fois tenue. Changez sa date, ou attendez."
            ),
        ),
        Problem(
            "not_on_agenda",
            409,
            N_("Pas à l’ordre du jour"),
            N_(
                "Ce commerce n’est pas à l’ordre du jour de cette séance. Ajoutez-le, puis enregistrez de nouveau."
            ),
        ),
        Problem(
            "already_on_agenda",
            409,
            N_("Déjà à l’ordre du jour"),
            N_("Ce commerce est déjà à l’ordre du jour de cette séance. Rouvrez la page pour le voir."),
        ),
        Problem(
            "quorum_missing",
            409,
            N_("Quorum pas atteint"),
            N_(
                "Il faut {quorum} personnes pour décider et {there} peuvent le faire : il en manque {missing}."
                " Complétez la liste des présents, ou reportez ce commerce à une autre séance."
            ),
        ),
        Problem(
            "objection_left",
            422,
            N_("Il reste une opposition"),
            N_(
                "Quelqu’un est contre : ce n’est pas un consentement. Levez l’objection, ou choisissez le vote."
            ),
        ),
        Problem(
            "votes_too_many",
            422,
            N_("Trop de voix"),
            N_(
                "Il y a plus de voix que de personnes qui peuvent voter ({there}). Comptez de nouveau les voix."
            ),
        ),
        Problem(
            "votes_missing",
            422,
            N_("Il manque les voix"),
            N_("Écrivez combien de personnes sont pour cette décision, ou choisissez le consentement."),
        ),
        Problem(
            "votes_against",
            422,
            N_("La majorité est contre"),
            N_(
                "Il y a plus de voix contre que pour : cette décision n’est pas prise."
                " Comptez de nouveau les voix, ou enregistrez une autre décision."
            ),
        ),
        # following up
        Problem(
            "why_missing",
            422,
            N_("Il manque la raison"),
            N_("Écrivez pourquoi : une phrase suffit. Le comité et l’équipe Moneko la liront."),
        ),
        Problem(
            "following_day_wrong",
            422,
            N_("Jour à choisir"),
            N_("Choisissez un jour à venir, d’ici trois ans, pour prolonger cet engagement."),
        ),
        Problem(
            "following_note_missing",
            422,
            N_("Il manque une note"),
            N_("Écrivez en une phrase pourquoi l’engagement n’est pas tenu, ou pourquoi il est prolongé."),
        ),
        # the merchant's side
        Problem(
            "link_unknown",
            404,
            N_("Ce lien n’existe pas"),
            N_("Recopiez le lien en entier, ou demandez-en un autre à la coordination."),
        ),
        Problem(
            "link_expired",
            410,
            N_("Ce lien est trop ancien"),
            N_("Il servait un an. Demandez-en un autre à la coordination : rien n’est perdu."),
        ),
        Problem(
            "link_revoked",
            410,
            N_("Ce lien a été remplacé ou retiré"),
            N_("Ouvrez le lien le plus récent, ou demandez-en un autre à la coordination."),
        ),
        Problem(
            "link_needed",
            401,
            N_("Votre page est refermée"),
            N_(
                "Elle se referme au bout d’un jour. Ouvrez de nouveau le lien que la coordination vous a donné."
            ),
        ),
        Problem(
            "link_missing",
            409,
            N_("Le commerce n’a pas de lien"),
            N_("Faites d’abord son lien personnel et donnez-le-lui, puis recommencez."),
        ),
        Problem(
            "declaration_closed",
            409,
            N_("La visite est terminée"),
            N_(
                "Ce que vous avez dit avant la visite ne change plus."
                " Vous pourrez répondre à la décision du comité."
            ),
        ),
        Problem(
            "appeal_made",
            409,
            N_("Recours déjà envoyé"),
            N_("Une demande de nouvel examen est déjà faite pour cette décision. Suivez-la sur cette page."),
        ),
        Problem(
            "appeal_over",
            409,
            N_("Le délai est passé"),
            N_("Le nouvel examen se demandait jusqu’au {day}. Vous pouvez encore répondre, ou nous appeler."),
        ),
        # paper
        Problem(
            "pdf_unavailable",
            503,
            N_("Pas de PDF sur ce serveur"),
            N_("Imprimez la page depuis votre navigateur : il sait aussi l’enregistrer en PDF."),
        ),
        Problem(
            "unavailable",
            503,
            N_("La caisse est occupée"),
            N_(
                "La caisse ne peut pas répondre pour le moment. Rien n’est perdu : réessayez dans une minute."
            ),
        ),
        Problem(
            "internal",
            500,
            N_("Quelque chose n’a pas marché"),
            N_(
                "Quelque chose n’a pas marché de notre côté. Rien n’a été changé : réessayez dans un instant."
            ),
        ),
    )
}


class Refusal(Exception):
    """Says no, by a code of the catalogue and its parameters (JSON values).

    >>> Refusal("too_many_entries", limit=500).problem.status
    413
    """

    def __init__(self, code: str, **params: object) -> None:
        self.problem = CATALOGUE[code]
        self.params: Mapping[str, object] = params
        super().__init__(code, params)

    def __str__(self) -> str:
        return self.problem.detail.format(**self.params)

    def as_dict(self) -> dict[str, object]:
        """The RFC 9457 form, French: type, title, status, detail, then the parameters."""
        return {
            "type": f"/problemes/{self.problem.code}",
            "title": self.problem.title,
            "status": self.problem.status,
            "detail": str(self),
            **self.params,
        }
