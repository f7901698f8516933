"""The resource types, one declaration each. A module here is found by itself: there is no list to add it to."""
