"""Commands of their own, beside those of `gaiatsu.cli`. Each module is light: it imports what it needs when it runs."""
