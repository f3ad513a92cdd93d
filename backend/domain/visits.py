"""A visit in words: its states, and what can keep it from taking place."""

from backend.domain.errors import N_

MOST_MEMBERS = 3  # a duo or a trio; alone when nobody else could come

# the values of `visit.state`, in the order of a visit's life
VISIT_STATE_NAMES: dict[str, str] = {
    "planned": N_("prévue"),
    "open": N_("commencée"),
    "closed": N_("terminée, pas encore reçue en entier"),
    "received": N_("reçue par la caisse"),
    "decided": N_("décidée"),
    "impossible": N_("impossible"),
    "cancelled": N_("annulée"),
}

# What the committee reads: a visit whose duo has finished.
ON_AGENDA = frozenset({"closed", "received", "decided"})

CANCELLABLE = frozenset({"planned", "open"})

IMPOSSIBLE_CAUSES: dict[str, str] = {
    "closed": N_("Le commerce était fermé."),
    "refused": N_("Le commerce n’a pas voulu."),
    "not_found": N_("Le commerce est introuvable à cette adresse."),
    "other": N_("Une autre raison."),
}

# Why someone gives up their place. Nobody has to say more: an illness is their own business.
REPLACED_BECAUSE: dict[str, str] = {
    "prevented": N_("Ne peut pas venir ce jour-là."),
    "gives_up": N_("Préfère laisser sa place."),
    "tied": N_("A un lien avec ce commerce."),
    "other": N_("Une autre raison."),
}

# How a duo fills the grid; the phones know them by these names too.
MODE_NAMES: dict[str, str] = {
    "one_phone": N_("Un seul téléphone pour le duo"),
    "separate": N_("Chacune et chacun sur son téléphone, puis on compare"),
    "two_phones": N_("Ensemble, sur deux téléphones"),
}
