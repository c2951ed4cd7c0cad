import { checkGroup } from './check';

checkGroup('convolutional');
