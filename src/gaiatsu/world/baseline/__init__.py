"""The baseline of 2022: observed trade and output, with technology updated or borrowed from the tables of 2014."""
