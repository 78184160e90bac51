"""The pages in a real browser, in front of the real daemon: what people do, from the first page to the telephone."""
