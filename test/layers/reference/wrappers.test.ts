import { checkGroup } from './check';

checkGroup('wrappers');
