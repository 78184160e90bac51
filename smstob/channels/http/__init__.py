"""The HTTP door: ``http.php`` and, behind it, the pages. Imports what ``channels`` may, and twisted.web."""
