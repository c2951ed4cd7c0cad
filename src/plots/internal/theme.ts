// The colors are below all rooms that draw: pages have them, too.
export * from '../../base/theme';
