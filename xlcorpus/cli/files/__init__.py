"""Commands that work on files without a pipeline: files in, one step, files out."""
