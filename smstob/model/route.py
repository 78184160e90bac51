"""Which gateways a number may leave by."""

from collections.abc import Container, Sequence

import attrs


@attrs.frozen
class Route:
    """Numbers in E.164 that begin with ``prefix`` leave by ``gateways``, in order of preference."""

    prefix: str
    gateways: tuple[str, ...]


class Routes:
    """All routes; the longest prefix that fits a number rules it."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = sorted(routes, key=lambda route: len(route.prefix), reverse=True)

    def gateways(self, number: str) -> tuple[str, ...]:
        """The gateways for ``number``, in order of preference; none where no route fits."""
        for route in self._routes:
            if number.startswith(route.prefix):
                return route.gateways
        return ()

    def choose(self, number: str, down: Container[str]) -> str | None:
        """The first gateway for ``number`` that is not ``down``; the preferred one if all are."""
        gateways = self.gateways(number)
        return next((name for name in gateways if name not in down), gateways[0] if gateways else None)

    def detours(self, gateway: str, down: Container[str]) -> list[str]:
        """The prefixes of the routes of ``gateway`` that have another gateway which is not ``down``."""
        return [
            route.prefix
            for route in self._routes
            if gateway in route.gateways and any(name not in down for name in route.gateways if name != gateway)
        ]
