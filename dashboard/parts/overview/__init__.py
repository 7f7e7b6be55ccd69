"""Parts of the Overview page below its figures and its chart."""
