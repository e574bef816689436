"""Working on text: plain functions over strings and polars columns; no Ray, no files."""
