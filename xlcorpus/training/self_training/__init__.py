"""The CRISS loop: mine, train on what was mined, mine again."""
