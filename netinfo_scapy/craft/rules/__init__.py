"""A rule set: rules as data, with the cases in which they must alert beside them."""
