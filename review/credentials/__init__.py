"""Content credentials: who signs what leaves, what is said in it, and what others' say."""
