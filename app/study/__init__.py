"""The study page's parts: declared, launched, watched as one, judged."""
