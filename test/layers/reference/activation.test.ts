import { checkGroup } from './check';

checkGroup('activation');
