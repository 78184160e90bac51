"""The form that sends, as tests fill it in."""

from smstob.desktop.windows.compose import ComposeView
from smstob.model.contact import Card
from tests.desktop.windows.desktop import Desktop

ANNE = Card(name="Anne Martin", number="0611111111", v1="10 h")
BRUNO = Card(name="Bruno Martin", number="0622222222", v1="11 h 30")


def form_of(desktop: Desktop) -> ComposeView:
    """The form."""
    return desktop.window.compose


def write(desktop: Desktop, recipients: str, text: str) -> None:
    """Type both, and wait until it is said what they come to."""
    form = form_of(desktop)
    desktop.screen.click(form.recipients.area)
    desktop.screen.type(recipients)
    desktop.screen.key("Escape")
    desktop.screen.click(form.message.area)
    desktop.screen.type(text)
    desktop.screen.pump(1.0)
