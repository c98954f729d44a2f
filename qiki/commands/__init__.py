"""The sub-commands of ``qiki``, one file each. A command reads settings, calls, prints."""
