"""The command line: one file a command group, each loaded when it is called."""
