"""Frames, charts, formats and the theme. Knows no Streamlit state."""
