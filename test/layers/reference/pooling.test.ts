import { checkGroup } from './check';

checkGroup('pooling');
