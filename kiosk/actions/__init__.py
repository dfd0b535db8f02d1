"""What people do: one function, one transaction, one line of audit."""
