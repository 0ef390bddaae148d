"""The page of `hparam-ci ui`: Streamlit and Plotly over the same pipeline. Imported only where the extra `ui` is."""
