"""Manoeuvres of the reference agent: each looks at a view and says how to push and turn."""
