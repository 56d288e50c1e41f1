"""Personal values as agents see them: enough to recognise, too little to use."""

HIDDEN = "＊"


def mask_name(name: str | None) -> str | None:
    """The first character alone: 山＊."""
    return name.strip()[:1] + HIDDEN if name and name.strip() else None


def mask_email(email: str | None) -> str | None:
    """The first character of the local part: t＊＊＊@＊＊＊."""
    return email.strip()[:1] + HIDDEN * 3 + "@" + HIDDEN * 3 if email and email.strip() else None


def mask_phone(phone: str | None) -> str | None:
    """The last two characters: ＊＊＊＊12."""
    digits = (phone or "").strip()
    return HIDDEN * 4 + digits[-2:] if len(digits) > 4 else HIDDEN * 4 if digits else None
