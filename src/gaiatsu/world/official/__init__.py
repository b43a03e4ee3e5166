"""Worlds from official tables as published: OECD ICIO, WIOD, EXIOBASE 3, FIGARO, ADB MRIO.

One module per original (icio, wiod, exiobase, figaro, adb) reads its files into a common form (table), adding up the
regions and sectors wanted on the way (groups); reduce makes closed accounts of it, with duties from duties; detect says
what a wrong file resembles.
"""
