"""The calendar's text: what it says and what it may not say."""

from datetime import date, time
from importlib import resources

import pytest

from support_desk.app import create_app
from support_desk.calendar.hours import Hours
from support_desk.calendar.parsing import CalendarUnreadable, parse_calendar
from support_desk.calendar.service import business_calendar
from support_desk.config import SettingsError


def test_a_calendar_is_read_whole():
    calendar = parse_calendar(
        """
        zone = "Asia/Tokyo"
        holidays = ["10:00-15:00"]
        year_end = ["12-29", "01-03"]
        quiet = "20:00-09:00"
        [weekly]
        every_day = ["09:00-12:00", "13:00-18:00"]
        sunday = []
        [exceptions]
        "2026-12-30" = ["18:00-24:00"]
        """
    )
    assert calendar.weekly[0] == (Hours(time(9), time(12)), Hours(time(13), time(18)))
    assert calendar.weekly[6] == ()
    assert calendar.holiday_hours == (Hours(time(10), time(15)),)
    assert calendar.exceptions == {date(2026, 12, 30): (Hours(time(18), time(0)),)}
    assert calendar.hours_on(date(2026, 12, 30)) == (Hours(time(18), time(20)),)
    assert calendar.hours_on(date(2026, 12, 31)) == ()


def test_the_default_calendar_is_open_every_day_from_nine_to_eight():
    text = resources.files("support_desk.calendar").joinpath("default.toml").read_text(encoding="utf-8")
    calendar = parse_calendar(text)
    assert calendar.zone == "Asia/Tokyo"
    assert all(calendar.hours_on(date(2026, 11, day)) == (Hours(time(9), time(20)),) for day in range(20, 28))


@pytest.mark.parametrize(
    "text",
    [
        "zone = 'Mars/Olympus'",
        "zone = ",
        "open = 'always'",
        "holidays = 'sometimes'",
        "[weekly]\nmoonday = []",
        "[weekly]\nmonday = ['9 to 5']",
        "[weekly]\nmonday = ['18:00-09:00']",
        "[weekly]\nmonday = '09:00-18:00'",
        "year_end = ['12-29']",
        "year_end = 'winter'",
        "[exceptions]\n'30 December' = []",
        "quiet = '22:00-08:00'",
        "quiet = '21:00-07:00'",
        "quiet = '08:00-21:00'",
    ],
)
def test_a_faulty_calendar_is_refused(text):
    with pytest.raises(CalendarUnreadable):
        parse_calendar(text)


def test_a_desk_with_a_faulty_calendar_does_not_start(make_settings, tmp_path):
    faulty = tmp_path / "calendar.toml"
    faulty.write_text("[weekly]\nmonday = ['9 to 5']")
    for file in (faulty, tmp_path / "missing.toml"):
        with pytest.raises(SettingsError, match="SUPPORT_DESK_CALENDAR_FILE"):
            create_app(make_settings(calendar_file=str(file)))


def test_the_calendar_of_the_settings_is_the_desks(make_settings, tmp_path):
    own = tmp_path / "calendar.toml"
    own.write_text("holidays = 'closed'\n[weekly]\nmonday = ['10:00-12:00']")
    with create_app(make_settings(calendar_file=str(own), time_zone="Asia/Seoul")).app_context():
        calendar = business_calendar()
    assert calendar.zone == "Asia/Seoul"
    assert calendar.hours_on(date(2026, 11, 30)) == (Hours(time(10), time(12)),)
