"""The cases of the corpus, by kind."""
