"""A capture that can be shared: what names people and machines is replaced, what is not understood is not copied."""
