"""What a form is and what a consent means; knows nobody."""
