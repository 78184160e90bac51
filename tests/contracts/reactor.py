"""Tests that wait for the real reactor, which pytest-twisted runs."""

from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, cast

import pytest_twisted  # type: ignore[import-untyped]

P = ParamSpec("P")


def in_reactor(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run the coroutine ``test`` with the reactor going."""
    return cast("Callable[P, None]", pytest_twisted.ensureDeferred(test))
