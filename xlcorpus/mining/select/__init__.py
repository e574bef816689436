"""From neighbours to pairs: margins, matching, thresholds."""
