"""Pictures of many sizes: read with their own aspect ratio, decoded once and kept, and cut to the model's input."""
