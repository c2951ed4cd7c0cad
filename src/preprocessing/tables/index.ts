export * from './as-table';
export * from './csv';
export type { ColumnKind, NumberColumn, StringColumn, Table, TableColumn } from './table';
export * from './table-data';
