"""The command about factors: what there is, what each is worth at an instant, and how well they foretell."""
