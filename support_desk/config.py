"""Settings: the only reader of the environment."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

DEVELOPMENT = "development"
PRODUCTION = "production"
_SHIFT = re.compile(r"([+-])(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_MINIMUM_SECRET_LENGTH = 32


class SettingsError(Exception):
    """A setting is missing, malformed or unsafe; the message names it."""


def setting(default: Any, meaning: str) -> Any:
    """A field of Settings with the sentence that documents it."""
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that may differ between two installations; each field is SUPPORT_DESK_<NAME>."""

    env: str = setting(DEVELOPMENT, "`development` or `production`; production refuses unsafe settings")
    host: str = setting("127.0.0.1", "address the web listens on")
    port: int = setting(8000, "port the web listens on")
    base_url: str = setting("", "address customers reach the pages at; links in mails start with it")
    var: Path = setting(Path("var"), "folder of engine data, logs and captured messages")
    database_url: str = setting("", "PostgreSQL; empty: the embedded one is started (`DATABASE_URL` is read too)")
    redis_url: str = setting("", "Redis or Valkey; empty: the embedded one is started (`REDIS_URL` is read too)")
    secret_key: str = setting(
        "", "secrets of at least 32 characters, comma-separated; the first signs and encrypts, all verify"
    )
    mail_url: str = setting("", "where mail goes: `file://<folder>`; empty: `<var>/outgoing/mail`")
    sms_url: str = setting("", "where SMS go: `file://<folder>`; empty: `<var>/outgoing/sms`")
    letters_dir: str = setting("", "where letters are put; empty: `<var>/outgoing/letters`")
    mail_from: str = setting("no-reply@support-desk.example", "sender of mail")
    shop_name: str = setting("Example Shop", "name of the shop in pages and messages")
    desk_phone: str = setting("+81312345678", "number that rings at a callback, announced to the customer")
    phone_line: str = setting("", "number of the phone line shown on the help pages; empty: none")
    policy_file: str = setting("", "policy TOML that replaces the packaged one")
    time_zone: str = setting("Asia/Tokyo", "zone of business hours and of dates shown to people")
    slot_minutes: int = setting(15, "length of a callback slot")
    handling_minutes: int = setting(15, "minutes one call takes; at most a slot")
    lease_seconds: int = setting(60, "how long an offered callback is kept for one agent")
    job_lease_seconds: int = setting(60, "how long a worker may take over one job before another one may begin it")
    calendar_file: str = setting("", "business calendar TOML that replaces the packaged one")
    callback_lead_minutes: int = setting(15, "how far ahead a callback slot must lie to be booked")
    callback_horizon_days: int = setting(14, "how many days ahead callback slots are offered")
    call_minutes: int = setting(60, "how long a call may last before its outcome is asked of somebody else")
    unresolved_seat_share: int = setting(10, "one seat in this many is held for tickets that did not resolve")
    agent_second_factor: str = setting("", "`required` or `optional`; empty: optional in development only")
    trusted_proxies: int = setting(0, "how many proxies in front set X-Forwarded-For")
    time_shift: timedelta = setting(timedelta(0), "development only: shift of business time, such as `+73h`")
    log_level: str = setting("INFO", "least severe level that is logged")
    web_processes: int = setting(2, "web processes started by `up` and `web`")
    web_threads: int = setting(8, "threads of each web process")
    worker_processes: int = setting(2, "worker processes started by `up`")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None, **override: Any) -> Settings:
        """Settings read from the environment, checked; raises SettingsError."""
        source = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        for item in fields(cls):
            text = source.get(f"SUPPORT_DESK_{item.name.upper()}", "")
            if not text and item.name in ("database_url", "redis_url"):
                text = source.get(item.name.upper(), "")
            if text:
                values[item.name] = _parse(item.name, text, item.default)
        values.update(override)
        return cls(**values)._completed()

    def _completed(self) -> Settings:
        """The same settings with what follows from others filled in, refused when unsafe."""
        if self.env not in (DEVELOPMENT, PRODUCTION):
            raise SettingsError("SUPPORT_DESK_ENV must be development or production")
        var = self.var.expanduser().absolute()
        set_ = object.__setattr__
        set_(self, "var", var)
        set_(self, "database_url", _with_driver(self.database_url))
        set_(self, "base_url", (self.base_url or f"http://{self.host}:{self.port}").rstrip("/"))
        set_(self, "mail_url", self.mail_url or f"file://{var}/outgoing/mail")
        set_(self, "sms_url", self.sms_url or f"file://{var}/outgoing/sms")
        set_(self, "letters_dir", self.letters_dir or f"{var}/outgoing/letters")
        if self.handling_minutes > self.slot_minutes or self.handling_minutes < 1:
            raise SettingsError("SUPPORT_DESK_HANDLING_MINUTES must lie between 1 and SUPPORT_DESK_SLOT_MINUTES")
        if self.agent_second_factor not in ("", "required", "optional"):
            raise SettingsError("SUPPORT_DESK_AGENT_SECOND_FACTOR must be required or optional")
        if self.env == PRODUCTION:
            self._refuse_unsafe()
        elif not self.secret_key:
            set_(self, "secret_key", _development_secret(var))
        if not self.agent_second_factor:
            set_(self, "agent_second_factor", "required" if self.production else "optional")
        return self

    def _refuse_unsafe(self) -> None:
        if not self.database_url or not self.redis_url:
            raise SettingsError("production needs SUPPORT_DESK_DATABASE_URL and SUPPORT_DESK_REDIS_URL")
        for secret in self.secret_key.split(","):
            if len(secret.strip()) < _MINIMUM_SECRET_LENGTH or len(set(secret)) < 10:
                raise SettingsError("production needs a SUPPORT_DESK_SECRET_KEY of 32 random characters")
        if not self.base_url.startswith("https://"):
            raise SettingsError("production needs an https SUPPORT_DESK_BASE_URL")
        if self.time_shift:
            raise SettingsError("SUPPORT_DESK_TIME_SHIFT is for development only")
        if self.agent_second_factor == "optional":
            raise SettingsError("SUPPORT_DESK_AGENT_SECOND_FACTOR must be required in production")

    @property
    def production(self) -> bool:
        return self.env == PRODUCTION

    @property
    def secret_keys(self) -> tuple[str, ...]:
        return tuple(key.strip() for key in self.secret_key.split(",") if key.strip())


def environ_with(**values: str) -> dict[str, str]:
    """The environment of this process with some of it changed, for a child."""
    return {**os.environ, **values}


def _parse(name: str, text: str, default: Any) -> Any:
    try:
        if isinstance(default, timedelta):
            return _parse_shift(text)
        if isinstance(default, int):
            return int(text)
        if isinstance(default, Path):
            return Path(text)
    except ValueError as error:
        raise SettingsError(f"SUPPORT_DESK_{name.upper()} is malformed: {error}") from None
    return text


def _parse_shift(text: str) -> timedelta:
    match = _SHIFT.fullmatch(text)
    if match is None:
        raise ValueError("write a shift as +3d, -2h or +1d2h3m4s")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    shift = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return shift if match.group(1) == "+" else -shift


def _with_driver(url: str) -> str:
    """The same database address, naming the driver that is installed."""
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)


def _development_secret(var: Path) -> str:
    """A secret kept beside the development data, so that a restart can still read it."""
    path = var / "secret_key"
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"secret_key.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)  # atomic: of two processes that start together one wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
