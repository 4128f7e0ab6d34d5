"""What a run says about its people, in figures made of its output tables alone."""
