"""A real Redis or Valkey as a source: read-only unless the user says otherwise, and polite."""
