export * from './timeseries-dataset';
export * from './timeseries-generator';
