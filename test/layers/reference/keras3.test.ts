/** Layers that only Keras 3 has: see test/reference/keras3/layers.py. */
import { checkGroup } from './check';

checkGroup('attention', 'keras3/layers');
