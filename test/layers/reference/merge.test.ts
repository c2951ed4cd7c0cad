import { checkGroup } from './check';

checkGroup('merge');
