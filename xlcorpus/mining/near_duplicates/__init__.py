"""Texts that say nearly the same: shingles, MinHash signatures, bands, verified resemblance, who stands for whom."""
