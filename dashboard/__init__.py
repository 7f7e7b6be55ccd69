"""The dashboard: pages over `core`, served by Streamlit. Begin with server, then streamlit_app, state, app_pages."""
