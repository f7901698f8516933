"""One file a step; its number is the version of the schema."""
