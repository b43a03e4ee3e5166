"""What a government can do about pressure: hedges beforehand."""
