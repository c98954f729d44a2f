"""What QIKI is compared with. A peer stands alone: it imports nothing of qiki."""
