export { Hdf5Reader, type Hdf5Found } from './reader';
export { Hdf5Writer, type Hdf5Attribute, type Hdf5Dtype } from './writer';
