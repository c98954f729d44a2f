"""Latency gates and comparisons with peers; `make gates` runs them, README.md explains them."""
