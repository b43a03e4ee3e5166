"""What governments do, and how it is written down."""
