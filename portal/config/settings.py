"""All settings, each from one environment variable (see docs/reference/settings.md).

Reads fail loudly: a secret that is missing is an error that names it.
"""

from __future__ import annotations

import secrets
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from portal.config import beat, env, stores

env.load()

BASE_DIR = env.BASE_DIR
VAR_DIR = env.var_dir()

# A tool command (makemigrations, starter, …) serves nobody, so it may run without secrets.
TOOL = env.flag("GREENROOM_TOOL")
DEMO = env.flag("GREENROOM_DEMO")
TESTING = env.flag("GREENROOM_TESTING")
DEBUG = False

SECRET_KEY = env.secret(
    "GREENROOM_SECRET_KEY", stand_in=secrets.token_urlsafe(48) if TOOL else None
)
BASE_URL = env.text("GREENROOM_URL", default="http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.words("GREENROOM_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [BASE_URL]

_LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "testserver"}
if DEMO and not set(ALLOWED_HOSTS) <= _LOOPBACK:
    raise ImproperlyConfigured(
        "GREENROOM_DEMO is on, but GREENROOM_HOSTS names a host other than this machine. "
        "The demo lets anyone sign in as anyone; it answers on loopback only."
    )

_SECURE = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = _SECURE
CSRF_COOKIE_SECURE = _SECURE
SECURE_HSTS_SECONDS = 31_536_000 if _SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _SECURE
SECURE_SSL_REDIRECT = _SECURE and env.flag("GREENROOM_SSL_REDIRECT")
BEHIND_PROXY = env.flag("GREENROOM_BEHIND_PROXY")
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
TRUSTED_PROXIES = env.networks(
    "GREENROOM_TRUSTED_PROXIES", default=["127.0.0.1", "::1"] if BEHIND_PROXY else []
)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

INSTALLED_APPS = [
    "payments.apps.PaymentsConfig",
    "review.apps.ReviewConfig",
    "generation.apps.GenerationConfig",
    "portal.apps.PortalConfig",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "pgtrigger",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "portal.middleware.RequestIdMiddleware",
    "portal.api.middleware.ApiMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "portal.middleware.UserLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.middleware.SeenMiddleware",
    "portal.middleware.SecondFactorMiddleware",
    "portal.middleware.AgreementMiddleware",
    "portal.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "portal.config.urls"
WSGI_APPLICATION = "portal.config.wsgi.application"
ASGI_APPLICATION = "portal.config.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "portal.context_processors.page",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton", "portal.templatetags.greenroom"],
        },
    }
]
COTTON_DIR = "components"
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

_DATABASE_URL = env.secret(
    "DATABASE_URL", stand_in="postgresql://localhost/greenroom" if TOOL else None
)
# Commands of the owner's (see manage.py) make and change tables; whoever serves people may not.
_OWNER_URL = env.text("GREENROOM_OWNER_DATABASE_URL", default="")
AS_OWNER = env.flag("GREENROOM_AS_OWNER") and bool(_OWNER_URL)
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(
        _OWNER_URL if AS_OWNER else _DATABASE_URL, conn_max_age=60, conn_health_checks=True
    )
}
# The role that the application connects as, whoever this process is.
DATABASE_ROLE: str = dj_database_url.parse(_DATABASE_URL)["USER"]
# Django turns prepared statements off; its own cursors ask for none, ``portal.prepared`` does.
DATABASES["default"].setdefault("OPTIONS", {})["prepare_threshold"] = 5
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.secret("REDIS_URL", stand_in="redis://localhost:6379/0" if TOOL else None)
# ``unix://`` is redis-py's name for a socket; Celery's transport calls it ``redis+socket://``.
_CELERY_REDIS = REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "greenroom",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

CELERY_BROKER_URL = _CELERY_REDIS
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "jobs"
CELERY_TASK_ROUTES = {"generation.tasks.render_waiting": {"queue": "gpu"}}
# A message is a doorbell: the rows say what is to be done, so an early ack loses nothing.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = beat.SCHEDULE

AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "landing"
# Where an artist goes after signing, and the pages that wait for the signature (by URL name).
ARTIST_START_URL = "generation:studio"
AGREEMENT_FIRST = ["generation:*", "review:submit", "key_new", "webhook_new", "device"]
# Of these, what waits when somebody who signed before has a newer text to sign; what is already
# theirs stays open. The composer refuses by itself and keeps what was typed.
AGREEMENT_AGAIN = [
    "generation:script",
    "generation:clip_rerun",
    "generation:clip_vary",
    "generation:clip_run_again",
    "review:submit",
    "key_new",
    "webhook_new",
    "device",
]

