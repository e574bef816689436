"""Small fixed functions in place of models, for rehearsals (`xlcorpus.rehearsing`)."""
