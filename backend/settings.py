"""Everything that can be configured, read once: environment variables, or a `.env` file beside the process."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from backend.domain.announcements import key_of, may_receive

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Frozen settings. Each field is the environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(env_file=".env", frozen=True, extra="ignore", hide_input_in_errors=True)

    data_dir: Path = Field(default=Path("data"), description="Dossier de la base SQLite et des photos.")
    database_url: str = Field(
        default="", description="Base PostgreSQL (`postgresql://…`). Vide : SQLite dans DATA_DIR."
    )
    photo_store_url: str = Field(
        default="", description="Où garder les photos : `s3://…`, ou vide pour un dossier de DATA_DIR."
    )
    public_url: str = Field(
        default="http://localhost:8000",
        description="Adresse publique du site, imprimée dans les QR codes. HTTPS est nécessaire aux téléphones.",
    )
    host: str = Field(default="127.0.0.1", description="Adresse où le serveur écoute.")
    port: int = Field(default=8000, description="Port où le serveur écoute.")
    trusted_proxies: str = Field(
        default="127.0.0.1,::1",
        description=(
            "Relais (proxy) crus quand ils disent qui appelle : adresses ou réseaux, séparés par des virgules."
            " Sans le bon relais, tous les envois du public comptent comme ceux d’une seule personne."
        ),
    )
    criteria_dir: Path = Field(default=ROOT / "criteria", description="Dossier des grilles.")
    geocoder_domain: str = Field(
        default="data.geopf.fr/geocodage", description="Moteur d’adresses (API de la BAN). Vide : aucun."
    )
    geocoder_scheme: str = Field(default="https", description="`https`, ou `http` pour un moteur local.")
    tile_url: str = Field(
        default=(
            "https://data.geopf.fr/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&STYLE=normal"
            "&TILEMATRIXSET=PM&FORMAT=image/png&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2"
            "&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
        ),
        description="Fond de carte, avec {z}, {x} et {y}.",
    )
    tile_attribution: str = Field(default="© IGN", description="Mention due au fond de carte.")
    walk_url: str = Field(
        default="https://www.openstreetmap.org/directions?engine=fossgis_osrm_foot&from=&to={lat},{lon}",
        description="Où mène « à pied » sur une fiche, avec {lat} et {lon}. Vide : pas de lien.",
    )
    transit_url: str = Field(
        default="https://www.google.com/maps/dir/?api=1&travelmode=transit&destination={lat},{lon}",
        description="Où mène « en transport » sur une fiche, avec {lat} et {lon}. Vide : pas de lien.",
    )
    car_url: str = Field(
        default="https://www.openstreetmap.org/directions?engine=fossgis_osrm_car&from=&to={lat},{lon}",
        description="Où mène « en voiture » sur une fiche, avec {lat} et {lon}. Vide : pas de lien.",
    )
    session_days: int = Field(default=30, description="Durée d’une session de l’équipe, en jours.")
    device_days: int = Field(default=400, description="Durée d’inscription d’un téléphone, en jours.")
    invitation_days: int = Field(default=14, description="Durée d’une invitation, en jours.")
    batch_mb: int = Field(default=1, description="Taille maximale d’un envoi de réponses, en Mo.")
    photo_mb: int = Field(default=8, description="Taille maximale d’une photo, en Mo.")
    import_mb: int = Field(default=5, description="Taille maximale d’un fichier de commerces, en Mo.")
    document_mb: int = Field(default=10, description="Taille maximale d’un document d’un commerce, en Mo.")
    documents_mb: int = Field(
        default=100, description="Place pour tous les documents d’un même commerce, en Mo."
    )

    mail_url: str = Field(
        default="",
        description=(
            "Serveur d’e-mail : `smtp://nom:secret@hôte:587` ou `smtps://…`. `file` : un dossier de DATA_DIR."
            " Vide : aucun e-mail ne part."
        ),
    )
    mail_from: str = Field(
        default="", description="Adresse qui écrit les e-mails. Vide : `caisse@` suivi du nom du site."
    )
    mail_reply_to: str = Field(
        default="", description="Adresse à qui l’on répond, si la coordination du territoire n’en a pas."
    )

    webhook_url: str = Field(
        default="",
        description="Adresse du logiciel de Moneko qui reçoit les annonces, en `https://…`. Vide : aucune ne part.",
    )
    webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description=(
            "Secret partagé avec Moneko, qui signe les annonces : `whsec_` suivi d’au moins 24 octets en base64."
        ),
    )

    @model_validator(mode="after")
    def _signed_and_safe(self) -> Self:
        if self.webhook_url and not may_receive(self.webhook_url):
            raise ValueError("WEBHOOK_URL : https:// est nécessaire, sans mot de passe dans l’adresse.")
        if self.webhook_url:
            try:
                key_of(self.webhook_secret.get_secret_value())
            except ValueError:
                wanted = "WEBHOOK_SECRET : whsec_ suivi d’au moins 24 octets en base64."
                raise ValueError(wanted) from None
        return self

    @property
    def sqlalchemy_url(self) -> str:
        """The database, as SQLAlchemy names it (psycopg 3 for PostgreSQL)."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir / 'caisse.db'}"
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def secure(self) -> bool:
        """Whether cookies travel on HTTPS only."""
        return self.public_url.startswith("https://")
