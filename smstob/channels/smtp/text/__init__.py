"""From the octets of a mail to the text of an SMS. The only part that imports lxml."""
