"""One file for each part of the site: a visit comes in, an answer goes out; nothing here knows HTTP."""
