"""The views of the Data page for pictures with boxes."""
