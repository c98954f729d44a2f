"""The scenarios that come with QIKI, as YAML files; see ``qiki.radar.Scenario.load``."""
