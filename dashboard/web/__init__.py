"""The web process beside Streamlit's pages: routes, headers, cookies, exports, uploads, sockets."""