# Staff need a second factor. The demo's people sign in with one click, so it has none to ask for.
STAFF_SECOND_FACTOR = env.flag("GREENROOM_STAFF_SECOND_FACTOR", default=not DEMO)
OPEN_WITHOUT_SECOND_FACTOR = ["account_*", "mfa_*", "usersessions_*", "second_factor", "profile"]

ACCOUNT_ADAPTER = "portal.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
# How long a proof of identity counts as recent where a page asks for one.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_ADAPTER = "portal.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {"add_webauthn": "portal.account_forms.AddPasskeyForm"}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO or TESTING
USERSESSIONS_TRACK_ACTIVITY = True

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
TIME_ZONE = env.text("GREENROOM_TIME_ZONE", default="Europe/Paris")
USE_I18N = True
FORMAT_MODULE_PATH = ["portal.formats"]
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
# Renders, previews and masters: private, reached only through the release gate.
MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "/no-public-media/"
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    "log_heads": stores.log_heads(
        env.text("GREENROOM_LOG_HEADS_BUCKET", default=""),
        folder=env.text("GREENROOM_LOG_HEADS_FOLDER", default=str(VAR_DIR / "log-heads")),
        endpoint=env.text("GREENROOM_S3_ENDPOINT", default=""),
        lock_days=env.number("GREENROOM_LOG_HEADS_LOCK_DAYS", default=0),
    ),
}
# Where the head of the log goes once a day: off, store, mail or both.
LOG_HEADS = env.text("GREENROOM_LOG_HEADS", default="store")
if LOG_HEADS not in {"off", "store", "mail", "both"}:
    raise ImproperlyConfigured(
        f"GREENROOM_LOG_HEADS is {LOG_HEADS!r}: say off, store, mail or both."
    )
LOG_HEADS_TO = env.words("GREENROOM_LOG_HEADS_TO", default=[])
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# A payout's draft names each artist it pays.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

EMAIL_BACKEND = env.text(
    "GREENROOM_EMAIL_BACKEND",
    default="portal.mail.OutboxBackend" if DEMO else "django.core.mail.backends.smtp.EmailBackend",
)
EMAIL_FILE_PATH = VAR_DIR / "outbox"
EMAIL_HOST = env.text("GREENROOM_SMTP_HOST", default="localhost")
EMAIL_PORT = env.number("GREENROOM_SMTP_PORT", default=25)
EMAIL_HOST_USER = env.text("GREENROOM_SMTP_USER", default="")
EMAIL_HOST_PASSWORD = env.text("GREENROOM_SMTP_PASSWORD", default="")
EMAIL_USE_TLS = env.flag("GREENROOM_SMTP_TLS")
DEFAULT_FROM_EMAIL = env.text("GREENROOM_MAIL_FROM", default="Greenroom <greenroom@localhost>")

# Lets webhooks reach this machine itself (loopback), with plain HTTP; nothing else private.
WEBHOOK_PRIVATE_TARGETS = env.flag("GREENROOM_WEBHOOK_PRIVATE_TARGETS", default=DEMO)

# With all access keys of one person together.
API_REQUESTS_PER_MINUTE_PER_PERSON = env.number("GREENROOM_API_RATE_PER_PERSON", default=1_200)
# How long a takeout waits to be downloaded.
TAKEOUT_DAYS = env.number("GREENROOM_TAKEOUT_DAYS", default=7)
# How long the deletion of an account can be taken back.
DELETION_DAYS = env.number("GREENROOM_DELETION_DAYS", default=14)
# Different people who draft, approve and send one payout.
PAYOUT_PEOPLE = env.number("GREENROOM_PAYOUT_PEOPLE", default=2 if DEMO else 3)
if PAYOUT_PEOPLE not in {2, 3}:
    raise ImproperlyConfigured(f"GREENROOM_PAYOUT_PEOPLE is {PAYOUT_PEOPLE}: say 2 or 3.")
