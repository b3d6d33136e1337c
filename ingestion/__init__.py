"""How bytes arrive, are proved and land: exchange files in, immutable batches out."""
