"""Independent means for the tests: nothing here uses the product's code."""