# The programme's own account, which SEPA credit transfers leave from. The demo's is nobody's.
SEPA_NAME = env.text("GREENROOM_SEPA_NAME", default="Greenroom" if DEMO else "")
SEPA_IBAN = env.text("GREENROOM_SEPA_IBAN", default="DE89370400440532013000" if DEMO else "")
SEPA_BIC = env.text("GREENROOM_SEPA_BIC", default="")
PAYEE_COOLING_HOURS = env.number("GREENROOM_PAYEE_COOLING_HOURS", default=72)
PAYOUT_MINIMUMS = env.words("GREENROOM_PAYOUT_MINIMUM", default=[])
# 0 promises none; a later day than the 28th is not in every month.
PAYOUT_DAY = env.number("GREENROOM_PAYOUT_DAY", default=25 if DEMO else 0)
if not 0 <= PAYOUT_DAY <= 28:
    raise ImproperlyConfigured(f"GREENROOM_PAYOUT_DAY is {PAYOUT_DAY}: say 1 to 28, or 0.")
TRANSIT_DAYS = env.number("GREENROOM_TRANSIT_DAYS", default=7)
INVITATION_DAYS = env.number("GREENROOM_INVITATION_DAYS", default=14)
INVITATION_REMINDER_DAYS = env.number("GREENROOM_INVITATION_REMINDER_DAYS", default=3)
APPLICATION_DAYS = env.number("GREENROOM_APPLICATION_DAYS", default=180)

# GPU worker
GENERATION_CATALOGUE = env.text(
    "GREENROOM_CATALOGUE", default=str(BASE_DIR / "generation" / "catalogue")
)
GENERATION_DEVICE = env.text("GREENROOM_DEVICE", default="auto")
# How much of the device's memory warm models may share; 0 holds the last used one alone.
GENERATION_WARM_GIB = env.number("GREENROOM_WARM_GIB", default=0)
# The largest video file that is taken to start from.
GENERATION_VIDEO_UPLOAD_MB = env.number("GREENROOM_VIDEO_UPLOAD_MB", default=100)
# How long an extension may be with what it extends.
GENERATION_LONGEST_SECONDS = env.number("GREENROOM_LONGEST_SECONDS", default=120)
GENERATION_LEASE_SECONDS = env.number("GREENROOM_LEASE_SECONDS", default=20)
GENERATION_MODEL_LOAD_SECONDS = env.number("GREENROOM_MODEL_LOAD_SECONDS", default=60)

# A reviewer's claim lapses this long after their page last said it is open.
REVIEW_LEASE_SECONDS = env.number("GREENROOM_REVIEW_LEASE_SECONDS", default=120)
# How long a reviewer can undo a verdict before it takes effect; 0 for not at all.
REVIEW_UNDO_SECONDS = env.number("GREENROOM_DECISION_UNDO_SECONDS", default=20)
# Content credentials: how the programme calls itself, and what signs for it.
PROGRAMME_NAME = env.text("GREENROOM_PROGRAMME", default="Greenroom")
PROVENANCE_FOLDER = VAR_DIR / "provenance"
PROVENANCE_CHAIN = env.text("GREENROOM_PROVENANCE_CHAIN", default="")
PROVENANCE_KEY = env.text("GREENROOM_PROVENANCE_KEY", default="")
PROVENANCE_SIGNER = env.text("GREENROOM_PROVENANCE_SIGNER", default="")
PROVENANCE_ROOTS = env.text("GREENROOM_PROVENANCE_ROOTS", default="")
PROVENANCE_TIMESTAMPS = env.text("GREENROOM_PROVENANCE_TIMESTAMPS", default="")
# How many clips are signed at once, on all machines together.
PROVENANCE_JOBS = env.number("GREENROOM_PROVENANCE_JOBS", default=2)
# The largest file that anybody may have looked at.
VERIFY_UPLOAD_MB = env.number("GREENROOM_VERIFY_UPLOAD_MB", default=200)
if PROVENANCE_CHAIN and not (PROVENANCE_KEY or PROVENANCE_SIGNER):
    raise ImproperlyConfigured(
        "GREENROOM_PROVENANCE_CHAIN is set: say GREENROOM_PROVENANCE_KEY or "
        "GREENROOM_PROVENANCE_SIGNER too."
    )
# Behind nginx: the internal location of the media folder, e.g. ``/media-behind-the-gate/``.
MEDIA_ACCEL_PREFIX = env.text("GREENROOM_MEDIA_ACCEL_PREFIX", default="")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "portal.log.RequestIdFilter"}},
    "formatters": {
        "line": {
            "class": "portal.log.Line",
            "format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s",
        }
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["stderr"], "level": env.text("GREENROOM_LOG_LEVEL", default="INFO")},
}
