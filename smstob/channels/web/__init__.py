"""The customers' pages, usable without scripts. Imports what ``channels`` may, and Klein, Jinja2, Babel, segno."""
