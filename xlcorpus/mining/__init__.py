"""Finding parallel text: plain functions over arrays; no Ray, no files."""
