"""Follow one person's account through a year, each line with its rule and the file and line it came from."""
