import { checkGroup } from './check';

checkGroup('normalization');
