"""The plugins that come with OpenVNA, one folder each."""
