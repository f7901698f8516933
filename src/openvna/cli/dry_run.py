"""What a collection will ask, for people: APIs and places with their calls, rates and least times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openvna.cli.output import clean, say, table

if TYPE_CHECKING:
    from openvna.collect import ApiForecast, Forecast

_PLACES = 20


def shown(forecast: Forecast) -> None:
    """Two tables, the sum, and what is estimated in it."""
    if forecast.apis:
        table(
            [
                (
                    api.api,
                    f"{api.calls:,}",
                    f"{api.calls - api.fixed:,}",
                    f"{api.places:,}",
                    *_rate(api),
                    f"{api.seconds:,.1f}",
                )
                for api in forecast.apis
            ],
            ("api", "calls", "estimated", "places", "at once", "a second", "seconds"),
        )
        say()
        slowest = sorted(forecast.places, key=lambda each: (-each.seconds, -each.calls, each.account, each.region))
        table(
            [
                (
                    clean(each.account),
                    clean(each.region) or "global",
                    f"{each.calls:,}",
                    f"{each.seconds:,.1f}",
                    each.slowest,
                )
                for each in slowest[:_PLACES]
            ],
            ("account", "region", "calls", "seconds", "slowest api"),
        )
        if len(slowest) > _PLACES:
            say(f"and {len(slowest) - _PLACES:,} more places that take less; --format json has them all")
        say()
    calls = f"{forecast.calls:,} call{'' if forecast.calls == 1 else 's'}"
    scopes = f"{forecast.scopes:,} scope{'' if forecast.scopes == 1 else 's'}"
    say(f"{calls} in {scopes}, in {forecast.seconds:,.1f} s at least. Nothing was collected.")
    if forecast.scheduled is not None and forecast.scheduled.resting:
        by = forecast.scheduled
        rest = f"{by.resting:,} of the scopes rest{'s' if by.resting == 1 else ''}"
        say(f"{by.calls:,} calls by the schedule, in {by.seconds:,.1f} s at least: {rest}.")
    for note in forecast.notes:
        say(f"- {note}")
    for refused in forecast.refused:
        place = f"{refused.account} {refused.region}".strip() or forecast.source
        say(f"- {clean(place)}: {clean(refused.failure.message)}")


def _rate(api: ApiForecast) -> tuple[str, str]:
    if api.at_once is None or api.per_second is None:
        return ("any", "any")
    return (f"{api.at_once:g}", f"{api.per_second:g}")
