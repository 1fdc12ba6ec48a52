"""The steps from an empty file to today's schema, one SQL file each, applied in order of their number."""
