"""``http.php`` and its server."""
