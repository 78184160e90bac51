"""Letters by e-mail: what they say (``french``, ``sections``), how they are written (``letter``), how they leave."""
