"""NATS: the broker, the connection, subjects, streams, headers, and how messages come and go."""
