"""The vehicles that come with QIKI, as YAML files."""
