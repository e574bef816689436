"""Steps that give rows another shape: fields of fields, rows of rows, tables of tables."""
