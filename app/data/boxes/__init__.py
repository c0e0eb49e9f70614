"""The views of pictures with boxes."""
