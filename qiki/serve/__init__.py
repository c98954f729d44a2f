"""The services: each pulls, calls the core, publishes."""
