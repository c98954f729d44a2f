"""Protobuf and gRPC code, written by protos/generate.py; do not edit."""
