"""Pages with plots that need nothing from elsewhere."""
