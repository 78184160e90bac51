"""SPF, DKIM, DMARC, with a name server of our own."""
