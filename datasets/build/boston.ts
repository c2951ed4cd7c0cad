/**
 * Makes `boston_housing.npz` from `boston_tracts.dbf` of the R package spData (CC0):
 *
 *     apt-get download r-cran-spdata && dpkg-deb -x r-cran-spdata_*.deb spdata
 *     npx tsx datasets/build/boston.ts spdata/usr/lib/R/site-library/spData/shapes/boston_tracts.dbf
 *
 * The rows are put in the order of the original publication: by town, in it by tract.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npz } from './npz-writer';

const FEATURES = 'CRIM ZN INDUS CHAS NOX RM AGE DIS RAD TAX PTRATIO B LSTAT'.split(' ');

/** The rows of a dBASE table: a head, a description of 32 bytes for each column, then text of fixed width. */
const readTable = (bytes: Buffer): Map<string, number>[] => {
  const [rows, headLength, rowLength] = [
    bytes.readUInt32LE(4),
    bytes.readUInt16LE(8),
    bytes.readUInt16LE(10),
  ];
  const columns: { name: string; start: number; end: number }[] = [];
  let start = 1;
  for (let at = 32; bytes[at] !== 0x0d; at += 32) {
    const end = start + (bytes[at + 16] ?? 0);
    columns.push({ name: bytes.toString('latin1', at, at + 11).replace(/\0.*$/s, ''), start, end });
    start = end;
  }
  return Array.from({ length: rows }, (_, row) => {
    const at = headLength + row * rowLength;
    return new Map(
      columns.map(({ name, start, end }) => [name, Number(bytes.toString('latin1', at + start, at + end))]),
    );
  });
};

const valueOf = (row: Map<string, number>, name: string): number => {
  const value = row.get(name);
  if (value === undefined || !Number.isFinite(value)) throw new Error(`no number in the column ${name}`);
  return value;
};

const source = process.argv[2];
if (source === undefined) throw new Error('usage: tsx datasets/build/boston.ts boston_tracts.dbf');
const rows = readTable(readFileSync(source)).sort(
  (a, b) => valueOf(a, 'TOWNNO') - valueOf(b, 'TOWNNO') || valueOf(a, 'TRACT') - valueOf(b, 'TRACT'),
);
const bytesOf = (numbers: readonly number[]): Uint8Array => new Uint8Array(Float64Array.from(numbers).buffer);
const content = npz({
  x: {
    type: '<f8',
    shape: [rows.length, FEATURES.length],
    data: bytesOf(rows.flatMap((row) => FEATURES.map((name) => valueOf(row, name)))),
  },
  y: { type: '<f8', shape: [rows.length], data: bytesOf(rows.map((row) => valueOf(row, 'MEDV'))) },
});
writeFileSync(join(__dirname, '..', 'boston_housing.npz'), content);
