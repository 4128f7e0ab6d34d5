"""The documented queries that people judge Stitch by, a file of Presto SQL each; its first line says what it shows."""
