import { checkGroup } from './check';

checkGroup('attention');
