"""The pages of comparing: the form, an opened comparison, the plan, the blind vote and the exports."""
