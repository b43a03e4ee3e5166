"""deterrence"""
