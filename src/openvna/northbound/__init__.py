"""Where it goes: what OpenVNA hands on to people and to other tools."""
